import Datasets
import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Fetches files that are known in advance by their SHA-256.
///
/// Each comes into a part file, from the first mirror that gives it, is checked, brought to the disk and
/// only then gets its name; archives are unpacked and removed. Whatever stops this, what is there is
/// whole, and the next call goes on from the part file. One process at a time works in a folder.
public struct Downloader {
  /// What happens, for a person to see.
  public enum Event: Equatable, Sendable {
    /// Another process works in the folder.
    case waiting(folder: String, process: Int?)
    /// A request is sent; `done` bytes are here already.
    case starting(file: String, address: String, done: Int, total: Int?)
    case progress(file: String, done: Int, total: Int?)
    /// A mirror did not give the file; another or the same one is tried.
    case refused(file: String, address: String, MirrorProblem)
    case unpacking(file: String)
    case finished(file: String)
  }

  /// The only mirror, in place of the published ones: an address that ends in the name of the folder
  /// which holds the files. It may be http to this computer.
  public var mirror: String?
  public var limits = TransferLimits()
  public var operations = FileOperations.system
  /// Called for each event.
  public var report: (Event) -> Void = { _ in }
  /// Asked many times a second.
  public var isInterrupted: () -> Bool = { false }

  public init() {}

  /// Fetches those of `files` that `folder` has not, which is made if need be.
  ///
  /// - Returns: whether there was anything to fetch.
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
    // Another process may have fetched them meanwhile.
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

  /// Whether `folder` has the file, as it is published or plain, or all that is to be unpacked.
  private func isPresent(_ file: DatasetDownload, in folder: String) -> Bool {
    guard file.members.isEmpty else {
      return file.members.allSatisfy { OutputFile.exists(self.path(ofMember: $0, in: folder)) }
    }
    let path = "\(folder)/\(file.name)"
    return OutputFile.exists(path)
      || (path.hasSuffix(".gz") && OutputFile.exists(String(path.dropLast(3))))
  }

  /// Where a file of an archive belongs.
  private func path(ofMember member: String, in folder: String) -> String {
    "\(folder)/\(member.split(separator: "/").last ?? "")"
  }

  /// Writes what `file`, an archive whose bytes are `archive`, is fetched for, and removes it.
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

  /// Removes an archive whose files are all there; a process may have been killed before it could.
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

  /// Waits for `seconds`, or until it is interrupted.
  func pause(_ seconds: Double) {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end, !isInterrupted() {
      usleep(20_000)
    }
  }
}
