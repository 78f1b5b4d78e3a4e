@testable import Networks

#if os(Linux)
  import Foundation
  import Layers
  import Tensors
  import Testing

  /// Steps free all memory that they allocate. Even one small object per step would be visible
  /// after three thousand steps. Each test runs in its own process, so that other tests are not
  /// counted.
  @Suite struct MemoryTests {
    @Test func stepsDoNotGrow() async {
      await #expect(processExitsWith: .success) {
        try Self.expectNoGrowth(
          "conv(16,5) conv(16,3,stride=2) relu conv(16,3) conv(4,3) conv(4,3) pool(2) relu"
            + " upsample(2) sigmoid avgpool(2) upsample(2,mode=bilinear) tanh"
            + " res(bn relu convt(4,4,stride=2,padding=1) conv(4,3,stride=2)) signal conv1d(4,3)"
            + " dropout(0.5) fc(8) relu fc(classes)",
          input: [1, 8, 8, 1], "conv3=winograd,conv4=im2row,conv5=circulant")
      }
    }

    /// Large convolutions, which take the whole batch and have prologues and epilogues.
    @Test func streamedStepsDoNotGrow() async {
      await #expect(processExitsWith: .success) {
        try Self.expectNoGrowth(
          "conv(128,3,bias=no) bn relu conv(64,3,bias=no) bn relu conv(64,1)"
            + " conv(128,3,bias=no) pool(2) bn pool(2) fc(classes)",
          input: [1, 4, 4, 64], "auto")
      }
    }

    private static func expectNoGrowth(
      _ notation: String, input: Shape, _ algorithms: String
    ) throws {
      let network = try Architecture(notation).network(input: input, classes: 4)
      network.initialize(seed: 1)
      try network.setConvolutionAlgorithms(ConvolutionChoice(algorithms))
      let context = Context(threadCount: 2)
      let executor = Executor(network, capacity: 3, training: true, context: context)
      let evaluator = Executor(network, capacity: 2, training: false, context: context)
      let arena = Arena()
      let labels = arena.values(of: Int32.self, 3)
      let losses = arena.values(of: Double.self, 3)
      func step(_ count: Int) {
        let logits = executor.forward(count: count, randomKey: RandomKey(seed: 1, step: count))
        SoftmaxCrossEntropy.evaluate(
          logits, labels: labels, batchSize: count, losses: losses,
          dz: executor.outputGradient(count: count), in: context)
        executor.backward(count: count)
        _ = evaluator.forward(count: 2)
      }
      /// The second number of `statm` counts resident pages.
      func residentBytes() throws -> Int {
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
          .split(separator: " ")
        return try #require(Int(pages[1])) * sysconf(Int32(_SC_PAGESIZE))
      }
      _ = try residentBytes()
      for _ in 0..<500 { step(3) }
      // A leak grows in every round. A thread's first allocation takes 132 KB in one of them: on a
      // busy machine a thread may get its first task at any time.
      var growths: [Int] = []
      for _ in 0..<4 {
        let before = try residentBytes()
        for number in 0..<3000 { step(number % 10 == 9 ? 1 : 3) }
        growths.append(try residentBytes() - before)
      }
      // The smallest object takes 32 bytes, which are 96 KB in 3,000 steps.
      #expect(growths.min()! < 64 << 10, "rounds of 3,000 steps took \(growths) bytes")
    }
  }
#endif
