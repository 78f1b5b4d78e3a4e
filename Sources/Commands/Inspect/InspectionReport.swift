import Checkpoints
import Files
import Networks
import Reports
import Terminal
import Training

/// Everything that `inspect` tells of a file.
struct InspectionReport {
  private let file: InspectedFile
  private let model: ModelDescription?
  private let summary: NetworkSummary?
  private let settings: [(key: String, value: String)]

  init(_ file: InspectedFile) {
    self.file = file
    let described = Checkpoint(tensors: [], metadata: file.metadata)
    model = try? ModelDescription(described)
    summary = model.flatMap { model in
      try? model.architecture.network(
        input: [1, model.height, model.width, model.channels], classes: model.classNames.count)
    }.map(NetworkSummary.init)
    settings = (try? described.configuration())?.resultSettings ?? []
  }

  /// A sentence for each problem of the file.
  var problems: [String] {
    let tensors = file.notFinite
    guard tensors.isEmpty else {
      return tensors.compactMap { tensor in
        guard let figures = tensor.statistics, let fault = figures.firstNotFinite else {
          return nil
        }
        let count = figures.notFiniteCount
        return "\(file.path): tensor “\(tensor.name)” has \(Format.count(count)) "
          + "\(count == 1 ? "value" : "values") that \(count == 1 ? "is" : "are") not finite (found "
          + "\(fault.value) at element \(fault.index), expected numbers). Take an earlier checkpoint."
      }
    }
    return file.problem.map { ["\(file.path): \($0). \($0.advice)"] } ?? []
  }

  // MARK: Text

  var text: String {
    var text = "\(file.path)\n\n" + head.text
    if let model { text += "\nlayers  \(model.architecture.canonical)\n" }
    if let summary { text += "\n" + summary.consoleText }
    text += "\n" + tensorTable
    if !settings.isEmpty {
      var table = TextTable([.init("setting"), .init("value")])
      for (key, value) in settings { table.add([key, value]) }
      text += "\n" + table.text
    }
    return text
  }

  /// The file, the training and the model, each with a name.
  private var head: (rows: [(String, String)], text: String) {
    var rows = [
      ("file", "\(Format.bytes(file.byteCount)), SHA-256 \(file.hash)"),
      (
        "format",
        file.format.map { format in
          "checkpoint of format \(format), \(file.problem == nil ? "undamaged" : "damaged")"
        } ?? "safetensors of another program"
      ),
    ]
    if let step = file.metadata["step"] {
      rows.append(("step", step + (file.metadata["epoch"].map { ", epoch \($0)" } ?? "")))
    }
    if let data = file.metadata["data"] { rows.append(("data", data)) }
    if let model {
      rows.append(("model", "\(model.name), trained on \(model.dataset)"))
      let (mean, std) = (model.mean.map(\.description), model.std.map(\.description))
      rows.append(
        (
          "input",
          "\(model.height)×\(model.width)×\(model.channels), mean \(mean.joined(separator: " ")), "
            + "std \(std.joined(separator: " "))"
        ))
      rows.append(
        ("classes", "\(model.classNames.count): \(model.classNames.joined(separator: ", "))"))
    }
    let known = [
      "step", "epoch", "data", "model", "dataset", "input", "mean", "std", "classes",
      "architecture", "configuration",
    ]
    for key in file.metadata.keys.sorted() where !known.contains(key) || model == nil {
      guard !["step", "data", "epoch"].contains(key) else { continue }
      rows.append((key, file.metadata[key] ?? ""))
    }
    let width = rows.map(\.0.count).max() ?? 0
    let text = rows.map { name, value in
      name.escapedForTerminal + String(repeating: " ", count: width + 2 - name.count)
        + value.escapedForTerminal + "\n"
    }.joined()
    return (rows, text)
  }

  private var tensorTable: String {
    var table = TextTable([
      .init("tensor"), .init("shape"), .init("min", .right), .init("max", .right),
      .init("mean", .right), .init("std", .right), .init("zeros", .right), .init("norm", .right),
      .init("not finite", .right),
    ])
    for tensor in file.tensors {
      let shape = tensor.shape.map(String.init).joined(separator: " × ")
      guard let figures = tensor.statistics else {
        table.add([tensor.name, shape] + Array(repeating: "", count: 6) + [tensor.dtype.rawValue])
        continue
      }
      func number(_ value: Double?) -> String {
        value.map { Format.significant($0, digits: 4) } ?? "–"
      }
      table.add([
        tensor.name, shape, number(figures.minimum.map(Double.init)),
        number(figures.maximum.map(Double.init)), number(figures.mean), number(figures.std),
        figures.zeroShare.map { Format.percent($0, decimals: 1) } ?? "–", number(figures.norm),
        Format.count(figures.notFiniteCount),
      ])
    }
    return table.text
  }

  // MARK: JSON

  var json: CanonicalJSON {
    .object([
      .init("path", .string(file.path)), .init("bytes", .integer(file.byteCount)),
      .init("sha256", .string(file.hash)),
      .init("format", file.format.map { .string($0) } ?? .null),
      .init("problems", .array(problems.map { .string($0) })),
      .init(
        "metadata",
        .object(
          file.metadata.keys.sorted().filter { $0 != "configuration" || settings.isEmpty }.map {
            .init($0, .string(file.metadata[$0] ?? ""))
          })),
      .init("settings", .object(settings.map { .init($0.key, .string($0.value)) })),
      .init("layers", summary?.json ?? .null),
      .init("tensors", .array(file.tensors.map(Self.json))),
    ])
  }

  private static func json(_ tensor: InspectedFile.Tensor) -> CanonicalJSON {
    let figures = tensor.statistics
    return [
      "name": .string(tensor.name), "dtype": .string(tensor.dtype.rawValue),
      "shape": .array(tensor.shape.map { .integer($0) }),
      "min": figures?.minimum.map { .float($0) } ?? .null,
      "max": figures?.maximum.map { .float($0) } ?? .null,
      "mean": figures?.mean.map { .number($0) } ?? .null,
      "std": figures?.std.map { .number($0) } ?? .null,
      "zero_share": figures?.zeroShare.map { .number($0) } ?? .null,
      "norm": figures?.norm.map { .number($0) } ?? .null,
      "nan": figures.map { .integer($0.nanCount) } ?? .null,
      "infinite": figures.map { .integer($0.infiniteCount) } ?? .null,
    ]
  }
}
