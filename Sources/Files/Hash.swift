#if canImport(CryptoKit)
  import CryptoKit
#else
  import CLibcrypto
#endif

/// A hash of bytes that arrive in parts, computed by the system's cryptographic library.
///
/// A copy is independent: it starts with the bytes so far, and later bytes reach one of the two
/// only.
package struct Hash {
  package enum Algorithm {
    /// 32 bytes (FIPS 180-4).
    case sha256
    /// 20 bytes. It distinguishes published files, but does not protect against forgery.
    case sha1
  }

  private var state: State

  package init(_ algorithm: Algorithm) { state = State(algorithm) }

  /// Adds `bytes` to the hashed bytes.
  package mutating func append(_ bytes: some Collection<UInt8>) {
    if !isKnownUniquelyReferenced(&state) { state = State(copying: state) }
    let done: Void? = bytes.withContiguousStorageIfAvailable {
      state.append(UnsafeRawBufferPointer($0))
    }
    if done == nil { Array(bytes).withUnsafeBytes { state.append($0) } }
  }

  /// The hash of all bytes so far, in lower-case hexadecimal digits. More bytes may follow.
  package var hexadecimal: String {
    State(copying: state).finish().map { Files.hexadecimal($0) }.joined()
  }

  /// SHA-256 of the concatenated `parts`.
  package static func sha256(of parts: [[UInt8]]) -> String {
    var hash = Hash(.sha256)
    for part in parts { hash.append(part) }
    return hash.hexadecimal
  }

  /// SHA-1 of `bytes`.
  package static func sha1(of bytes: [UInt8]) -> String {
    var hash = Hash(.sha1)
    hash.append(bytes)
    return hash.hexadecimal
  }
}

#if canImport(CryptoKit)
  private final class State {
    private var hash: any HashFunction

    init(_ algorithm: Hash.Algorithm) {
      hash = algorithm == .sha256 ? SHA256() : Insecure.SHA1()
    }

    init(copying other: State) { hash = other.hash }

    func append(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    func finish() -> [UInt8] { Array(hash.finalize()) }
  }
#else
  private final class State {
    private let context: OpaquePointer

    init(_ algorithm: Hash.Algorithm) {
      context = Self.allocate()
      let started = EVP_DigestInit_ex(
        context, algorithm == .sha256 ? EVP_sha256() : EVP_sha1(), nil)
      precondition(started == 1, "libcrypto has no \(algorithm)")
    }

    init(copying other: State) {
      context = Self.allocate()
      precondition(EVP_MD_CTX_copy_ex(context, other.context) == 1, "libcrypto copies no hash")
    }

    deinit { EVP_MD_CTX_free(context) }

    func append(_ bytes: UnsafeRawBufferPointer) {
      precondition(
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "libcrypto hashes no more")
    }

    func finish() -> [UInt8] {
      var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
      var count: UInt32 = 0
      precondition(EVP_DigestFinal_ex(context, &digest, &count) == 1, "libcrypto ends no hash")
      return Array(digest.prefix(Int(count)))
    }

    private static func allocate() -> OpaquePointer {
      guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
      return context
    }
  }
#endif
