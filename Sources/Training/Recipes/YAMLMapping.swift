import CLibyaml

/// Why a text is not a mapping of names to scalars.
enum YAMLMappingError: Error, Equatable {
  /// The text is not YAML, with libyaml's message.
  case syntax(String)
  case notMapping
  /// The value under `key` is a list or a mapping; nil if the key itself is.
  case notScalar(key: String?)
}

/// A YAML document that maps names to scalars, or to lists of scalars, read by the system's libyaml.
struct YAMLMapping {
  /// The text of a scalar. `isPlain` is true if it has no quotation marks, so that `null` means
  /// nil.
  struct Scalar: Equatable {
    let text: String
    let isPlain: Bool
  }

  /// In the order of the file; a name may appear twice.
  private(set) var items: [(key: String, value: Value)] = []

  /// The value of a name.
  enum Value: Equatable {
    case scalar(Scalar)
    case list([Scalar])
  }

  /// The items without lists.
  var entries: [(key: String, value: Scalar)] {
    items.compactMap { key, value in
      if case .scalar(let scalar) = value { (key, scalar) } else { nil }
    }
  }

  /// Reads one document of `utf8`. A syntax error anywhere is reported before all other errors.
  ///
  /// - Parameter allowsLists: false if a list is an error.
  init(_ utf8: [UInt8], allowsLists: Bool = false) throws(YAMLMappingError) {
    // With the encoding given, libyaml takes a byte-order mark for text.
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = utf8.starts(with: byteOrderMark) ? utf8.dropFirst(byteOrderMark.count) : utf8[...]
    // libyaml keeps the parser's address.
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { parser.deallocate() }
    guard yaml_parser_initialize(parser) != 0 else { throw .syntax("out of memory") }
    defer { yaml_parser_delete(parser) }
    var reader = Reader(allowsLists: allowsLists)
    let failure: YAMLMappingError? = text.withUnsafeBufferPointer { bytes in
      yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      while !reader.isAtEnd {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) != 0 else {
          return Self.syntaxError(parser.pointee, in: bytes)
        }
        defer { yaml_event_delete(&event) }
        do throws(YAMLMappingError) { try reader.take(event) } catch { return error }
      }
      return nil
    }
    if let failure { throw failure }
    if let problem = reader.problem { throw problem }
    guard reader.hasMapping else { throw .notMapping }
    items = reader.items
  }

  private static func syntaxError(
    _ parser: yaml_parser_t, in text: UnsafeBufferPointer<UInt8>
  ) -> YAMLMappingError {
    let problem = parser.problem.map { String(cString: $0) } ?? "cannot be read"
    // For a character that is not allowed, libyaml gives its place in bytes.
    let line =
      parser.error == YAML_READER_ERROR
      ? text.prefix(Int(parser.problem_offset)).count { $0 == UInt8(ascii: "\n") }
      : Int(parser.problem_mark.line)
    return .syntax("line \(line + 1): \(problem)")
  }

  /// Builds the mapping from libyaml's events.
  private struct Reader {
    let allowsLists: Bool
    var items: [(key: String, value: Value)] = []
    var isAtEnd = false
    var hasMapping = false
    /// The first valid YAML construct that is not part of a mapping of scalars.
    var problem: YAMLMappingError?
    private var depth = 0
    private var documents = 0
    /// The key whose value comes next.
    private var key: Scalar?
    /// The scalars so far of the list that is the value of `key`.
    private var list: [Scalar]?

    init(allowsLists: Bool) { self.allowsLists = allowsLists }

    mutating func take(_ event: yaml_event_t) throws(YAMLMappingError) {
      switch event.type {
      case YAML_STREAM_END_EVENT: isAtEnd = true
      case YAML_DOCUMENT_START_EVENT:
        documents += 1
        if documents > 1 {
          throw .syntax("line \(event.start_mark.line + 1): a second document begins")
        }
      case YAML_ALIAS_EVENT:
        throw .syntax("line \(event.start_mark.line + 1): an alias stands here")
      case YAML_MAPPING_START_EVENT:
        if depth == 0 { hasMapping = true } else if depth == 1 || list != nil { nest() }
        depth += 1
      case YAML_SEQUENCE_START_EVENT:
        if depth == 1, hasMapping, allowsLists, key != nil {
          list = []
        } else if depth == 1 || list != nil {
          nest()
        }
        depth += 1
      case YAML_MAPPING_END_EVENT, YAML_SEQUENCE_END_EVENT:
        depth -= 1
        if depth == 1 { endList() }
      case YAML_SCALAR_EVENT:
        if depth == 1 && hasMapping { take(Self.scalar(event)) }
        if depth == 2, list != nil { list?.append(Self.scalar(event)) }
      default: break
      }
    }

    private mutating func take(_ scalar: Scalar) {
      if let key {
        items.append((key.text, .scalar(scalar)))
        self.key = nil
      } else {
        key = scalar
      }
    }

    private mutating func endList() {
      guard let list, let key else { return }
      items.append((key.text, .list(list)))
      self.list = nil
      self.key = nil
    }

    /// Handles the start of a list or a mapping where a scalar is expected.
    private mutating func nest() {
      if problem == nil && hasMapping { problem = .notScalar(key: key?.text) }
      guard list == nil else { return }
      key = key == nil ? Scalar(text: "?", isPlain: false) : nil
    }

    private static func scalar(_ event: yaml_event_t) -> Scalar {
      let scalar = event.data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return Scalar(
        text: String(decoding: bytes, as: UTF8.self),
        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.plain_implicit != 0)
    }
  }
}

extension YAMLMapping.Scalar {
  /// The value by YAML's core schema: `true` or `false` in one spelling, nil for null; otherwise
  /// the text.
  ///
  /// A plain empty value, as in `lr:`, is null, too.
  var value: String? {
    guard isPlain else { return text }
    return switch text {
    case "", "null", "Null", "NULL", "~": nil
    case "True", "TRUE": "true"
    case "False", "FALSE": "false"
    default: text
    }
  }
}
