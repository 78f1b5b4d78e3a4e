import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a run cannot continue its log.
public enum MetricsLogError: Error, Equatable, Sendable, CustomStringConvertible {
  case missing(path: String)
  case notRegular(path: String)
  case tooShort(path: String, found: Int, expected: Int)
  case altered(path: String, length: Int, found: String, expected: String)
  case unreadable(path: String, reason: SystemError)
  case notInput(path: String, InputFileProblem)
  case output(OutputFileError)

  public var description: String {
    switch self {
    case .missing(let path):
      "\(path): no such file, but the checkpoint counts on it. \(Self.advice)"
    case .notRegular(let path): "\(path): not a regular file. \(Self.advice)"
    case .tooShort(let path, let found, let expected):
      "\(path): shorter than at the checkpoint (found \(found) bytes, expected at least"
        + " \(expected)). \(Self.advice)"
    case .altered(let path, let length, let found, let expected):
      "\(path): altered since the checkpoint (found SHA-256 \(found) for the first \(length) bytes,"
        + " expected \(expected)). \(Self.advice)"
    case .unreadable(let path, let reason):
      "\(path): reading failed (\(reason)). Check the disk."
    case .notInput(let path, let problem): "\(path): \(problem). \(Self.advice)"
    case .output(let error): error.description
    }
  }

  private static let advice = "Put the file back as it was."
}

extension MetricsLog {
  /// Opens the log at `path` and truncates it to `mark`, to continue from there.
  ///
  /// - Throws: ``MetricsLogError`` if the file is shorter than the mark or its first bytes have
  ///   another hash. The file is unchanged then.
  public static func reopen(
    _ path: String, cutBackTo mark: Mark, operations: FileOperations = .system
  ) throws(MetricsLogError) -> MetricsLog {
    let file = try openExisting(path, operations)
    let hash = try checkedHash(of: file.descriptor, path: path, mark: mark)
    do throws(OutputFileError) { try file.cutBack(to: mark.length) } catch { throw .output(error) }
    return MetricsLog(continuing: file, hash: hash, length: mark.length)
  }

  private static func openExisting(
    _ path: String, _ operations: FileOperations
  ) throws(MetricsLogError) -> AppendedFile {
    do throws(SystemError) {
      return try AppendedFile(opening: path, operations: operations)
    } catch {
      switch error.code {
      case ENOENT, ENOTDIR: throw .missing(path: path)
      case EISDIR, ELOOP: throw .notRegular(path: path)
      default: throw .unreadable(path: path, reason: error)
      }
    }
  }

  /// The hash of the first `mark.length` bytes, after comparing it with the mark's.
  private static func checkedHash(
    of descriptor: Int32, path: String, mark: Mark
  ) throws(MetricsLogError) -> Hash {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadable(path: path, reason: SystemError(errno))
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
    var hash = Hash(.sha256)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var position = 0
    while position < mark.length {
      let wanted = min(buffer.count, mark.length - position)
      let count = pread(descriptor, &buffer, wanted, off_t(position))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(path: path, reason: SystemError(errno)) }
      guard count > 0 else { throw .tooShort(path: path, found: position, expected: mark.length) }
      hash.append(buffer[..<count])
      position += count
    }
    guard hash.hexadecimal == mark.sha256 else {
      throw .altered(
        path: path, length: mark.length, found: hash.hexadecimal, expected: mark.sha256)
    }
    return hash
  }
}
