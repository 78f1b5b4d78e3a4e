import Foundation
import Protobuf
import Testing

@testable import TensorBoard

/// `train --tensorboard`, read back with the package's own reader. `scripts/check-tensorboard` reads with
/// TensorBoard's.
@Suite struct TensorBoardCommandTests {
  private static let network = "conv(3,3) pool(2) relu fc(classes)"

  /// A run that draws its filters.
  private func arguments(_ run: String, _ more: String...) -> [String] {
    [
      "--data-dir", "digits", "--run-dir", run, "--arch", Self.network, "--batch-size", "8",
      "--val-split", "10", "--progress", "none", "--threads", "1", "--epochs", "2",
    ] + more
  }

  private func train(_ scratch: Scratch, _ arguments: [String]) throws {
    let outcome = try Program.run("train", arguments, in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errorLines.isEmpty, "\(outcome.errors)")
  }

  private struct Found {
    let step: Int
    let tags: [String]
    let data: ArraySlice<UInt8>
  }

  /// The data of all events in the order of the files, each with its step and tags.
  private func events(
    _ scratch: Scratch, _ run: String
  ) throws -> [Found] {
    try scratch.names("\(run)/tensorboard").flatMap { name in
      let bytes = try scratch.bytes("\(run)/tensorboard/\(name)")
      let records = EventRecord.records(in: bytes)
      #expect(records.last?.end == bytes.count, "\(name)")
      return try records.map {
        let outline = try #require(Event.outline(of: $0.data))
        return Found(step: outline.step, tags: outline.tags, data: $0.data)
      }
    }.filter { !$0.tags.isEmpty }
  }

  /// Step and value of each scalar, by tag.
  private func scalars(_ scratch: Scratch, _ run: String) throws -> [String: [(Int, Float)]] {
    var found: [String: [(Int, Float)]] = [:]
    for event in try events(scratch, run) {
      let summary = try #require(ProtobufReader.first([5], in: event.data)).content
      for value in try ProtobufReader.fields(of: summary) {
        let fields = try ProtobufReader.fields(of: value.content)
        guard let number = fields.first(where: { $0.number == 2 })?.float else { continue }
        found[fields[0].text, default: []].append((event.step, number))
      }
    }
    return found
  }

  /// Everything in the events but times: wall times, and the speed.
  private func timeless(_ scratch: Scratch, _ run: String) throws -> [String] {
    try events(scratch, run).filter { !$0.tags[0].hasPrefix("_hparams_") }
      .filter { $0.tags != ["images_per_second"] }
      .map { event in
        let content = ProtobufReader.first([5], in: event.data)?.content ?? []
        return "\(event.step) \(event.tags.joined(separator: " ")) \(Array(content))"
      }
  }

  private func lines(_ scratch: Scratch, _ name: String) throws -> [[String: Any]] {
    try scratch.text(name).split(separator: "\n").map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
  }

  @Test func theEventsAreThoseOfTheMetrics() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try train(scratch, arguments("plain"))
    try train(scratch, arguments("run", "--tensorboard"))
    // The training has the same bits, and its files the same bytes.
    let last = "checkpoints/step-0000000014.safetensors"
    for name in [last, "metrics.jsonl"] {
      #expect(try scratch.bytes("plain/\(name)") == scratch.bytes("run/\(name)"), "\(name)")
    }
    #expect(try scratch.text("run/config.yaml").contains("\ntensorboard: true\n"))
    #expect(!(try scratch.text("plain/config.yaml").contains("tensorboard")))
    #expect(!scratch.exists("plain/tensorboard"))
    #expect(
      scratch.names("run/tensorboard") == [
        "events.out.tfevents.000000", "events.out.tfevents.000001",
      ])

    let scalars = try scalars(scratch, "run")
    let metrics = try lines(scratch, "run/metrics.jsonl")
    func expect(_ tag: String, _ kind: String, _ key: String, in lines: [[String: Any]]) throws {
      let expected = lines.filter { $0["kind"] as? String == kind && $0[key] != nil }
      let found = try #require(scalars[tag], "\(tag)")
      #expect(found.map(\.0) == expected.map { $0["step"] as? Int ?? 14 }, "\(tag)")
      #expect(found.map(\.1) == expected.map { Float($0[key] as? Double ?? -1) }, "\(tag)")
      #expect(!found.isEmpty)
    }
    for (tag, kind, key) in [
      ("loss/step", "step", "loss"), ("accuracy/step", "step", "accuracy"),
      ("learning_rate", "step", "rate"), ("loss/train", "epoch", "train_loss"),
      ("accuracy/train", "epoch", "train_accuracy"),
      ("loss/validation", "epoch", "validation_loss"),
      ("accuracy/validation", "epoch", "validation_accuracy"), ("test/loss", "test", "loss"),
      ("test/accuracy", "test", "accuracy"),
    ] { try expect(tag, kind, key, in: metrics) }
    let statistics = try lines(scratch, "run/statistics.jsonl")
    try expect("gradient_norm", "step", "gradient_norm", in: statistics)
    #expect(scalars["images_per_second"]?.map(\.0) == [7, 14])
    #expect(scalars["dead_relus/relu1"]?.map(\.0) == [0, 7, 14])
    #expect(scalars["update_ratio/conv1.weight"]?.count == 2)
    // Without the flag the ReLUs are not counted, and all other lines are the same.
    #expect(statistics.count { $0["kind"] as? String == "relus" } == 3)
    let plain = try scratch.text("plain/statistics.jsonl").split(separator: "\n")
    let others = try scratch.text("run/statistics.jsonl").split(separator: "\n").filter {
      !$0.hasPrefix(#"{"kind":"relus""#)
    }
    #expect(plain == others)
  }

  /// Images, histograms and hyperparameters.
  @Test func theEventsHaveWhatTheNetworkIs() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try train(scratch, arguments("run", "--tensorboard"))
    let events = try events(scratch, "run")
    let parameters = ["conv1.weight", "conv1.bias", "fc1.weight", "fc1.bias"]
    for (step, hasGradients) in [(0, false), (7, true), (14, true)] {
      let tags = events.filter { $0.step == step }.flatMap(\.tags)
      for name in parameters {
        #expect(tags.contains("weights/\(name)"))
        #expect(tags.contains("gradients/\(name)") == hasGradients)
      }
      #expect(tags.count { $0 == "filters/conv1" } == 1)
    }
    #expect(
      events.flatMap(\.tags).filter { $0.hasPrefix("_hparams_") } == [
        "_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info",
      ])
    let end = try #require(events.last)
    #expect(ProtobufReader.first([5, 1, 9, 1, 2, 4, 1], in: end.data)?.integer == 1)

    // Fewer images, and no histogram less.
    try train(scratch, arguments("few", "--tensorboard", "--filters-every", "2"))
    let few = try self.events(scratch, "few")
    #expect(few.filter { $0.tags.contains("filters/conv1") }.map(\.step) == [0, 14])
    #expect(few.count { $0.tags.contains("weights/fc1.weight") } == 3)
  }

  /// A run that was stopped, or killed with half a record on the disk, and resumed reads back as one run's series.
  @Test func aResumedRunReadsAsOne() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try train(scratch, arguments("whole", "--tensorboard"))
    let whole = try timeless(scratch, "whole")

    try train(scratch, arguments("run", "--tensorboard", "--max-steps", "5"))
    let file = "run/tensorboard/events.out.tfevents.000001"
    // As a kill leaves it: an event of a later step, and half of another one.
    let later = EventRecord.encode(
      Event(wallTime: 1, step: 6, values: [.scalar(tag: "loss/step", 9)]).bytes)
    try scratch.write(try scratch.bytes(file) + later + later.dropLast(9), file)
    try train(
      scratch, ["--resume", "run", "--max-steps", "1000", "--progress", "none"])
    #expect(scratch.names("run/tensorboard").count == 3)
    #expect(try timeless(scratch, "run") == whole)
    // The ended run is resumed, and only tests again.
    try train(scratch, ["--resume", "run", "--progress", "none"])
    #expect(try timeless(scratch, "run") == whole)
    #expect(
      try events(scratch, "run").flatMap(\.tags).count { $0 == "_hparams_/session_end_info" } == 1)
    #expect(
      try scratch.bytes("run/statistics.jsonl") == scratch.bytes("whole/statistics.jsonl"))
  }

  /// A real kill at some moment.
  @Test func aKilledRunGoesOn() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let process = Program.process(
      "train",
      arguments("run", "--tensorboard", "--checkpoint-every", "3").map {
        $0 == "2" ? "2000" : $0
      }, in: scratch)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let deadline = Date.now.addingTimeInterval(20)
    while scratch.names("run/filters").count < 4, Date.now < deadline { usleep(1_000) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let newest = try #require(
      scratch.names("run/checkpoints").filter { $0.hasPrefix("step-") }.last)
    let step = try #require(Int(newest.dropFirst(5).prefix(10)))
    try train(
      scratch,
      ["--resume", "run", "--progress", "none", "--max-steps", "\(step + 10)"])
    let losses = try #require(try scalars(scratch, "run")["loss/step"])
    #expect(losses.map(\.0) == Array(1...step + 10))
    let recorded = try lines(scratch, "run/metrics.jsonl").filter {
      $0["kind"] as? String == "step"
    }
    #expect(losses.map(\.1) == recorded.map { Float($0["loss"] as? Double ?? -1) })
  }

  /// The setting holds for resumed runs, a series of seeds and an autoencoder.
  @Test func otherRunsHaveEventsToo() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try train(
      scratch,
      [
        "--data-dir", "digits", "--run-dir", "auto", "--arch",
        "conv(4,3,stride=2) relu upsample(2,mode=bilinear) conv(1,3)", "--loss", "mse", "--mean",
        "0", "--std", "1", "--val-split", "10", "--progress", "none", "--epochs", "1",
        "--tensorboard",
      ])
    let tags = Set(try events(scratch, "auto").flatMap(\.tags))
    #expect(tags.contains("reconstructions") && tags.contains("filters/conv1"))
    #expect(!tags.contains { $0.contains("accuracy") })

    try train(scratch, tinyRun("late", "--epochs", "1"))
    try train(
      scratch, ["--resume", "late", "--epochs", "2", "--tensorboard", "--progress", "none"])
    #expect(try scalars(scratch, "late")["loss/step"]?.map(\.0) == Array(8...14))
    #expect(try scratch.text("late/config.yaml").contains("tensorboard: true"))

    let idle = try Program.run(
      "train", ["--find-lr", "--data-dir", "digits", "--arch", "fc(classes)", "--tensorboard"],
      in: scratch)
    #expect(
      idle.errors.contains("--tensorboard changes nothing with --find-lr, which keeps no run."))
  }

  /// A file in place of the folder: a warning, and the run goes on.
  @Test func aFolderThatCannotBeWrittenIsTold() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try train(scratch, arguments("run", "--max-steps", "5"))
    try scratch.write([1], "run/tensorboard")
    let outcome = try Program.run(
      "train",
      ["--resume", "run", "--tensorboard", "--max-steps", "9", "--progress", "none"], in: scratch)
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("warning: run/tensorboard"), "\(outcome.errors)")
    #expect(scratch.exists("run/checkpoints/step-0000000009.safetensors"))
  }
}
