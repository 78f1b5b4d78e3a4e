import Checkpoints
import Files
import Terminal
import Training

/// Where two checkpoints differ.
struct CheckpointComparison {
  private typealias Setting = (key: String, first: String?, second: String?)

  private let first: InspectedFile
  private let second: InspectedFile
  private let tensors: FileDifference
  /// Entries of the metadata and settings with different values; nil if a file does not have it.
  private let metadata: [Setting]
  private let settings: [Setting]

  init(_ first: InspectedFile, _ second: InspectedFile) {
    (self.first, self.second) = (first, second)
    tensors = FileDifference(first, second)
    metadata = Self.differences(first.metadata, second.metadata).filter {
      $0.key != "configuration"
    }
    settings = Self.differences(Self.settings(of: first), Self.settings(of: second))
  }

  private static func settings(of file: InspectedFile) -> [String: String] {
    let checkpoint = Checkpoint(tensors: [], metadata: file.metadata)
    guard let configuration = try? checkpoint.configuration() else { return [:] }
    return Dictionary(uniqueKeysWithValues: configuration.resultSettings.map { ($0.key, $0.value) })
  }

  private static func differences(
    _ first: [String: String], _ second: [String: String]
  ) -> [Setting] {
    Set(first.keys).union(second.keys).sorted().compactMap { key in
      first[key] == second[key] ? nil : (key, first[key], second[key])
    }
  }

  // MARK: Text

  var text: String {
    var text = "A  \(first.path)\nB  \(second.path)\n"
    for (title, differences) in [("metadata", metadata), ("setting", settings)]
    where !differences.isEmpty {
      var table = TextTable([.init(title), .init("A"), .init("B")])
      for (key, a, b) in differences {
        table.add([key, Self.shortened(a), Self.shortened(b)])
      }
      text += "\n" + table.text
    }
    if !tensors.changed.isEmpty {
      var table = TextTable([
        .init("tensor"), .init("shape"), .init("values that differ", .right),
        .init("greatest difference", .right), .init("at", .right),
        .init("greatest relative", .right), .init("at", .right),
      ])
      for changed in tensors.changed {
        let difference = changed.difference
        table.add([
          changed.name, changed.shape.map(String.init).joined(separator: " × "),
          "\(Format.count(difference.count)) of \(Format.count(difference.total))",
          Format.significant(difference.absolute, digits: 4), "\(difference.absoluteIndex)",
          Format.significant(difference.relative, digits: 4), "\(difference.relativeIndex)",
        ])
      }
      text += "\n" + table.text
    }
    for (name, names) in [("A", tensors.onlyFirst), ("B", tensors.onlySecond)] where !names.isEmpty
    {
      text += "\nonly in \(name): \(names.map(\.escapedForTerminal).joined(separator: ", "))\n"
    }
    for tensor in tensors.misshapen {
      text += "\n\(tensor.name.escapedForTerminal): \(tensor.first) in A, \(tensor.second) in B\n"
    }
    let count = Format.counted(tensors.equalCount, "tensor")
    text +=
      tensors.isEmpty && metadata.isEmpty && settings.isEmpty
      ? "\nno difference: \(count), metadata and settings are equal\n"
      : "\n\(count) \(tensors.equalCount == 1 ? "is" : "are") equal to the bit\n"
    return text
  }

  /// The value in at most 60 letters.
  private static func shortened(_ text: String?) -> String {
    guard let text else { return "–" }
    return text.count <= 60 ? text : text.prefix(59) + "…"
  }

  // MARK: JSON

  var json: CanonicalJSON {
    [
      "a": .string(first.path), "b": .string(second.path), "metadata": Self.json(metadata),
      "settings": Self.json(settings), "equal_tensors": .integer(tensors.equalCount),
      "only_a": .array(tensors.onlyFirst.map { .string($0) }),
      "only_b": .array(tensors.onlySecond.map { .string($0) }),
      "other_shapes": .array(
        tensors.misshapen.map {
          [
            "name": .string($0.name), "a": .array($0.first.map { .integer($0) }),
            "b": .array($0.second.map { .integer($0) }),
          ]
        }),
      "tensors": .array(
        tensors.changed.map { changed in
          let difference = changed.difference
          return [
            "name": .string(changed.name), "shape": .array(changed.shape.map { .integer($0) }),
            "different": .integer(difference.count), "elements": .integer(difference.total),
            "greatest_difference": .number(difference.absolute),
            "greatest_difference_at": .integer(difference.absoluteIndex),
            "greatest_relative_difference": .number(difference.relative),
            "greatest_relative_difference_at": .integer(difference.relativeIndex),
          ]
        }),
    ]
  }

  private static func json(_ differences: [Setting]) -> CanonicalJSON {
    .object(
      differences.map { key, a, b in
        .init(
          key,
          ["a": a.map { .string($0) } ?? .null, "b": b.map { .string($0) } ?? .null])
      })
  }
}
