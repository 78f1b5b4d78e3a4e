import Foundation
import Testing

/// Memory or threads that cannot be had give one line and an exit code, and no trap.
///
/// AddressSanitizer reserves terabytes of addresses, so it cannot run under a limit.
@Suite(.enabled(if: !isUnderAddressSanitizer)) struct LimitedMemoryTests {
  /// Limits of addresses in kilobytes, from too few for the data to enough for everything.
  @Test(arguments: [
    110_000, 160_000, 174_000, 183_000, 200_000, 280_000, 420_000, 600_000, 800_000,
  ])
  func aLimitOfAddressesIsTold(_ kilobytes: Int) throws {
    let scratch = try Scratch()
    try scratch.makeBlanks(training: 60_000, test: 1000)
    for settings in [
      ["--arch", "conv(8,3) relu pool(2) fc(classes)", "--batch-size", "2048"],
      ["--arch", "fc(1024) relu fc(classes)", "--batch-size", "50"],
      ["--arch", "conv(64,3) relu conv(64,3) relu fc(classes)", "--batch-size", "256"],
    ] {
      let run = scratch.fresh("run")
      let outcome = try Program.run(
        "train",
        settings + [
          "--data-dir", "blanks", "--max-steps", "1", "--threads", "2", "--progress", "none",
          "--filters-every", "0", "--limit-train", "3000", "--run-dir", run,
        ], shell: "ulimit -v \(kilobytes); exec \"$@\"", in: scratch)
      #expect([0, 1, 2].contains(outcome.status), "\(kilobytes): \(outcome.errors)")
      guard outcome.status != 0 else { continue }
      #expect(outcome.errorLines.count == 1, "\(kilobytes): \(outcome.errors)")
      #expect(outcome.errors.contains("memory"), "\(kilobytes): \(outcome.errors)")
    }
  }

  @Test func aSmallLimitIsNotEnough() throws {
    let scratch = try Scratch()
    try scratch.makeBlanks(training: 60_000, test: 1000)
    let outcome = try Program.run(
      "train", ["--data-dir", "blanks", "--run-dir", "run", "--progress", "none"],
      shell: "ulimit -v 110000; exec \"$@\"", in: scratch)
    outcome.expectFailure(
      1, "blanks/train-images-idx3-ubyte: not enough memory to load the data (found …")
  }

  @Test func threadsThatCannotBeHadAreTold() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    // Each thread takes 8 MB of addresses for its stack.
    let outcome = try Program.run(
      "train", ["--data-dir", "digits", "--run-dir", "run", "--threads", "256"],
      shell: "ulimit -v 1000000; exec \"$@\"", in: scratch)
    outcome.expectFailure(2, "--threads: 256 threads cannot be started (…")
  }
}

private let isUnderAddressSanitizer = dlsym(nil, "__asan_init") != nil

extension Scratch {
  /// Writes a data set of black images called `blanks`.
  fileprivate func makeBlanks(training: Int, test: Int) throws {
    for (prefix, count) in [("train", training), ("t10k", test)] {
      let header = Self.images(0, height: 28, width: 28)
      // The number of images is in bytes 4 to 7, high byte first.
      let number = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
      try write(
        Array(header[..<4]) + number + Array(header[8...])
          + [UInt8](repeating: 0, count: count * 784), "blanks/\(prefix)-images-idx3-ubyte")
      try write(Self.labels(count), "blanks/\(prefix)-labels-idx1-ubyte")
    }
  }
}
