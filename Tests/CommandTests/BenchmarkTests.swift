import Foundation
import Testing

/// Errors of `benchmark`, and the form of its output; speed is not tested.
@Suite struct BenchmarkTests {
  static let quick = ["--rounds", "1", "--seconds", "0.001", "--threads", "1"]
  private static let help = "See `swift run benchmark --help`."

  private static let mistakes: [(arguments: [String], message: String)] = [
    (["--rounds", "0"], "--rounds: invalid value (found “0”, expected 1 to 1000). \(help)"),
    (
      ["kernels", "--rounds", "1001"],
      "--rounds: invalid value (found “1001”, expected 1 to 1000). \(help)"
    ),
    (
      ["--seconds", "0"],
      "--seconds: invalid value (found “0.0”, expected above 0, at most 60). \(help)"
    ),
    (
      ["layers", "--seconds", "61"],
      "--seconds: invalid value (found “61.0”, expected above 0, at most 60). \(help)"
    ),
    (["--model", "nonesuch"], "--model: invalid value (found “nonesuch”, expected one of…"),
    (["--model", "lenet5,"], "--model: invalid value (found “”, expected one of…"),
    (["layers", "--model", "nonesuch"], "--model: invalid value (found “nonesuch”, expected one…"),
    (["--model", "lenet5", "--batch-size", "0"], "--batch-size: invalid value (found “0”, …"),
    (["--threads", "257"], "--threads: invalid value (found “257”, …"),
    (["kernels", "--kernels", "sse"], "--kernels: invalid value (found “sse”, expected one of…"),
    (["--conv-algorithm", "magic"], "--conv-algorithm: there is no algorithm “magic”…"),
    (
      ["layers", "--conv-algorithm", "conv9=direct"],
      "--conv-algorithm: there is no convolution “conv9”…"
    ),
    (["--all", "--model", "lenet5"], "--all and --model exclude each other. \(help)"),
    (["--sweep", "batch", "--all"], "--sweep measures one network: leave --all out. \(help)"),
    (
      ["--sweep", "batch", "--against", "pytorch"],
      "--sweep measures this package alone: leave --against out. \(help)"
    ),
    (
      ["--sweep", "size", "--model", "lenet5"],
      "--sweep size measures a network of its own: leave --model out. \(help)"
    ),
    (
      ["--sweep", "batch", "--model", "lenet5,fer-mnist"],
      "--sweep measures one network (found “lenet5,fer-mnist” for --model). \(help)"
    ),
    (
      ["--arch", "fc(classes)", "--model", "lenet5"],
      "--arch excludes --model, --all and --sweep. \(help)"
    ),
    (["layers", "--arch", "fc(classes)", "--model", "lenet5"], "--model and --arch exclude each…"),
    (["--image", "8x8x1"], "--image is that of --arch: add --arch. \(help)"),
    (
      ["--arch", "fc(classes)", "--image", "8x8"],
      "--image: invalid value (found “8x8”, expected height × width × channels, such as 32x32x3). "
        + help
    ),
    (
      ["--arch", "conv(8,9,padding=valid) fc(classes)", "--image", "8x8x1"], "--arch: position 1, …"
    ),
    (
      ["--against", "pytorch,openvino"],
      "--against openvino: it does not train. Add --forward-only. \(help)"
    ),
    (
      ["general", "--against", "onnxruntime"],
      "--against onnxruntime: it does not train. Add --forward-only. \(help)"
    ),
    (["layers", "--exact"], "--exact: training folds nothing. Add --forward-only. \(help)"),
    (["--exact"], "--exact: training folds nothing. Add --forward-only. \(help)"),
    (
      ["general", "--count", "0"],
      "--count: invalid value (found “0”, expected 1 to 10000). \(help)"
    ),
    (
      ["--against", "keras,onnxruntime", "--forward-only", "--precision", "bf16"],
      "--precision bf16: the rivals compute in fp32 only. Leave --precision out. \(help)"
    ),
    (["--against", "nobody"], "The value 'nobody' is invalid for '--against <rivals>'…"),
    (["--precision", "fp16"], "The value 'fp16' is invalid for '--precision <precision>'…"),
    (
      ["kernels", "--batch-size", "0"],
      "--batch-size: invalid value (found “0”, expected 1 to 65536). \(help)"
    ),
    (
      ["kernels", "--algorithm", "magic"],
      "--algorithm: invalid value (found “magic”, expected one of winograd, …"
    ),
    (
      ["kernels", "--shape", "conv(8,3)"],
      "--shape: position 1, conv(8,3): it has no input (expected …"
    ),
    (
      ["kernels", "--shape", "conv(5,3x5) on 8x8x3", "--algorithm", "winograd"],
      "--algorithm: it computes none of the shapes (found “winograd”, expected one of …"
    ),
    (["steps"], "Unexpected argument 'steps'…"),
  ]

  @Test func everyMistakeIsOneLine() throws {
    let scratch = try Scratch()
    for (arguments, message) in Self.mistakes {
      try Program.run("benchmark", arguments, in: scratch).expectFailure(2, message)
    }
  }

  @Test func aMissingRivalIsOneLine() throws {
    let scratch = try Scratch()
    try Program.run("benchmark", Self.quick + ["--against", "pytorch"], in: scratch).expectFailure(
      1, ".venv/bin/python: no such program. Run scripts/pytorch/setup in the package's folder.")
  }

  // MARK: Output

  typealias Object = [String: Any]

  func json(_ arguments: [String], in scratch: Scratch) throws -> Object {
    let outcome = try Program.run(
      "benchmark", arguments + Self.quick + ["--json"], in: scratch)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.hasSuffix("}\n"))
    return try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? Object)
  }

  /// Expects measured values: one for each round, all above zero, and their median.
  func expectMeasured(_ value: Any?, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let value = try #require(value as? Object, sourceLocation: sourceLocation)
    let turns = try #require(value["turns"] as? [Double], sourceLocation: sourceLocation)
    #expect(turns.count == 1 && turns[0] > 0, sourceLocation: sourceLocation)
    #expect(value["median"] as? Double == turns[0], sourceLocation: sourceLocation)
  }

  /// lenet5's convolutions and products: 28²·6·25 + 10²·16·150 + 400·120 + 120·84 + 84·10. The
  /// first layer has two passes, and the others have three.
  private static let lenetForward = 117_600 + 240_000 + 48_000 + 10_080 + 840

  @Test(arguments: [false, true])
  func stepsReportTheirMeasurements(_ forwardOnly: Bool) throws {
    let scratch = try Scratch()
    let found = try json(
      ["--model", "lenet5,fer-mnist", "--batch-size", "4"]
        + (forwardOnly ? ["--forward-only"] : []),
      in: scratch)
    #expect(found["benchmark"] as? String == (forwardOnly ? "forward pass" : "training step"))
    let models = try #require(found["models"] as? [Object])
    #expect(models.map { $0["model"] as? String } == ["lenet5", "fer-mnist"])
    for model in models {
      #expect(model["batch_size"] as? Int == 4 && model["threads"] as? Int == 1)
      try expectMeasured(model["peak_flops_per_second"])
      let sides = try #require(model["sides"] as? [Object])
      #expect(sides.map { $0["program"] as? String } == ["this package"])
      for key in ["images_per_second", "flops_per_second", "share_of_peak"] {
        try expectMeasured(sides[0][key])
      }
      #if os(Linux)
        let memory = try #require(sides[0]["peak_memory_bytes"] as? Int)
        #expect((1 << 20..<1 << 30).contains(memory))
      #endif
    }
    let passes =
      forwardOnly ? Self.lenetForward : 3 * Self.lenetForward - 117_600
    #expect(models[0]["multiply_adds"] as? Int == 4 * passes)
  }

  /// The default is the model's own batch size.
  @Test func stepIsTheDefault() throws {
    let scratch = try Scratch()
    let found = try json(["step", "--model", "fer-cifar", "--forward-only"], in: scratch)
    let models = try #require(found["models"] as? [Object])
    #expect(models[0]["batch_size"] as? Int == 50)
    let text = try Program.run(
      "benchmark", Self.quick + ["--model", "lenet5", "--batch-size", "4"], in: scratch)
    #expect(text.status == 0)
    let lines = text.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 5 && lines[0].hasPrefix("training step, 1 thread, "), "\(text.output)")
    #expect(lines[0].contains(", 1 turn each; peak "))
    #expect(lines[3].hasPrefix("lenet5      4  this package "), "\(text.output)")
    // The share of the peak says what it is a share of.
    #expect(lines[1].contains("of peak*"), "\(text.output)")
    #expect(
      lines[4].hasPrefix("* GFLOP/s and the share of the peak count the products of the direct"))
  }

  /// Evaluation folds batch normalization into the convolution before it and leaves dropout out.
  @Test func layersOfEvaluationHaveNoBackwardPass() throws {
    let scratch = try Scratch()
    let network = "conv(4,3) bn relu dropout(0.2) fc(classes)"
    let arguments = [
      "layers", "--arch", network, "--image", "8x8x1", "--batch-size", "4", "--forward-only",
    ]
    let found = try json(arguments, in: scratch)
    let layers = try #require(found["layers"] as? [Object])
    #expect(layers.map { $0["layer"] as? String } == ["conv1", "relu1", "fc1"])
    for layer in layers {
      try expectMeasured(layer["forward_seconds"])
      #expect(layer["backward_seconds"] is NSNull)
    }
    let exact = try json(arguments + ["--exact"], in: scratch)
    let all = try #require(exact["layers"] as? [Object]).map { $0["layer"] as? String }
    #expect(all == ["conv1", "bn1", "relu1", "fc1"])
  }

  @Test func layersReportTheirMeasurements() throws {
    let scratch = try Scratch()
    let found = try json(["layers", "--model", "lenet5", "--batch-size", "4"], in: scratch)
    let layers = try #require(found["layers"] as? [Object])
    #expect(
      layers.map { $0["layer"] as? String } == [
        "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "fc1", "relu3", "fc2", "relu4", "fc3",
      ])
    for layer in layers {
      try expectMeasured(layer["forward_seconds"])
      try expectMeasured(layer["backward_seconds"])
    }
    #expect(layers[0]["forward_multiply_adds"] as? Int == 4 * 117_600)
    #expect(layers[0]["backward_multiply_adds"] as? Int == 4 * 117_600)
    #expect(layers[3]["backward_multiply_adds"] as? Int == 4 * 2 * 240_000)
    #expect(layers[0]["output"] as? [Int] == [28, 28, 6])
    let shares = layers.compactMap { $0["share"] as? Double }
    #expect(shares.count == 11 && abs(shares.reduce(0, +) - 1) < 1e-9)
    try expectMeasured(found["step_seconds"])
  }

  @Test func kernelsReportTheirMeasurements() throws {
    let scratch = try Scratch()
    let shapes = ["--shape", "conv(16,3) on 6x6x16", "--shape", "fc(8) on 20"]
    let found = try json(["kernels", "--batch-size", "2"] + shapes, in: scratch)
    let rows = try #require(found["rows"] as? [Object])
    let layers = rows.compactMap { $0["layer"] as? String }
    #expect(Set(layers) == ["conv(16,3) on 6x6x16", "fc(8) on 20"])
    for row in rows {
      try expectMeasured(row["peak_flops_per_second"])
      let passes = try #require(row["passes"] as? [Object])
      #expect(passes.map { $0["pass"] as? String } == ["forward", "data", "weights"])
      for key in ["seconds", "flops_per_second"] { try expectMeasured(passes[0][key]) }
    }
    let algorithms = Set(rows.compactMap { $0["algorithm"] as? String })
    #expect(algorithms.isSuperset(of: ["winograd", "direct", "product"]))
    #expect(rows[0]["multiply_adds"] as? Int == 2 * 36 * 16 * 9 * 16)

    let filtered = try json(
      ["kernels", "--batch-size", "2", "--pass", "weights", "--algorithm", "direct"] + shapes
        + ["--kernels", "portable"], in: scratch)
    let only = try #require(filtered["rows"] as? [Object])
    #expect(only.count == 1 && only[0]["kernels"] as? String == "portable")
    #expect(only[0]["algorithm"] as? String == "direct")
    let passes = try #require(only[0]["passes"] as? [Object])
    #expect(passes.map { $0["pass"] as? String } == ["weights"])
  }

  @Test func sweepsReportTheirMeasurements() throws {
    let scratch = try Scratch()
    let batches = try json(
      ["--sweep", "batch", "--model", "lenet5", "--batch-size", "6"], in: scratch)
    let rows = try #require(batches["rows"] as? [Object])
    #expect(rows.map { $0["value"] as? String } == ["1", "2", "4", "6"])
    #expect(rows.map { $0["batch_size"] as? Int } == [1, 2, 4, 6])
    #expect((rows[0]["images_to_the_first"] as? Object)?["median"] as? Double == 1)
    for row in rows { try expectMeasured(row["seconds"]) }
    let cost = try #require(rows[0]["multiply_adds"] as? Int)
    #expect(rows[3]["multiply_adds"] as? Int == 6 * cost)

    let sizes = try json(["--sweep", "size", "--batch-size", "1", "--forward-only"], in: scratch)
    let first = try #require((sizes["rows"] as? [Object])?.first)
    #expect(first["value"] as? String == "8×8")
    // conv1, conv2, and fc1 on 4×4×32.
    #expect(first["multiply_adds"] as? Int == 64 * 32 * 27 + 64 * 32 * 288 + 512 * 10)

    let threads = try json(
      ["--sweep", "threads", "--model", "lenet5", "--batch-size", "2"], in: scratch)
    #expect((threads["rows"] as? [Object])?.compactMap { $0["value"] as? String } == ["1"])
  }
}
