#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a folder cannot be listed.
public enum FolderProblem: Error, Equatable, Sendable, CustomStringConvertible {
  case missing, danglingLink, file, unreadable
  case failed(String)

  public var description: String {
    switch self {
    case .missing: "no such folder"
    case .danglingLink: "the link points to a folder that does not exist"
    case .file: "is a file (expected a folder)"
    case .unreadable: "not readable (permission denied)"
    case .failed(let reason): "looking into the folder failed (\(reason))"
    }
  }
}

/// The names in a folder, sorted by their bytes; the file system's order has no effect.
package struct FolderListing {
  /// One name in the folder.
  package struct Entry: Equatable {
    package enum Kind {
      /// A folder, or a link to one.
      case folder
      /// Anything else that exists.
      case file
      /// A link that points to nothing.
      case danglingLink
    }

    /// The name. If ``isText`` is false, each byte except printable ASCII is written as `\xHH`.
    package let name: String
    package let kind: Kind
    /// True if the name is UTF-8. If false, no path made from ``name`` leads to the entry.
    package let isText: Bool
  }

  /// A folder, by whatever path it is reached.
  package struct Identity: Hashable {
    let device: UInt64
    let number: UInt64
  }

  /// All names except those that begin with a dot.
  package let entries: [Entry]
  package let identity: Identity

  /// The UTF-8 names of folders and of links to folders.
  package var folders: [String] { names(.folder) }
  /// The UTF-8 names of files.
  package var files: [String] { names(.file) }

  private func names(_ kind: Entry.Kind) -> [String] {
    entries.filter { $0.kind == kind && $0.isText }.map(\.name)
  }

  /// Lists the folder at `path`, except names that begin with a dot.
  package init(_ path: String) throws(FolderProblem) {
    guard let stream = opendir(path) else { throw Self.problem(errno) }
    defer { closedir(stream) }
    var status = stat()
    guard fstat(dirfd(stream), &status) == 0 else { throw Self.problem(errno) }
    identity = Identity(
      device: UInt64(truncatingIfNeeded: status.st_dev),
      number: UInt64(truncatingIfNeeded: status.st_ino))
    var found: [(bytes: [UInt8], kind: Entry.Kind)] = []
    errno = 0
    while let entry = readdir(stream) {
      // The name may be longer than the structure's tuple, so it is read in place.
      let start = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
      let name = start.assumingMemoryBound(to: CChar.self)
      if name[0] != CChar(bitPattern: UInt8(ascii: ".")) {
        let bytes = UnsafeBufferPointer(start: name, count: strlen(name))
        let kind = try Self.kind(of: name, in: dirfd(stream))
        if let kind { found.append((bytes.map(UInt8.init(bitPattern:)), kind)) }
      }
      errno = 0
    }
    guard errno == 0 else { throw Self.problem(errno) }
    found.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    entries = found.map { bytes, kind in
      let text = String(validating: bytes, as: UTF8.self)
      return Entry(name: text ?? Self.escaped(bytes), kind: kind, isText: text != nil)
    }
  }

  /// The kind of `name` in the open `folder`; nil if it was removed in the meantime.
  private static func kind(
    of name: UnsafePointer<CChar>, in folder: Int32
  ) throws(FolderProblem) -> Entry.Kind? {
    var status = stat()
    if fstatat(folder, name, &status, 0) == 0 {
      return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }
    let code = errno
    guard code == ENOENT || code == ELOOP || code == ENOTDIR else {
      throw .failed("\(String(cString: name)): \(String(cString: strerror(code)))")
    }
    return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? .danglingLink : nil
  }

  private static func problem(_ code: Int32) -> FolderProblem {
    switch code {
    case ENOENT: .missing
    case ENOTDIR: .file
    case EACCES: .unreadable
    default: .failed(String(cString: strerror(code)))
    }
  }

  /// `bytes` as text, in which each byte except printable ASCII is written as `\xHH`.
  private static func escaped(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
      (0x20..<0x7f).contains(byte)
        ? String(UnicodeScalar(byte)) : "\\x\(hexadecimal(byte))"
    }.joined()
  }
}

/// True if `a` comes before `b` in the order of their bytes.
package func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
