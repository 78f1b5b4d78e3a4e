import Files
import Tensors

extension Dataset {
  /// Throws if the files at `paths` would not fit into memory: their bytes, the content that gzip promises,
  /// and the pixels made of it. Files that cannot be read are reported by their readers.
  static func checkMemory(
    _ paths: [String], available: Int? = AvailableMemory.bytes
  ) throws(DatasetError) {
    guard let available else { return }
    let needed = paths.reduce(0) { $0 + bytes(toLoad: $1) }
    guard needed > available, let path = paths.first else { return }
    throw .memory(path: path, needed: needed, available: available)
  }

  private static func bytes(toLoad path: String) -> Int {
    guard let ends = try? InputFile.ends(path, limit: IDX.largestFileCount) else { return 0 }
    guard ends.first.starts(with: [0x1F, 0x8B]) else { return 2 * ends.count }
    // A gzip file ends with the length of its content, modulo 2³² (RFC 1952, 2.3.1).
    let content = ends.last.reversed().reduce(0) { $0 << 8 | Int($1) }
    // The inflated bytes, and the pixels as a list of their own.
    return ends.count + 2 * min(content, IDX.largestDataCount)
  }
}
