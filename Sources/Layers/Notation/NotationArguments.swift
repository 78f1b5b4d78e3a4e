/// The arguments of one word of the notation, which a layer reads one by one.
///
/// Every reader throws a ``NotationError`` that names the word, the argument and the values that it
/// could have.
package struct NotationArguments {
  private let source: NotationWord
  /// The word in the text; for an alias, the word that it stands for.
  package let word: LayerWord
  private let text: String
  private var positional: ArraySlice<String>
  private var named: [(key: String, value: String)]

  /// The maximum extent. Activations of a larger extent would not fit into memory, so it is
  /// reported as a mistake.
  private static let greatest = 65_536

  init(_ source: NotationWord, as word: LayerWord, of text: String) {
    self.source = source
    self.word = word
    self.text = text
    positional = source.positional[...]
    named = source.named
  }

  /// True if layers stand between the word's brackets.
  var opensBlock: Bool { source.block == .opens }

  /// True if all arguments without a name have been read.
  package var isEmpty: Bool { positional.isEmpty }

  /// Throws if arguments have not been read.
  func finish() throws(NotationError) {
    if let extra = positional.first ?? named.first?.key {
      throw error("it does not take “\(extra)”")
    }
  }

  // MARK: Arguments without a name

  /// The next argument as text.
  ///
  /// - Parameter description: the argument's name in the message that it is missing: `the factor`.
  package mutating func next(_ description: String) throws(NotationError) -> String {
    guard let value = positional.popFirst() else { throw error("\(description) is missing") }
    return value
  }

  /// A whole number from 1 to 65,536.
  package mutating func number(
    _ what: String, _ description: String
  ) throws(NotationError) -> Int {
    try parseNumber(try next(description), what)
  }

  /// A height and a width, `3x5`, or one number for both.
  package mutating func extent(
    _ what: String, _ description: String
  ) throws(NotationError) -> Extent2D {
    try parseExtent(try next(description), what)
  }

  /// A number such as `0.4` or `1e-12`.
  ///
  /// - Parameter limits: the range in words.
  package mutating func real(
    _ what: String, _ description: String, _ range: ClosedRange<Double>, _ limits: String
  ) throws(NotationError) -> Double {
    try parseReal(try next(description), what, range, limits)
  }

  // MARK: Options

  /// An option as text; nil if it is not given.
  package mutating func option(_ key: String) throws(NotationError) -> String? {
    guard let index = named.firstIndex(where: { $0.key == key }) else { return nil }
    let value = named.remove(at: index).value
    if named.contains(where: { $0.key == key }) { throw error("\(key) is given twice") }
    return value
  }

  package mutating func number(
    option key: String, unlessGiven standard: Int
  ) throws(NotationError) -> Int {
    guard let value = try option(key) else { return standard }
    return try parseNumber(value, key)
  }

  package mutating func extent(
    option key: String, unlessGiven standard: Extent2D, least: Int = 1
  ) throws(NotationError) -> Extent2D {
    guard let value = try option(key) else { return standard }
    return try parseExtent(value, key, least: least)
  }

  package mutating func real(
    option key: String, _ range: ClosedRange<Double>, _ limits: String, unlessGiven standard: Double
  ) throws(NotationError) -> Double {
    guard let value = try option(key) else { return standard }
    return try parseReal(value, key, range, limits)
  }

  package mutating func flag(
    _ key: String, unlessGiven standard: Bool
  ) throws(NotationError) -> Bool {
    switch try option(key) {
    case nil: return standard
    case "yes", "true": return true
    case "no", "false": return false
    case let value?: throw error("\(key) is “\(value)”", expected: "\(key)=yes or \(key)=no")
    }
  }

  /// One of the `values`; the first if the option is not given.
  package mutating func choice(
    _ key: String, of values: [String]
  ) throws(NotationError) -> String {
    guard let value = try option(key) else { return values[0] }
    guard values.contains(value) else {
      throw error(
        "\(key) is “\(value)”",
        expected: values.map { "\(key)=\($0)" }.joined(separator: " or "))
    }
    return value
  }

  /// The option `padding` of a convolution: `same`, the default, `valid`, or numbers.
  ///
  /// - Parameter rows: the height for a signal, whose extents have no height in the text.
  package mutating func padding(rows: Int? = nil) throws(NotationError) -> Padding {
    switch try option("padding") {
    case nil, "same": .same
    case "valid": .valid
    case let value?: .explicit(try parseExtent(value, "padding", least: 0, rows: rows))
    }
  }

  // MARK: Values

  package func parseNumber(
    _ value: String, _ what: String, least: Int = 1
  ) throws(NotationError) -> Int {
    guard let number = Int(value), (least...Self.greatest).contains(number) else {
      throw error(
        "\(what) is “\(value)” (expected a whole number from \(least) to \(Self.greatest))")
    }
    return number
  }

  /// - Parameter rows: the height for a signal, whose extents have no height in the text.
  package func parseExtent(
    _ value: String, _ what: String, least: Int = 1, rows: Int? = nil
  ) throws(NotationError) -> Extent2D {
    if let rows { return Extent2D(rows, try parseNumber(value, what, least: least)) }
    let parts = value.split(separator: "x", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2 else {
      throw error("\(what) is “\(value)”", expected: "\(what)=n or \(what)=hxw")
    }
    let height = try parseNumber(parts[0], what, least: least)
    return Extent2D(
      height, parts.count == 2 ? try parseNumber(parts[1], what, least: least) : height)
  }

  package func parseReal(
    _ value: String, _ what: String, _ range: ClosedRange<Double>, _ limits: String
  ) throws(NotationError) -> Double {
    let isDecimal = value.utf8.allSatisfy {
      (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0)
    }
    guard isDecimal, let number = Double(value), range.contains(number) else {
      throw error("\(what) is “\(value)” (expected a number from \(limits))")
    }
    return number
  }

  // MARK: Mistakes

  /// An error at the word.
  ///
  /// - Parameter expected: the text that would be right; the word's form if nil.
  package func error(_ problem: String, expected: String? = nil) -> NotationError {
    NotationError(
      text: text, position: source.position, layer: source.text, problem: problem,
      expected: expected ?? word.form)
  }

  /// Throws if `problem` is not nil.
  package func refuse(_ problem: String?) throws(NotationError) {
    if let problem { throw error(problem) }
  }
}
