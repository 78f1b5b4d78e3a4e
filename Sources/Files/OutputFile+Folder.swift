#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension OutputFile {
  /// Creates the folder at `path` and all missing folders above it.
  public static func createFolder(
    _ path: String, operations: FileOperations = .system
  ) throws(OutputFileError) {
    guard !isFolder(path) else { return }
    let parent = folder(of: path)
    if parent != path { try createFolder(parent, operations: operations) }
    do throws(SystemError) { try operations.makeFolder(path) } catch {
      // Another process may have created the folder in the meantime.
      guard isFolder(path) else { throw .failed(path: path, action: .create, reason: error) }
      return
    }
    try synchronizeFolder(of: path, operations)
  }

  /// True if nothing exists at `path`, or an empty folder.
  public static func isNewOrEmpty(_ path: String) throws(OutputFileError) -> Bool {
    guard exists(path) else { return true }
    do throws(SystemError) {
      return try names(in: path).allSatisfy { $0 == "." || $0 == ".." }
    } catch {
      throw .failed(path: path, action: .list, reason: error)
    }
  }

  /// Removes the temporary files that killed writers left in `folder`.
  ///
  /// Only the one process that writes in the folder may call this. Otherwise it would remove
  /// temporary files that another process still needs.
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

  /// The names in `folder`, sorted by their bytes.
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

  /// Waits until the names in the folder that holds `path` are on the disk.
  package static func synchronizeFolder(
    of path: String, _ operations: FileOperations
  ) throws(OutputFileError) {
    do throws(SystemError) {
      let descriptor = try operations.openPatiently(folder(of: path), O_RDONLY | O_DIRECTORY)
      defer { try? operations.close(descriptor) }
      try operations.synchronize(descriptor)
    } catch {
      // Some file systems cannot synchronize a folder and report one of these errors.
      guard error.code != EINVAL && error.code != ENOTSUP else { return }
      throw .failed(path: path, action: .synchronize, reason: error)
    }
  }

  /// True if anything has the name `path`, including a dangling link.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The folder that holds `path`: "." for a name without a folder.
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
