#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension OutputFile {
  /// Creates the folder at `path` and those above it, as far as they are missing.
  public static func createFolder(
    _ path: String, operations: FileOperations = .system
  ) throws(OutputFileError) {
    guard !isFolder(path) else { return }
    let parent = folder(of: path)
    if parent != path { try createFolder(parent, operations: operations) }
    do throws(SystemError) { try operations.makeFolder(path) } catch {
      // Another process may have come first.
      guard isFolder(path) else { throw .failed(path: path, action: .create, reason: error) }
      return
    }
    try synchronizeFolder(of: path, operations)
  }

  /// Whether nothing is at `path` yet, or a folder without names.
  public static func isNewOrEmpty(_ path: String) throws(OutputFileError) -> Bool {
    guard exists(path) else { return true }
    do throws(SystemError) {
      return try names(in: path).allSatisfy { $0 == "." || $0 == ".." }
    } catch {
      throw .failed(path: path, action: .list, reason: error)
    }
  }

  /// Removes the temporary files in `folder` that writers left behind when they were killed.
  ///
  /// To be called by the one process that writes there: another's temporary file would go too.
  public static func removeLeftovers(
    in folder: String, operations: FileOperations = .system
  ) throws(OutputFileError) {
    let names: [String]
    do throws(SystemError) { names = try Self.names(in: folder) } catch {
      throw .failed(path: folder, action: .list, reason: error)
    }
    for name in names where name.hasPrefix(temporaryPrefix) {
      try remove(folder + "/" + name, operations)
    }
  }

  /// The names in `folder`, in order of their bytes.
  package static func names(in folder: String) throws(SystemError) -> [String] {
    guard let stream = opendir(folder) else { throw SystemError(errno) }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      // The name may be longer than the structure's tuple, so it is read in place.
      let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
      let start = UnsafeRawPointer(entry) + offset
      names.append(String(cString: start.assumingMemoryBound(to: CChar.self)))
      errno = 0
    }
    guard errno == 0 else { throw SystemError(errno) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package static func remove(_ path: String, _ operations: FileOperations) throws(OutputFileError) {
    do throws(SystemError) { try operations.remove(path) } catch {
      guard error.code != ENOENT else { return }
      throw .failed(path: path, action: .remove, reason: error)
    }
  }

  /// Brings the list of names of the folder around `path` to the disk.
  package static func synchronizeFolder(
    of path: String, _ operations: FileOperations
  ) throws(OutputFileError) {
    do throws(SystemError) {
      let descriptor = try operations.openPatiently(folder(of: path), O_RDONLY | O_DIRECTORY)
      defer { try? operations.close(descriptor) }
      try operations.synchronize(descriptor)
    } catch {
      // Some file systems have no way to synchronize a folder and say so.
      guard error.code != EINVAL && error.code != ENOTSUP else { return }
      throw .failed(path: path, action: .synchronize, reason: error)
    }
  }

  /// Whether anything has the name `path`, a dangling link included.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The folder that holds `path`: "." for a bare name.
  static func folder(of path: String) -> String {
    var end = path.utf8.endIndex
    let bytes = path.utf8
    while end > bytes.startIndex, bytes[bytes.index(before: end)] == UInt8(ascii: "/") {
      end = bytes.index(before: end)
    }
    guard let slash = bytes[..<end].lastIndex(of: UInt8(ascii: "/")) else {
      return end == bytes.startIndex && !bytes.isEmpty ? "/" : "."
    }
    return slash == bytes.startIndex ? "/" : String(path[..<slash])
  }
}
