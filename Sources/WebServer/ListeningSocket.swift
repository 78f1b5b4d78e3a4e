#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The system cannot open an address for a server.
public struct ServerError: Error, Equatable, Sendable, CustomStringConvertible {
  public let address: String
  /// The system's `errno`.
  public let code: Int32

  public var description: String {
    let remedy =
      switch code {
      case EADDRNOTAVAIL: "Choose a --host that is an address of this computer."
      case EACCES: "Choose a --port of 1024 or more."
      default: "Choose another --port; 0 takes any free one."
      }
    return
      "\(address): cannot be opened for requests (\(String(cString: strerror(code)))). \(remedy)"
  }
}

/// A numerical address of a computer.
public struct HostAddress: Sendable, Equatable {
  /// As it was given: `127.0.0.1` or `::1`.
  public let text: String
  /// True if only programs on the same computer can reach it.
  public let isLoopback: Bool
  public let isVersion6: Bool
  fileprivate let bytes: [UInt8]

  /// - Parameter text: an address of IP version 4 or 6, or `localhost` for 127.0.0.1.
  /// - Returns: nil for any other text.
  public init?(_ text: String) {
    let number = text == "localhost" ? "127.0.0.1" : text
    var (short, long) = (in_addr(), in6_addr())
    if inet_pton(AF_INET, number, &short) == 1 {
      bytes = withUnsafeBytes(of: &short) { Array($0) }
      isVersion6 = false
      isLoopback = bytes[0] == 127
    } else if inet_pton(AF_INET6, number, &long) == 1 {
      bytes = withUnsafeBytes(of: &long) { Array($0) }
      isVersion6 = true
      isLoopback = bytes == [UInt8](repeating: 0, count: 15) + [1]
    } else {
      return nil
    }
    self.text = number
  }

  /// `127.0.0.1:8080` or `[::1]:8080`.
  public func with(port: UInt16) -> String {
    isVersion6 ? "[\(text)]:\(port)" : "\(text):\(port)"
  }
}

/// A socket that waits for connections.
struct ListeningSocket {
  let descriptor: Int32
  let port: UInt16

  /// Opens the socket.
  ///
  /// - Parameter port: 0 for any free port.
  init(_ host: HostAddress, port: UInt16) throws(ServerError) {
    let address = host.with(port: port)
    #if canImport(Glibc)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    let descriptor = socket(host.isVersion6 ? AF_INET6 : AF_INET, kind, 0)
    guard descriptor >= 0 else { throw ServerError(address: address, code: errno) }
    makeNonBlocking(descriptor)
    // A port whose last connections are still being closed can be used at once.
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var storage = sockaddr_storage()
    var length = Self.fill(&storage, host, port)
    let isOpen = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 256) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isOpen else {
      let code = errno
      close(descriptor)
      throw ServerError(address: address, code: code)
    }
    self.descriptor = descriptor
    self.port = withUnsafePointer(to: &storage) {
      // Both kinds of addresses have the port at the same place.
      $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        UInt16(bigEndian: $0.pointee.sin_port)
      }
    }
  }

  /// Writes the address to `storage`, and returns its size.
  private static func fill(
    _ storage: inout sockaddr_storage, _ host: HostAddress, _ port: UInt16
  ) -> socklen_t {
    withUnsafeMutablePointer(to: &storage) { storage in
      if host.isVersion6 {
        storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          $0.pointee.sin6_family = sa_family_t(AF_INET6)
          $0.pointee.sin6_port = port.bigEndian
          withUnsafeMutableBytes(of: &$0.pointee.sin6_addr) { $0.copyBytes(from: host.bytes) }
        }
        return socklen_t(MemoryLayout<sockaddr_in6>.size)
      }
      storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        $0.pointee.sin_family = sa_family_t(AF_INET)
        $0.pointee.sin_port = port.bigEndian
        withUnsafeMutableBytes(of: &$0.pointee.sin_addr) { $0.copyBytes(from: host.bytes) }
      }
      return socklen_t(MemoryLayout<sockaddr_in>.size)
    }
  }
}
