import Files

/// The folder of an evaluation's report.
///
/// `report.json` lists the other files of the report with their SHA-256. A new report replaces an earlier one
/// only if all its files still have these hashes. So no text that a person went on writing is lost.
///
/// While files are replaced, `report.json` lists the old hashes under `previous`, so a killed program leaves
/// no file that looks like a person's.
public struct ReportFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = path }

  private static let record = "report.json"

  /// The names of all files that a report may have besides `report.json`.
  public static let names = [
    "report.html", "report.md", "predictions.csv", "confusion.png", "confusion-normalized.png",
    "reliability.png", "confidence.png", "coverage.png", "worst.png", "reconstructions.png",
    "curves.png", "filters-start.png", "filters-end.png",
  ]

  /// The path of a file that a new report would replace although it is no unchanged file of a report; nil if
  /// there is none.
  public var foreignFile: String? {
    let hashes = recordedHashes
    let record = "\(path)/\(Self.record)"
    if hashes == nil, OutputFile.exists(record) { return record }
    for name in Self.names where OutputFile.exists("\(path)/\(name)") {
      guard let bytes = try? InputFile.read("\(path)/\(name)", limit: 1 << 30),
        let known = hashes,
        known.contains(where: { $0.name == name && $0.hash == Self.hash(bytes) })
      else { return "\(path)/\(name)" }
    }
    return nil
  }

  /// `path`, or the first of `path-2`, `path-3` and so on without a foreign file.
  public static func free(_ path: String) -> (folder: ReportFolder, foreignFile: String?) {
    let first = ReportFolder(path)
    guard let foreign = first.foreignFile else { return (first, nil) }
    var number = 2
    while true {
      let folder = ReportFolder("\(path)-\(number)")
      if folder.foreignFile == nil { return (folder, foreign) }
      number += 1
    }
  }

  /// Writes the report and removes files of the report that was here and that the new one does not have.
  ///
  /// - Returns: the bytes of `report.json`.
  /// - Throws: ``PNGError`` or `OutputFileError`.
  @discardableResult
  public func write(_ report: EvaluationReport) throws -> [UInt8] {
    let files = try report.files()
    let old = recordedHashes ?? []
    try OutputFile.createFolder(path)
    func record(previous: [Hashed]) -> [UInt8] {
      var members = report.jsonMembers
      members.append(.init("files", Self.json(files.map { ($0.name, Self.hash($0.bytes)) })))
      if !previous.isEmpty { members.append(.init("previous", Self.json(previous))) }
      return Array((CanonicalJSON.object(members).text + "\n").utf8)
    }
    let bytes = record(previous: [])
    try OutputFile.write(record(previous: old), to: "\(path)/\(Self.record)")
    for file in files { try OutputFile.write(file.bytes, to: "\(path)/\(file.name)") }
    for name in Self.names
    where old.contains(where: { $0.name == name }) && !files.contains(where: { $0.name == name }) {
      try OutputFile.remove("\(path)/\(name)", .system)
    }
    if !old.isEmpty { try OutputFile.write(bytes, to: "\(path)/\(Self.record)") }
    return bytes
  }

  private typealias Hashed = (name: String, hash: String)

  /// The files that `report.json` lists, also those of a report that was not written to its end; nil if there
  /// is no report.
  private var recordedHashes: [Hashed]? {
    guard let bytes = try? InputFile.read("\(path)/\(Self.record)", limit: 1 << 28),
      let report = try? StrictJSON.parse(bytes[...]), report["examples"] != nil,
      report["loss"] != nil, report["classes"] != nil
    else { return nil }
    return ["files", "previous"].flatMap { key -> [Hashed] in
      guard case .array(let files)? = report[key] else { return [] }
      return files.compactMap { file in
        guard case .string(let name)? = file["name"], case .string(let hash)? = file["sha256"]
        else { return nil }
        return (name, hash)
      }
    }
  }

  private static func json(_ files: [Hashed]) -> CanonicalJSON {
    .array(files.map { ["name": .string($0.name), "sha256": .string($0.hash)] })
  }

  private static func hash(_ bytes: [UInt8]) -> String { Hash.sha256(of: [bytes]) }
}
