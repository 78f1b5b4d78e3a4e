import Datasets
import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Downloads files whose SHA-256 is known in advance.
///
/// Each file is received into a part file from the first mirror that delivers it. The part file is
/// checked, brought to the disk and only then renamed. Archives are unpacked and removed. After any
/// interruption all files under their final names are complete, and the next call continues from
/// the part file. Only one process at a time works in a folder.
public struct Downloader {
  /// A step of a download, for display.
  public enum Event: Equatable, Sendable {
    /// Another process works in the folder, and this one waits for it.
    case waiting(folder: String, process: Int?)
    /// A request is sent; `done` bytes are in the part file already.
    case starting(file: String, address: String, done: Int, total: Int?)
    case progress(file: String, done: Int, total: Int?)
    /// A mirror did not deliver the file; the download tries this or another mirror next.
    case refused(file: String, address: String, MirrorProblem)
    case unpacking(file: String)
    case finished(file: String)
  }

  /// The only mirror, in place of the published ones: the address of the folder that holds the
  /// files. It ends in that folder's name. Http is allowed for this computer.
  public var mirror: String?
  public var limits = TransferLimits()
  public var operations = FileOperations.system
  /// Called for each event.
  public var report: (Event) -> Void = { _ in }
  /// Called many times a second.
  public var isInterrupted: () -> Bool = { false }

  public init() {}

  /// Downloads those of `files` that are missing in `folder`, and creates the folder if needed.
  ///
  /// - Returns: true if a file was missing.
  @discardableResult
  public func fetch(
    _ files: [DatasetDownload], into folder: String
  ) throws(DownloadError) -> Bool {
    if let mirror { try check(mirror) }
    try writing { () throws(OutputFileError) in
      try OutputFile.createFolder(folder, operations: operations)
    }
    let lock = try lock(folder)
    defer { lock.release() }
    try writing { () throws(OutputFileError) in
      try OutputFile.removeLeftovers(in: folder, operations: operations)
    }
    // Another process may have downloaded the files while this one waited for the lock.
    let missing = files.filter { !isPresent($0, in: folder) }
    for file in files where !file.members.isEmpty && isPresent(file, in: folder) {
      try removeArchive(file, in: folder)
    }
    for file in missing {
      let addresses = mirror.map { ["\($0)\($0.hasSuffix("/") ? "" : "/")\(file.name)"] }
      let content = try fetch(file, at: addresses ?? file.urls, into: folder)
      if !file.members.isEmpty { try unpack(file, content, in: folder) }
      report(.finished(file: file.name))
    }
    return !missing.isEmpty
  }

  private func check(_ mirror: String) throws(DownloadError) {
    do throws(MirrorProblem) { _ = try MirrorAddress(mirror, allowsLoopback: true) } catch {
      throw .mirror(mirror)
    }
  }

  /// True if `folder` has the file, as published or decompressed, or all files to unpack from it.
  private func isPresent(_ file: DatasetDownload, in folder: String) -> Bool {
    guard file.members.isEmpty else {
      return file.members.allSatisfy { OutputFile.exists(self.path(ofMember: $0, in: folder)) }
    }
    let path = "\(folder)/\(file.name)"
    return OutputFile.exists(path)
      || (path.hasSuffix(".gz") && OutputFile.exists(String(path.dropLast(3))))
  }

  /// The path to which a file of an archive is unpacked.
  private func path(ofMember member: String, in folder: String) -> String {
    "\(folder)/\(member.split(separator: "/").last ?? "")"
  }

  /// Writes the required files of `file`, an archive with the bytes `archive`, and removes the
  /// archive.
  private func unpack(
    _ file: DatasetDownload, _ archive: [UInt8], in folder: String
  ) throws(DownloadError) {
    report(.unpacking(file: file.name))
    let path = "\(folder)/\(file.name)"
    try archive.withUnsafeBufferPointer { bytes throws(DownloadError) in
      var reader: TarReader
      do throws(TarError) {
        reader = try TarReader(bytes, members: file.members, limit: IDX.largestFileCount)
      } catch { throw .archive(path: path, error) }
      while true {
        let member: TarReader.File?
        do throws(TarError) { member = try reader.next() } catch {
          throw .archive(path: path, error)
        }
        guard let member else { break }
        let place = self.path(ofMember: member.name, in: folder)
        try writing { () throws(OutputFileError) in
          try OutputFile.write(member.content, to: place, operations: operations)
        }
      }
    }
    try removeArchive(file, in: folder)
  }

  /// Removes an archive whose files are all there; an earlier process may have been killed before
  /// it removed the archive.
  private func removeArchive(
    _ file: DatasetDownload, in folder: String
  ) throws(DownloadError) {
    let path = "\(folder)/\(file.name)"
    guard OutputFile.exists(path) else { return }
    do throws(SystemError) { try operations.remove(path) } catch {
      throw .output(.failed(path: path, action: .remove, reason: error))
    }
  }

  private func writing(_ body: () throws(OutputFileError) -> Void) throws(DownloadError) {
    do throws(OutputFileError) { try body() } catch { throw .output(error) }
  }

  /// Waits until no other process works in `folder`.
  private func lock(_ folder: String) throws(DownloadError) -> FolderLock {
    var hasReported = false
    while true {
      do throws(FolderLockError) { return try FolderLock(directory: folder) } catch {
        guard case .busy(_, let process) = error else { throw .lock(error) }
        if !hasReported { report(.waiting(folder: folder, process: process)) }
        hasReported = true
        if isInterrupted() {
          throw .interrupted(file: folder, folder: folder, kept: 0, expected: nil)
        }
        pause(0.1)
      }
    }
  }

  /// Waits for `seconds`, or until an interruption.
  func pause(_ seconds: Double) {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end, !isInterrupted() {
      usleep(20_000)
    }
  }
}
