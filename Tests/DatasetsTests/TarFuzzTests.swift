import Testing

@testable import Datasets

@Suite struct TarFuzzTests {
  /// Runs in its own process, like ``FuzzTests``.
  @Test func damagedTarIsRefusedOrReadRight() async {
    await #expect(processExitsWith: .success) {
      var generator = Mutator(seed: 7)
      var good = 0
      var errors: [String: Int] = [:]
      let before = FuzzTests.peakMemory()
      let bases = [
        HandMadeTar.entry("s/", kind: "5") + HandMadeTar.entry("s/a", [1, 2, 3])
          + HandMadeTar.entry("b", [4], prefix: "s") + HandMadeTar.end,
        HandMadeTar.entry("s/b", [4]) + HandMadeTar.entry("s/x", kind: "2")
          + HandMadeTar.entry("s/a", [1, 2, 3]) + HandMadeTar.end,
        HandMadeTar.entry("s/a", [1, 2, 3]) + HandMadeTar.entry("s/b", [4])
          + HandMadeTar.entry("s/a", [1, 2, 3]) + HandMadeTar.end,
      ]
      for round in 0..<FuzzTests.count {
        var plain = bases[[0, 0, 1, 0, 0, 2, 0, 0][round % 8]]
        // Half of the archives are damaged in a header, which then gets the right checksum.
        if round % 2 == 0 {
          plain = generator.mutate(plain)
        } else {
          for _ in 0...generator.below(2) {
            let field = [0..<8, 124..<136, 156..<157, 257..<265, 345..<350][generator.below(5)]
            let start = 512 * [0, 1, 3][generator.below(3)]
            plain[start + field.lowerBound + generator.below(field.count)] =
              UInt8(
                truncatingIfNeeded: [0, 0x2e, 0x2f, 0x30, 0x37, 0x80, 0xff][generator.below(7)])
            HandMadeTar.sign(&plain, at: start)
          }
        }
        var file = HandMade.gzip(plain)
        if round % 16 == 0 { file = generator.mutate(file) }
        do throws(TarError) {
          for file in try readTar(file, members: ["s/a", "s/b"], limit: 1 << 30) {
            // The content may be damaged, but only requested files are returned.
            #expect(["s/a", "s/b"].contains(file.name))
            #expect(file.content.count <= plain.count)
          }
          good += 1
        } catch {
          errors[FuzzTests.kind(of: error), default: 0] += 1
        }
      }
      #expect(good > 100)
      #expect(
        Set(errors.keys) == [
          "gzip", "endsEarly", "notHeader", "size", "name", "kind", "tooLarge", "twice", "missing",
          TarError.trailing.description,
        ])
      #expect(FuzzTests.peakMemory() - before < FuzzTests.memoryLimit)
    }
  }
}
