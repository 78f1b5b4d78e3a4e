/// Reads the body of a request from the bytes of a connection, as they arrive (RFC 9112, section 7).
struct BodyReader {
  private enum State {
    case data(left: Int)
    case chunkSize
    case chunk(left: Int)
    case chunkEnd
    case trailer(left: Int)
    case complete
  }

  private(set) var body: [UInt8] = []
  private var state: State
  private let limit: Int
  private let isChunked: Bool

  /// The longest line with the size of a chunk, and the largest trailer.
  private static let longestLine = 1024

  /// - Throws: ``HTTPProblem`` if the body is announced to be larger than `limit` bytes.
  init(_ framing: HTTPHead.Framing, limit: Int) throws(HTTPProblem) {
    self.limit = limit
    switch framing {
    case .length(let length):
      guard length <= limit else { throw Self.tooLarge(length, limit) }
      isChunked = false
      state = length == 0 ? .complete : .data(left: length)
    case .chunked:
      isChunked = true
      state = .chunkSize
    }
  }

  var isComplete: Bool { if case .complete = state { true } else { false } }

  /// Takes the body's bytes from the front of `input`; bytes of the next request stay there.
  mutating func read(_ input: inout ArraySlice<UInt8>) throws(HTTPProblem) {
    while true {
      switch state {
      case .complete: return
      case .data(let left):
        let count = take(left, &input)
        state = count == left ? .complete : .data(left: left - count)
        if count < left { return }
      case .chunk(let left):
        let count = take(left, &input)
        state = count == left ? .chunkEnd : .chunk(left: left - count)
        if count < left { return }
      case .chunkSize:
        guard let line = try line(&input) else { return }
        let size = try Self.size(line)
        guard size <= limit - body.count else { throw Self.tooLarge(body.count + size, limit) }
        state = size == 0 ? .trailer(left: Self.longestLine) : .chunk(left: size)
      case .chunkEnd:
        guard let line = try line(&input) else { return }
        guard line.isEmpty else { throw Self.malformed }
        state = .chunkSize
      case .trailer(let left):
        guard let line = try line(&input) else { return }
        guard line.count + 2 <= left else { throw Self.malformed }
        state = line.isEmpty ? .complete : .trailer(left: left - line.count - 2)
      }
    }
  }

  private mutating func take(_ count: Int, _ input: inout ArraySlice<UInt8>) -> Int {
    let part = input.prefix(count)
    body += part
    input = input.dropFirst(part.count)
    return part.count
  }

  /// The next line without its end; nil if it is not complete.
  private func line(_ input: inout ArraySlice<UInt8>) throws(HTTPProblem) -> ArraySlice<UInt8>? {
    guard let end = input.firstIndex(of: 0x0a) else {
      guard input.count <= Self.longestLine else { throw Self.malformed }
      return nil
    }
    guard end > input.startIndex, input[end - 1] == 0x0d,
      end - input.startIndex <= Self.longestLine
    else { throw Self.malformed }
    defer { input = input[(end + 1)...] }
    return input[..<(end - 1)]
  }

  /// The size at the start of a chunk: hexadecimal digits, and possibly an extension.
  private static func size(_ line: ArraySlice<UInt8>) throws(HTTPProblem) -> Int {
    let digits = line.prefix { $0 != UInt8(ascii: ";") }
    let text = String(Substring(decoding: digits, as: UTF8.self).trimmed)
    guard (1...15).contains(text.utf8.count), text.allSatisfy(\.isHexDigit),
      let size = Int(text, radix: 16)
    else { throw malformed }
    return size
  }

  private static let malformed = HTTPProblem(400, "The body's chunks are malformed.")

  private static func tooLarge(_ found: Int, _ limit: Int) -> HTTPProblem {
    HTTPProblem(
      413, "The body is too large (found \(found) bytes, expected at most \(limit)).")
  }
}
