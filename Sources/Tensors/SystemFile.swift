#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Small files in which the system reports its state.
enum SystemFile {
  /// The text of the file at `path`; nil if it cannot be read.
  static func contents(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    let count = read(file, &bytes, bytes.count)
    return count >= 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }
}

/// The control groups that limit this process: its own and each group above.
enum ControlGroups {
  /// The folder of one group.
  struct Folder: Equatable {
    let path: String
    /// True for version 2, which has one hierarchy for all resources.
    let isUnified: Bool
  }

  /// The folders of the groups for `controller`, such as `memory`; in each hierarchy the process's own
  /// comes first and the root last. A folder may not exist, if a container does not show it.
  ///
  /// - Parameter membership: `/proc/self/cgroup`, lines `hierarchy:controllers:path`.
  static func folders(of controller: String, membership: String) -> [Folder] {
    var folders: [Folder] = []
    for line in membership.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isUnified = fields[1].isEmpty
      guard isUnified || fields[1].split(separator: ",").contains(Substring(controller))
      else { continue }
      let root = isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/\(fields[1])"
      var path = fields[2].split(separator: "/")
      while true {
        folders.append(
          Folder(
            path: ([root] + path.map(String.init)).joined(separator: "/"), isUnified: isUnified))
        guard path.popLast() != nil else { break }
      }
    }
    return folders
  }
}
