@testable import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension FileOperations {
  /// The system's operations, without waiting for the disk.
  package static let unsynchronized: FileOperations = {
    var operations = FileOperations.system
    operations.synchronize = { _ throws(SystemError) in }
    return operations
  }()
}

/// A fault at one system call.
package enum Fault: CaseIterable {
  /// The disk is full from this call on.
  case full
  case inputOutput
  case fileTooLarge
  case interrupted
  /// A write takes half of the bytes.
  case short
  /// A write takes half of the bytes, and from then on the disk is full.
  case shortThenFull
  /// The process is killed before the call, after half of a write, or after the call.
  case killedBefore, killedWithin, killedAfter

  package var kills: Bool { self == .killedBefore || self == .killedWithin || self == .killedAfter }
}

/// File operations on a real folder, with a fault at one chosen call and a record of what is on the
/// disk.
///
/// After a loss of power, a file has the content that was synchronized, and the folder has the
/// names of its last synchronization, or later ones, because file systems write names and content
/// in any order.
package final class FaultyDisk: @unchecked Sendable {
  package enum Call: Equatable {
    case open, write, synchronize, close, rename, link, remove, truncate
  }

  package private(set) var calls: [Call] = []
  package private(set) var isDead = false
  private let faultAt: Int?
  private let fault: Fault
  private var isFull = false

  /// The content by the file's number, as programs see it and as it is on the disk.
  private var content: [Int: [UInt8]] = [:]
  private var durableContent: [Int: [UInt8]] = [:]
  /// The files' numbers by path, as programs see them and as they are on the disk.
  private var names: [String: Int] = [:]
  private var durableNames: [String: Int] = [:]
  private var opened: [Int32: Int] = [:]
  private var next = 0

  /// - Parameters:
  ///   - folder: the folder of all files; its content counts as on the disk.
  ///   - faultAt: the number of the call with the fault.
  package init(_ folder: TemporaryFolder, faultAt: Int? = nil, fault: Fault = .full) {
    self.faultAt = faultAt
    self.fault = fault
    for name in folder.names {
      names[folder.path + "/" + name] = next
      content[next] = folder.bytes(name)
      next += 1
    }
    durableNames = names
    durableContent = content
  }

  /// The files that a run finds after the fault, by path.
  package enum Survivor: CaseIterable {
    /// The process ended, but the machine did not.
    case everything
    /// Power was lost: names and content are as last synchronized.
    case synchronized
    /// Power was lost: all names are there, but only synchronized content.
    case namesFirst
    /// Power was lost: all names are there, and half of the content that was not synchronized.
    case namesAndHalf
    /// Power was lost: all content is there, but only synchronized names.
    case contentFirst
  }

  package func files(after survivor: Survivor) -> [String: [UInt8]] {
    let kept =
      survivor == .synchronized || survivor == .contentFirst ? durableNames : names
    return kept.mapValues { number in
      let durable = durableContent[number]
      let current = content[number] ?? []
      return switch survivor {
      case .everything, .contentFirst: current
      case .synchronized, .namesFirst: durable ?? []
      case .namesAndHalf: Self.half(of: current, beyond: durable ?? [])
      }
    }
  }

  /// Half of what was appended to `durable`, or half of a new file.
  private static func half(of current: [UInt8], beyond durable: [UInt8]) -> [UInt8] {
    let kept = current.starts(with: durable) ? durable.count : 0
    return Array(current.prefix(kept + (current.count - kept) / 2))
  }

  // MARK: Operations

  package var operations: FileOperations {
    let real = FileOperations.unsynchronized
    return FileOperations(
      open: { [self] path, flags, mode throws(SystemError) in
        try call(.open, fills: flags & O_CREAT != 0) { () throws(SystemError) in
          let descriptor = try real.open(path, flags, mode)
          noteOpening(path, flags, as: descriptor)
          return descriptor
        }
      },
      write: { [self] descriptor, bytes throws(SystemError) in
        let half = UnsafeRawBufferPointer(rebasing: bytes[..<((bytes.count + 1) / 2)])
        let isHit = calls.count == faultAt
        let isHalf = isHit && (fault == .short || fault == .shortThenFull || fault == .killedWithin)
        return try call(.write, fills: true) { () throws(SystemError) in
          let count = try real.write(descriptor, isHalf ? half : bytes)
          content[opened[descriptor]!]! += bytes[..<count]
          return count
        }
      },
      synchronize: { [self] descriptor throws(SystemError) in
        try call(.synchronize) { () throws(SystemError) in
          // A real disk is not synchronized, because that takes time and adds nothing to the test.
          if let number = opened[descriptor] {
            durableContent[number] = content[number]
          } else {
            durableNames = names
          }
        }
      },
      close: { [self] descriptor throws(SystemError) in
        // The system closes a killed process's descriptors; here the test must do so.
        opened[descriptor] = nil
        defer { try? real.close(descriptor) }
        try call(.close) { () throws(SystemError) in }
      },
      rename: { [self] old, new throws(SystemError) in
        try call(.rename) { () throws(SystemError) in
          try real.rename(old, new)
          names[new] = names.removeValue(forKey: old)
        }
      },
      link: { [self] old, new throws(SystemError) in
        try call(.link) { () throws(SystemError) in
          try real.link(old, new)
          names[new] = names[old]
        }
      },
      remove: { [self] path throws(SystemError) in
        try call(.remove) { () throws(SystemError) in
          try real.remove(path)
          names[path] = nil
        }
      },
      truncate: { [self] descriptor, length throws(SystemError) in
        try call(.truncate) { () throws(SystemError) in
          try real.truncate(descriptor, length)
          content[opened[descriptor]!]!.removeSubrange(length...)
        }
      },
      makeFolder: real.makeFolder)
  }

  private func noteOpening(_ path: String, _ flags: Int32, as descriptor: Int32) {
    guard flags & O_DIRECTORY == 0 else { return }
    if names[path] == nil {
      names[path] = next
      content[next] = []
      next += 1
    }
    let number = names[path]!
    if flags & O_TRUNC != 0 { content[number] = [] }
    opened[descriptor] = number
  }

  /// Calls `real`, or causes the fault instead.
  private func call<Value>(
    _ call: Call, fills: Bool = false, _ real: () throws(SystemError) -> Value
  ) throws(SystemError) -> Value {
    let isHit = calls.count == faultAt
    calls.append(call)
    if isDead { throw SystemError(EIO) }
    if isFull && fills { throw SystemError(ENOSPC) }
    guard isHit else { return try real() }
    switch fault {
    case .full:
      isFull = true
      throw SystemError(ENOSPC)
    case .inputOutput: throw SystemError(EIO)
    case .fileTooLarge: throw SystemError(EFBIG)
    case .interrupted: throw SystemError(EINTR)
    case .killedBefore:
      isDead = true
      throw SystemError(EIO)
    case .short: return try real()
    case .shortThenFull:
      isFull = true
      return try real()
    case .killedWithin, .killedAfter:
      defer { isDead = true }
      return try real()
    }
  }
}
