import Foundation
import Testing

/// Other programs beside this one.
extension BenchmarkTests {
  /// A program with the protocol of `rival.py`, whose steps take one second.
  private func makeRival(in scratch: Scratch, answering answer: String) throws {
    try scratch.write(
      Array(
        """
        #!/bin/bash
        echo "$*" >> arguments
        name=$1 module=$3
        echo ready
        while read -r word count; do
          [ "$word" = run ] || exit 0
          \(answer)
        done

        """.utf8), ".venv/bin/python")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: scratch.path(".venv/bin/python"))
  }

  @Test func rivalsTakeTurns() throws {
    let scratch = try Scratch()
    try makeRival(
      in: scratch, answering: "echo \"{\\\"seconds\\\":$count,\\\"peak_memory_bytes\\\":4096}\"")
    let found = try json(
      ["--model", "lenet5", "--batch-size", "4", "--against", "pytorch"], in: scratch)
    let calls = try scratch.text("arguments").split(separator: "\n").map(String.init)
    #expect(calls.count == 2)
    for (call, precision) in zip(calls, ["fp32", "bf16"]) {
      #expect(call.hasPrefix("scripts/pytorch/rival.py --module /"), "\(call)")
      #expect(
        call.hasSuffix(
          "/network.py --classes 10 --image 1,28,28 --batch 4 --threads 1 --precision \(precision)"),
        "\(call)")
    }
    let models = try #require(found["models"] as? [Object])
    let sides = try #require(models[0]["sides"] as? [Object])
    #expect(
      sides.map { $0["program"] as? String } == ["this package", "PyTorch fp32", "PyTorch bf16"])
    #expect(sides[0]["ratio"] == nil)
    let ours = try #require((sides[0]["images_per_second"] as? Object)?["median"] as? Double)
    for rival in sides.dropFirst() {
      #expect((rival["images_per_second"] as? Object)?["median"] as? Double == 4)
      let ratio = try #require((rival["ratio"] as? Object)?["median"] as? Double)
      #expect(abs(ratio / (ours / 4) - 1) < 1e-9)
      #expect(rival["peak_memory_bytes"] as? Int == 4096)
    }
  }

  /// What is not trained here is not trained by the rival. The runtimes get a file in ONNX.
  @Test func rivalsComputeTheSameNetwork() throws {
    let scratch = try Scratch()
    try makeRival(
      in: scratch, answering: "echo \"{\\\"seconds\\\":$count,\\\"peak_memory_bytes\\\":4096}\"")
    let arch = ["--arch", "conv(2,3,frozen=yes) bn(scale=no) fc(classes)", "--image", "6x5x3"]
    _ = try json(
      arch + ["--batch-size", "3", "--against", "pytorch", "--precision", "fp32"], in: scratch)
    let trained = try scratch.text("arguments")
    #expect(
      trained.contains(" --fixed conv1.weight,bn1.weight --image 3,6,5 --batch 3 "), "\(trained)")
    let found = try json(
      arch + ["--forward-only", "--against", "onnxruntime,openvino"], in: scratch)
    let models = try #require(found["models"] as? [Object])
    #expect(
      (models[0]["sides"] as? [Object])?.map { $0["program"] as? String }
        == ["this package", "ONNX Runtime fp32", "OpenVINO fp32", "OpenVINO bf16"])
    let calls = try scratch.text("arguments").split(separator: "\n").dropFirst()
    #expect(calls.allSatisfy { $0.contains("inference_rival.py --onnx /") }, "\(calls)")
  }

  /// Keras gets a model, the values, and the examples with which it shows that it computes the network.
  @Test func kerasGetsAModelAndItsValues() throws {
    let scratch = try Scratch()
    try makeRival(
      in: scratch,
      answering: """
        echo "{\\"seconds\\":$count,\\"configuration\\":\\"graph\\",\\"peak_memory_bytes\\":4096}"
        """)
    let found = try json(
      [
        "--arch", "conv(6,3,groups=3) bn(scale=no) relu fc(classes)", "--image", "6x5x3",
        "--against", "keras",
      ],
      in: scratch)
    let models = try #require(found["models"] as? [Object])
    let sides = try #require(models[0]["sides"] as? [Object])
    #expect(sides.map { $0["program"] as? String } == ["this package", "Keras fp32"])
    #expect(sides[1]["configuration"] as? String == "graph" && sides[0]["configuration"] == nil)
    let call = try scratch.text("arguments")
    #expect(call.hasPrefix("scripts/pytorch/keras_rival.py --module /"), "\(call)")
    #expect(call.contains("/network.py --classes 10 --fixed bn1.weight --values /"), "\(call)")
    #expect(
      call.hasSuffix(
        "/values.safetensors --check-rate 0.01 --image 3,6,5 --batch 128 --threads 1 "
          + "--precision fp32\n"), "\(call)")
  }

  /// A rival that cannot compute a network is left out, with a line.
  @Test func aRivalThatCannotIsLeftOut() throws {
    let scratch = try Scratch()
    try makeRival(in: scratch, answering: "echo \"{\\\"seconds\\\":$count}\"")
    let outcome = try Program.run(
      "benchmark",
      [
        "--arch", "avgpool(4,3,padding=2,countpadding=no) fc(classes)", "--image", "8x8x1",
        "--against",
        "keras,pytorch",
        "--precision", "fp32",
      ] + Self.quick, in: scratch)
    #expect(outcome.status == 0)
    #expect(
      outcome.errors
        == "warning: --against: Keras is left out, because it cannot compute avgpool1 "
        + "(windows with elements that do not count).\n")
    #expect(outcome.output.contains("PyTorch fp32") && !outcome.output.contains("Keras"))
    #expect(try !scratch.text("arguments").contains("keras_rival"))
  }

  /// The ratio is that to the fastest of the rivals.
  @Test func theFastestRivalCounts() throws {
    let scratch = try Scratch()
    try makeRival(
      in: scratch,
      answering: """
        case "$name" in *keras*) scale=2;; *) scale=3;; esac
        echo "{\\"seconds\\":$((scale * count))}"
        """)
    let found = try json(
      ["general", "--seed", "3", "--count", "1", "--against", "pytorch,keras"], in: scratch)
    let network = try #require((found["networks"] as? [Object])?.first)
    let rivals = try #require(network["rivals"] as? [Object])
    #expect(rivals.map { $0["program"] as? String } == ["PyTorch", "Keras"])
    let ratio = try #require(network["ratio"] as? Double)
    let seconds = try #require((network["seconds"] as? Object)?["median"] as? Double)
    #expect(abs(ratio * seconds / 2 - 1) < 1e-9)
  }

  /// A rival that fails on a network is left out for it; the others count.
  @Test func aRivalThatFailsOnARandomNetworkIsLeftOut() throws {
    let scratch = try Scratch()
    try makeRival(
      in: scratch,
      answering: """
        case "$name" in *keras*) exit 3;; esac
        echo "{\\"seconds\\":$count}"
        """)
    let outcome = try Program.run(
      "benchmark",
      ["general", "--seed", "3", "--count", "1", "--against", "keras,pytorch", "--json"]
        + Self.quick, in: scratch)
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("warning: Keras is left out for "), "\(outcome.errors)")
    #expect(outcome.errors.contains("keras_rival.py: ended early"), "\(outcome.errors)")
    #expect(outcome.output.contains("PyTorch") && !outcome.output.contains("Keras"))
    let alone = try Program.run(
      "benchmark",
      ["general", "--seed", "3", "--count", "1", "--against", "keras"] + Self.quick, in: scratch)
    #expect(alone.status == 2 && alone.output.isEmpty)
    #expect(alone.errors.contains("--against: no network was measured"), "\(alone.errors)")
  }

  @Test func randomNetworksAreComparedAndCounted() throws {
    let scratch = try Scratch()
    try makeRival(
      in: scratch, answering: "echo \"{\\\"seconds\\\":$count,\\\"peak_memory_bytes\\\":4096}\"")
    let found = try json(["general", "--seed", "3", "--count", "2"], in: scratch)
    let networks = try #require(found["networks"] as? [Object])
    #expect(networks.count == 2)
    for network in networks {
      try expectMeasured(network["seconds"])
      let seconds = try #require((network["seconds"] as? Object)?["median"] as? Double)
      let ratio = try #require(network["ratio"] as? Double)
      #expect(abs(ratio * seconds - 1) < 1e-9)
    }
    let ratios = networks.compactMap { $0["ratio"] as? Double }
    let mean = try #require(found["geometric_mean"] as? Double)
    #expect(abs(mean * mean / (ratios[0] * ratios[1]) - 1) < 1e-9)
    let text = try Program.run(
      "benchmark", ["general", "--seed", "3", "--count", "1"] + Self.quick, in: scratch)
    #expect(text.status == 0)
    #expect(text.output.hasPrefix("1 random network of seed 3, training step, 1 thread"))
  }

  @Test(arguments: [
    ("echo nonsense", "no answer (found “nonsense”, expected …"),
    ("exit 3", "ended early (expected …"),
  ])
  func aFailingRivalIsOneLine(_ answer: String, _ message: String) throws {
    let scratch = try Scratch()
    try makeRival(in: scratch, answering: answer)
    try Program.run(
      "benchmark",
      Self.quick + ["--model", "lenet5", "--against", "pytorch", "--precision", "bf16"],
      in: scratch
    ).expectFailure(1, "scripts/pytorch/rival.py: \(message)")
    #expect(try scratch.text("arguments").contains("--precision bf16"))
  }

  /// PyTorch 2.13 never ends the backward pass of some 1×1 convolutions with AVX2.
  @Test func aRivalWithoutAnAnswerIsEnded() throws {
    let scratch = try Scratch()
    try makeRival(in: scratch, answering: "exec sleep 300")
    try Program.run(
      "benchmark",
      Self.quick + [
        "--model", "lenet5", "--against", "pytorch", "--precision", "fp32", "--patience", "1",
      ], in: scratch
    ).expectFailure(1, "scripts/pytorch/rival.py: no answer within 1 s, so it was ended. …")
    try Program.run(
      "benchmark", ["general", "--count", "1", "--patience", "0"] + Self.quick, in: scratch
    ).expectFailure(2, "--patience: invalid value (found “0”, expected 1 to 86400 seconds). …")
  }
}
