import Files

/// A run's folder of event files.
///
/// `events.out.tfevents.000000` has the hyperparameters. Each call of `train` that works on the run adds a file
/// with the next number. TensorBoard reads them in this order, as one series.
public struct EventFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  private static let prefix = "events.out.tfevents."
  /// The greatest size of a file that is read.
  private static let limit = 1 << 34

  private func path(_ number: Int) -> String {
    let digits = String(number)
    return
      "\(path)/\(Self.prefix)\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)"
  }

  /// The numbers of the files of events, in their order.
  private var numbers: [Int] {
    let names = (try? OutputFile.names(in: path)) ?? []
    return names.compactMap { name -> Int? in
      guard name.hasPrefix(Self.prefix) else { return nil }
      let digits = name.dropFirst(Self.prefix.count)
      guard digits.count >= 6, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = Int(digits), number > 0, "\(path)/\(name)" == path(number)
      else { return nil }
      return number
    }.sorted()
  }

  /// Writes the hyperparameters, unless they are there. The time of the run's start stays.
  ///
  /// - Parameter time: in seconds since 1970.
  public func write(
    _ hyperparameters: SessionHyperparameters, at time: Double
  ) throws(OutputFileError) {
    try OutputFile.createFolder(path)
    let known = (try? InputFile.read(path(0), limit: Self.limit)) ?? []
    let events = EventRecord.records(in: known).dropFirst().map(\.data)
    guard !hyperparameters.isEqual(toStart: events) else { return }
    let start = SessionHyperparameters.startTime(in: events) ?? time
    let records = [Event.version(wallTime: start)] + hyperparameters.start(at: start).map(\.bytes)
    try OutputFile.write(records.flatMap(EventRecord.encode), to: path(0))
  }

  /// Creates the file for new events.
  ///
  /// - Parameter time: in seconds since 1970.
  public func create(at time: Double) throws(OutputFileError) -> EventFile {
    try OutputFile.createFolder(path)
    let file = try EventFile(creating: path((numbers.last ?? 0) + 1), at: time)
    try file.write()
    return file
  }

  /// Removes the first event that `keeps` refuses and all that follow, and the rest of an event that was not
  /// written to its end.
  ///
  /// Files are cut back and not replaced, so a TensorBoard that has them open goes on reading.
  ///
  /// - Returns: true if an event with values is left.
  public func cutBack(
    keeping keeps: (_ step: Int, _ tags: [String]) -> Bool
  ) throws(OutputFileError) -> Bool {
    var (isCut, isFilled) = (false, false)
    for number in numbers {
      let path = path(number)
      guard !isCut else {
        try OutputFile.remove(path, .system)
        continue
      }
      let bytes: [UInt8]
      do throws(InputFileProblem) { bytes = try InputFile.read(path, limit: Self.limit) } catch {
        continue
      }
      var length = 0
      for record in EventRecord.records(in: bytes) {
        guard let (step, tags) = Event.outline(of: record.data) else { break }
        if !tags.isEmpty {
          guard keeps(step, tags) else {
            isCut = true
            break
          }
          isFilled = true
        }
        length = record.end
      }
      if length < bytes.count { try Self.truncate(path, to: length) }
    }
    return isFilled
  }

  private static func truncate(_ path: String, to length: Int) throws(OutputFileError) {
    let file: AppendedFile
    do throws(SystemError) { file = try AppendedFile(opening: path) } catch {
      throw .failed(path: path, action: .truncate, reason: error)
    }
    try file.cutBack(to: length)
  }
}
