#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a folder cannot be looked into.
public enum FolderProblem: Error, Equatable, Sendable, CustomStringConvertible {
  case missing, file, unreadable
  case failed(String)

  public var description: String {
    switch self {
    case .missing: "no such folder"
    case .file: "is a file (expected a folder)"
    case .unreadable: "not readable (permission denied)"
    case .failed(let reason): "looking into the folder failed (\(reason))"
    }
  }
}

/// What a folder holds, in the order of the names' bytes, whatever order the file system has.
package struct FolderListing {
  /// Names of folders, and of links to folders.
  package let folders: [String]
  /// All other names.
  package let files: [String]

  /// Lists the folder at `path`; names that begin with a dot are left out.
  package init(_ path: String) throws(FolderProblem) {
    guard let stream = opendir(path) else {
      switch errno {
      case ENOENT: throw .missing
      case ENOTDIR: throw .file
      case EACCES: throw .unreadable
      default: throw .failed(String(cString: strerror(errno)))
      }
    }
    defer { closedir(stream) }
    var folders: [String] = []
    var files: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      // The name may be longer than the structure's tuple, so it is read in place.
      let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
      let name = String(cString: start.assumingMemoryBound(to: CChar.self))
      if !name.hasPrefix(".") {
        var status = stat()
        let isFolder = stat("\(path)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        if isFolder { folders.append(name) } else { files.append(name) }
      }
      errno = 0
    }
    guard errno == 0 else { throw .failed(String(cString: strerror(errno))) }
    self.folders = folders.sorted(by: precedes)
    self.files = files.sorted(by: precedes)
  }
}

/// Whether `a` comes before `b` in the order of their bytes.
package func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
