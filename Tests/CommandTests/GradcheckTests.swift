import Testing

/// `gradcheck` as used by people and by scripts.
@Suite struct GradcheckTests {
  @Test func theExerciseAndTheStrideAreShown() throws {
    let scratch = try Scratch()
    let exercise = try Program.run("gradcheck", ["exercise"], in: scratch)
    #expect(exercise.status == 0 && exercise.errors.isEmpty)
    #expect(exercise.output.contains("loss: L = −ln p_y = 0.6931"))
    let json = try Program.run("gradcheck", ["exercise", "--json"], in: scratch)
    #expect(json.status == 0)
    #expect(
      json.output.contains(
        #"{"name":"∂L/∂s","shape":[2],"textbook":[0.5,-0.5],"fast_layers":[0.5,-0.5]}"#))

    let stride = try Program.run(
      "gradcheck", ["stride", "--size", "6", "--stride", "3"], in: scratch)
    #expect(
      stride.status == 0
        && stride.output.contains("keep every output whose place is a multiple of 3"))
    #expect(stride.output.contains("agree exactly"))
  }

  @Test func layersAndNetworksPass() throws {
    let scratch = try Scratch()
    let layers = try Program.run("gradcheck", ["--samples", "9"], in: scratch)
    #expect(layers.status == 0 && layers.errors.isEmpty, "\(layers.output)")
    #expect(layers.output.hasPrefix("every layer\n"))
    #expect(layers.output.contains(/all \d+ tensors pass\n$/))
    #expect(layers.output.contains(/loss +3×5 +L2 cross-entropy: fast gradient/))

    let network = try Program.run(
      "gradcheck",
      [
        "--arch", "conv(3,3) relu pool(2) fc(classes)", "--input", "8x6x2", "--classes", "4",
        "--json",
      ],
      in: scratch)
    #expect(network.status == 0)
    #expect(
      network.output.hasPrefix(
        #"{"subject":"conv(3,3) relu pool(2) fc(classes) on 2×8×6×2","passes":true,"differences":["#
      ))
    #expect(
      network.output.contains(
        #""layer":"conv1","input":[2,8,6,2],"tensor":"weight","shape":[3,2,3,3]"#))
    #expect(network.output.contains(#""row_formulas":[{"layer":"conv1""#))
    #expect(network.output.contains(#""losses":[{"layer":"loss","input":[2,4]"#))

    let model = try Program.run(
      "gradcheck", ["--model", "lenet5", "--samples", "2", "--kernels", "portable"], in: scratch)
    #expect(model.status == 0 && model.output.hasPrefix("lenet5 on 2×28×28×1\n"))
  }

  /// If rounding errors exceed the bound, the exit status reports a failure and the output names
  /// the element.
  @Test func failuresAreToldByTheExitStatus() throws {
    let scratch = try Scratch()
    let failed = try Program.run(
      "gradcheck", ["--arch", "gelu", "--input", "2x5", "--bound", "1e-18"], in: scratch)
    #expect(failed.status == 1)
    #expect(failed.output.contains("1 of 3 tensors FAIL\nnetwork on 2×5: input at ["))
    let json = try Program.run(
      "gradcheck", ["--arch", "gelu", "--input", "2x5", "--bound", "1e-18", "--json"], in: scratch)
    #expect(json.status == 1 && json.output.contains(#""passes":false,"differences""#))
  }

  private static let cases: [(arguments: [String], message: String)] = [
    (["--model", "x"], "--model: invalid value (found “x”, expected one of …"),
    (["--arch", "convolve(3)"], "--arch: position 1, convolve(3): there is no layer “convolve”…"),
    (["--arch", "relu", "--model", "lenet5"], "--model and --arch exclude each other. See …"),
    (["--input", "2x3"], "--input needs --model or --arch. See …"),
    (["--conv-algorithm", "direct"], "--conv-algorithm needs --model or --arch. See …"),
    (
      ["--shapes", "2", "--arch", "relu"],
      "--shapes is for layers alone: leave --model and --arch out. …"
    ),
    (["--shapes", "0"], "--shapes: invalid value (found “0”, expected 1 to 1000). See …"),
    (["--samples", "0"], "--samples: invalid value (found “0”, expected 1 to 1000000). See …"),
    (
      ["--classes", "0", "--arch", "relu"],
      "--classes: invalid value (found “0”, expected 1 to 65536). See …"
    ),
    (
      ["--bound", "nan"], "--bound: invalid value (found “nan”, expected a number from 0 up). See …"
    ),
    (["--kernels", "sse"], "--kernels: invalid value (found “sse”, expected …"),
    (["--seed", "-1"], "…"),
    (["--arch", "relu", "--input", "0x3"], "--input: invalid value (found “0x3”, expected …"),
    (["--arch", "relu", "--input", "2x3x"], "--input: invalid value (found “2x3x”, expected …"),
    (
      ["--arch", "relu", "--input", "4000x4000x3"], "--input: invalid value (found “4000x4000x3”, …"
    ),
    (
      ["--arch", "conv(3,5,padding=valid)", "--input", "3x3x1"],
      "--arch: position 1, conv(3,5,padding=valid): it cannot take an input of 3×3×1 (expected …"
    ),
    (
      ["--arch", "conv(3,3)", "--conv-algorithm", "conv2=direct"],
      "--conv-algorithm: there is no convolution “conv2” (expected some of conv1)."
    ),
    (["stride", "--kernel", "6"], "--kernel: invalid value (found “6”, expected 1 to 5). See …"),
    (["stride", "--size", "17"], "--size: invalid value (found “17”, expected 1 to 16). See …"),
    (["stride", "--stride", "0"], "--stride: invalid value (found “0”, expected 1 to 16). See …"),
  ]

  @Test func whatIsWrongIsToldInOneLine() throws {
    let scratch = try Scratch()
    for (arguments, message) in Self.cases {
      try Program.run("gradcheck", arguments, in: scratch).expectFailure(2, message)
    }
  }
}
