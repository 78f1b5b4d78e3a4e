import Datasets
import Layers

/// Hyperparameters by groups of parameters: `--groups "bn bias: lr=x64, wd=0; fc1.*: momentum=0"`.
///
/// A group is a selection, a colon and values. The words of a selection must all hold:
///
/// | word | selects |
/// |---|---|
/// | `all` | all parameters |
/// | `weight`, `bias`, `scale` | parameters of a kind |
/// | `conv`, `bn`, `fc1` | parameters of all layers of that name, or of one layer |
/// | `conv*.weight` | names that match; `*` stands for any text |
///
/// `sched` is a schedule of the group's own, for example `linear(until=3)`.
///
/// The values replace those of other settings, and a later group replaces those of an earlier one.
public struct GroupSettings: Equatable, Sendable, CustomStringConvertible {
  /// The learning rate of a group.
  enum Rate: Equatable, Sendable {
    /// `x64`: the learning rate times a factor.
    case factor(Double)
    /// `0.05`: a rate at the start, which the schedule changes as it changes `--lr`.
    case start(Double)
  }

  struct Group: Equatable, Sendable {
    var words: [String]
    var rate: Rate?
    var weightDecay: Double?
    var momentum: Double?
    var usesMuon: Bool?
    var schedule: Schedule?
  }

  private(set) var groups: [Group]

  static let forms = "groups such as \"bn bias: lr=x64, wd=0; fc1.*: momentum=0.5\""

  /// Reads the text of a ``description``.
  ///
  /// - Throws: ``SettingError`` for the first mistake.
  init(_ text: String) throws(SettingError) {
    var groups: [Group] = []
    for part in Self.split(text[...], at: ";") {
      groups.append(try Self.group(part))
    }
    self.groups = groups
  }

  private static func group(_ text: Substring) throws(SettingError) -> Group {
    let sides = split(text, at: ":")
    let words = sides[0].split(whereSeparator: \.isWhitespace).map(String.init)
    guard sides.count == 2, !words.isEmpty else {
      throw error("a group is a selection, a colon and values", found: text)
    }
    var group = Group(words: words)
    var keys: Set<String> = []
    for item in split(sides[1], at: ",") {
      let pair = split(item, at: "=").map {
        String($0.filter { !$0.isWhitespace })
      }
      guard pair.count == 2, group.set(pair[0], to: pair[1]) else {
        throw error(
          "no value", found: item,
          expected: "lr=0.1 or lr=x2, wd=0.01, momentum=0.9, sched=linear, or muon=yes")
      }
      guard keys.insert(pair[0]).inserted else {
        throw error("\(pair[0]) stands twice in a group", found: text)
      }
    }
    return group
  }

  /// The parts of `text` between separators that are not in parentheses.
  private static func split(_ text: Substring, at separator: Character) -> [Substring] {
    var depth = 0
    var parts: [Substring] = []
    var start = text.startIndex
    for index in text.indices {
      switch text[index] {
      case "(": depth += 1
      case ")": depth -= 1
      case separator where depth == 0:
        parts.append(text[start..<index])
        start = text.index(after: index)
      default: break
      }
    }
    return parts + [text[start...]]
  }

  private static func error(
    _ problem: String, found: Substring, expected: String = forms
  ) -> SettingError {
    SettingError(
      key: "groups", problem: problem,
      found: found.split(whereSeparator: \.isWhitespace).joined(separator: " "),
      expected: expected)
  }

  /// The same groups without schedules of their own.
  var withoutSchedules: GroupSettings {
    var settings = self
    for place in settings.groups.indices { settings.groups[place].schedule = nil }
    return settings
  }

  public var description: String { groups.map(\.description).joined(separator: "; ") }

  /// A parameter group for each group.
  ///
  /// - `learningRate`: the rate at the start, `--lr`.
  /// - Throws: ``SettingError`` for a group that selects no trained parameter, and for a rate if
  ///   `learningRate` is 0.
  func parameterGroups(
    of network: Sequential, learningRate: Double
  ) throws(SettingError) -> [ParameterGroup] {
    var result: [ParameterGroup] = []
    for group in groups {
      let parameterGroup = ParameterGroup(
        .every(group.words.map(Self.selection)),
        learningRateFactor: try group.factor(of: learningRate),
        weightDecay: group.weightDecay.map { Float($0) },
        momentum: group.momentum.map { Float($0) }, usesMuon: group.usesMuon,
        schedule: group.schedule)
      let selected = network.layers.flatMap { layer in
        layer.parameters.filter { $0.isTrained && parameterGroup.selects($0, of: layer) }
      }
      let selection = group.words.joined(separator: " ")
      guard !selected.isEmpty else { throw Self.selectsNothing(selection, in: network) }
      if group.usesMuon == true, let vector = selected.first(where: { $0.kind != .weight }) {
        throw SettingError(
          key: "groups", problem: "“\(selection)” selects \(vector.name), which is no matrix",
          found: group.description, expected: "muon=yes for weights only")
      }
      result.append(parameterGroup)
    }
    return result
  }

  private static func selection(_ word: String) -> ParameterGroup.Selection {
    if word == "all" { return .all }
    if let kind = ParameterKind(rawValue: word) { return .kind(kind) }
    return word.contains(".") || word.contains("*") ? .named(word) : .layer(word)
  }

  private static func selectsNothing(_ selection: String, in network: Sequential) -> SettingError {
    let layers = network.layers.filter { $0.parameters.contains(where: \.isTrained) }
    let names = layers.flatMap { layer in
      [layer.nameWithoutNumber, layer.name]
        + layer.parameters.filter(\.isTrained).map(\.name)
    }
    let nearest = NearestName.hint(selection, among: names)
    return SettingError(
      key: "groups", problem: "“\(selection)” selects no trained parameter\(nearest)", found: nil,
      expected: "all, weight, bias, scale, or some of "
        + network.trainedParameters.map(\.name).joined(separator: ", "))
  }
}

extension GroupSettings.Group {
  /// Sets the value called `key`.
  ///
  /// - Returns: false if there is no such key, or the value is invalid.
  fileprivate mutating func set(_ key: String, to text: String) -> Bool {
    switch key {
    case "lr":
      let isFactor = text.hasPrefix("x")
      guard let number = Self.number(isFactor ? String(text.dropFirst()) : text) else {
        return false
      }
      rate = isFactor ? .factor(number) : .start(number)
    case "wd":
      guard let number = Self.number(text) else { return false }
      weightDecay = number
    case "momentum":
      guard let number = Self.number(text), number < 1 else { return false }
      momentum = number
    case "muon":
      guard let value = ["yes": true, "no": false][text] else { return false }
      usesMuon = value
    case "sched":
      guard let value = Schedule(text), !value.followsValidation else { return false }
      schedule = value
    default: return false
    }
    return true
  }

  /// A number from 0 up.
  private static func number(_ text: String) -> Double? {
    guard let number = Double(text), number >= 0, Float(number).isFinite else { return nil }
    return number
  }

  var description: String {
    var values: [String] = []
    switch rate {
    case .factor(let factor)?: values.append("lr=x\(factor)")
    case .start(let rate)?: values.append("lr=\(rate)")
    case nil: break
    }
    if let weightDecay { values.append("wd=\(weightDecay)") }
    if let momentum { values.append("momentum=\(momentum)") }
    if let usesMuon { values.append("muon=\(usesMuon ? "yes" : "no")") }
    if let schedule { values.append("sched=\(schedule)") }
    return "\(words.joined(separator: " ")): \(values.joined(separator: ", "))"
  }

  /// The factor of the schedule's learning rate, which starts at `learningRate`.
  fileprivate func factor(of learningRate: Double) throws(SettingError) -> Float? {
    switch rate {
    case .factor(let factor)?: return Float(factor)
    case .start(let rate)?:
      guard learningRate > 0, Float(rate / learningRate).isFinite else {
        throw SettingError(
          key: "groups", problem: "a rate is reached from --lr, which is \(learningRate)",
          found: description, expected: "--lr above 0")
      }
      return Float(rate / learningRate)
    case nil: return nil
    }
  }
}
