#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The folders that come with the program: `data/` and `recipes/`.
package enum ProgramFolders {
  /// `name/` in the current folder, in the package of the running program, and in
  /// `share/lecture-cnn/` beside the `bin/` of an installed program.
  package static func named(_ name: String) -> [String] {
    var folders = [name]
    guard let program = programPath() else { return folders }
    if let package = packageFolder(above: program), package != resolved(".") {
      folders.append("\(package)/\(name)")
    }
    let parts = program.split(separator: "/")
    if parts.count >= 2, parts[parts.count - 2] == "bin" {
      let shared =
        (["" as Substring] + parts.dropLast(2) + ["share", "lecture-cnn", Substring(name)])
        .joined(separator: "/")
      if access(shared, F_OK) == 0 { folders.append(shared) }
    }
    return folders
  }

  /// The closest folder above the program at `path` that holds a `Package.swift`.
  static func packageFolder(above path: String) -> String? {
    var path = path
    while let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      path = String(path[..<slash])
      if access("\(path)/Package.swift", F_OK) == 0 { return path }
    }
    return nil
  }

  private static func programPath() -> String? {
    #if canImport(Darwin)
      var count: UInt32 = 0
      _NSGetExecutablePath(nil, &count)
      var name = [CChar](repeating: 0, count: Int(count))
      guard _NSGetExecutablePath(&name, &count) == 0 else { return nil }
      return resolved(name)
    #else
      return resolved("/proc/self/exe")
    #endif
  }

  /// The absolute path of `path`, with links resolved.
  private static func resolved(_ path: UnsafePointer<CChar>) -> String? {
    guard let absolute = realpath(path, nil) else { return nil }
    defer { free(absolute) }
    return String(cString: absolute)
  }
}
