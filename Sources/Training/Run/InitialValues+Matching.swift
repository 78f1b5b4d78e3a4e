import Checkpoints
import Files
import Layers

extension InitialValues {
  typealias Target = InitialTarget
  typealias Pairs = [(target: Target, entry: SafetensorsEntry)]

  /// The assignment of a file's tensors to parameters.
  struct NameMatching {
    /// The prefix of all names in the file that the network's names do not have: `model.`.
    let prefix: String
    let pairs: Pairs

    /// - Throws: ``CheckpointProblem`` that names the first tensor that is missing or not expected.
    init(
      _ entries: [SafetensorsEntry], with targets: [Target]
    ) throws(CheckpointProblem) {
      prefix = Self.prefix(of: entries.map(\.name), expected: targets.map(\.parameter.name))
      var unclaimed: [String: SafetensorsEntry] = [:]
      for entry in entries { unclaimed[String(entry.name.dropFirst(prefix.count))] = entry }
      var pairs: Pairs = []
      for target in targets {
        let name = target.parameter.name
        guard let entry = unclaimed.removeValue(forKey: name) else {
          throw .missing(tensor: name, shape: target.parameter.layout.storedShape)
        }
        pairs.append((target, entry))
      }
      if let entry = entries.first(where: { unclaimed[$0.name] != nil }) {
        throw .unexpected(tensor: entry.name, shape: entry.shape)
      }
      self.pairs = pairs
    }

    /// The prefix, up to a dot, whose removal makes `names` equal to `expected`; empty if there is
    /// none.
    private static func prefix(of names: [String], expected: [String]) -> String {
      let expected = Set(expected)
      guard let first = names.first, names.count == expected.count, Set(names) != expected else {
        return ""
      }
      for end in first.indices.reversed() where first[end] == "." {
        let prefix = first[...end]
        if names.allSatisfy({ $0.hasPrefix(prefix) }),
          Set(names.map { String($0.dropFirst(prefix.count)) }) == expected
        {
          return String(prefix)
        }
      }
      return ""
    }
  }

  /// The layout of a file's weights, given or recognized.
  struct LayoutChoice {
    let layout: WeightLayout
    private(set) var notice: String?

    init(
      _ given: WeightLayout?, file: SafetensorsFile, pairs: Pairs, network: Sequential
    ) {
      if let given {
        layout = given
        return
      }
      let fits = { (layout: WeightLayout) in
        let head = ReplacedHead(of: network, pairs: pairs, layout: layout)
        return pairs.allSatisfy { target, entry in
          entry.shape == target.shape(in: layout) || head?.contains(target) ?? false
        }
      }
      guard fits(.mlx) else {
        layout = .pytorch
        return
      }
      guard fits(.pytorch) else {
        layout = .mlx
        notice =
          "its weights are in MLX's layout, [cout, kh, kw, cin], by their shapes;"
          + " they were brought into PyTorch's."
        return
      }
      layout = .pytorch
      // Files of this program and of PyTorch's library state their format.
      let isKnown = ["\(CheckpointFile.format)", "pt"].contains(file.metadata["format"])
      if !isKnown, let target = pairs.first(where: { $0.target.dependsOnLayout })?.target {
        notice =
          "its shapes, such as \(target.parameter.layout.storedShape) of"
          + " \(target.parameter.name), fit PyTorch's layout and MLX's alike;"
          + " PyTorch's was taken. If it is MLX's, give --init-layout mlx."
      }
    }
  }

  /// A head that was trained for another number of classes and is therefore not loaded.
  ///
  /// The head is the last layer with parameters. Its shapes in the file must differ from the
  /// network's in the number of classes only.
  struct ReplacedHead {
    let notice: String
    private let names: [String]

    /// Nil if the head's shapes are equal or differ in another way.
    init?(of network: Sequential, pairs: Pairs, layout: WeightLayout) {
      guard !network.isAutoencoder,
        let layer = network.layers.last(where: { !$0.parameters.isEmpty })
      else { return nil }
      let names = layer.parameters.map(\.name)
      let head = pairs.filter { names.contains($0.target.parameter.name) }
      let classes = network.outputShape.countPerExample
      var found: Int?
      for (target, entry) in head {
        let axis = target.outputAxis(in: layout)
        var shape = target.shape(in: layout)
        guard entry.shape.count == shape.count, shape[axis] == classes else { return nil }
        shape[axis] = entry.shape[axis]
        guard entry.shape == shape, shape[axis] != classes, found == nil || found == shape[axis]
        else { return nil }
        found = shape[axis]
      }
      guard let found else { return nil }
      self.names = names
      let tensors = head.map { "\($0.entry.name) \($0.entry.shape)" }.joined(separator: ", ")
      notice =
        "\(tensors): not loaded, for \(found) classes where the network has \(classes);"
        + " \(layer.name) starts anew."
    }

    func contains(_ target: Target) -> Bool { names.contains(target.parameter.name) }
  }
}
