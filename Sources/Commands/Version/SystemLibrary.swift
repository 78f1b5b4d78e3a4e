import CLibyaml
import CPNG
import CZlib
import Files
import JPEGBridge

#if canImport(CLibcrypto)
  import CLibcrypto
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A library of the system that this program has loaded.
struct SystemLibrary {
  let name: String
  /// The version of the loaded library; nil if it does not tell.
  let version: String?
  /// The version of the headers that the program was built with; nil if they do not tell.
  let builtWith: String?
  /// The path of the loaded library, with links resolved.
  let file: String?

  /// - Parameter function: the name of one of the library's functions.
  private init(_ name: String, version: String?, builtWith: String?, function: String) {
    self.name = name
    self.version = version
    self.builtWith = builtWith
    file = Self.file(of: function)
  }

  /// The libraries of this program, by name.
  static var all: [SystemLibrary] {
    var libraries = [
      SystemLibrary(
        "libjpeg-turbo", version: nil, builtWith: numbered(jpeg_bridge_turbo_version()),
        function: "jpeg_std_error"),
      SystemLibrary(
        "libpng", version: String(cString: png_get_libpng_ver(nil)),
        builtWith: PNG_LIBPNG_VER_STRING, function: "png_get_libpng_ver"),
      SystemLibrary(
        "libyaml", version: String(cString: yaml_get_version_string()), builtWith: nil,
        function: "yaml_get_version_string"),
      SystemLibrary(
        "zlib", version: String(cString: zlibVersion()), builtWith: ZLIB_VERSION,
        function: "zlibVersion"),
    ]
    #if canImport(CLibcrypto)
      libraries.insert(
        SystemLibrary(
          "libcrypto", version: number(in: String(cString: OpenSSL_version(OPENSSL_VERSION))),
          builtWith: number(in: OPENSSL_VERSION_TEXT), function: "OpenSSL_version"),
        at: 0)
    #endif
    return libraries
  }

  var json: CanonicalJSON {
    func text(_ value: String?) -> CanonicalJSON { value.map { .string($0) } ?? .null }
    return [
      "name": .string(name), "version": text(version), "built_with": text(builtWith),
      "file": text(file),
    ]
  }

  /// `3.0.17` of `OpenSSL 3.0.17 1 Jul 2025`.
  private static func number(in text: String) -> String? {
    text.split(separator: " ").first { $0.first?.isNumber ?? false }.map(String.init)
  }

  /// `2.1.5` of libjpeg-turbo's number 2001005; nil of 0.
  private static func numbered(_ number: Int32) -> String? {
    number > 0 ? "\(number / 1_000_000).\(number / 1000 % 1000).\(number % 1000)" : nil
  }

  /// The file from which the dynamic linker loaded `function`, by the list of this process's memory.
  private static func file(of function: String) -> String? {
    guard let program = dlopen(nil, RTLD_LAZY), let address = dlsym(program, function) else {
      return nil
    }
    return file(at: UInt(bitPattern: address), in: memoryMaps())
  }

  /// The text of `/proc/self/maps`; empty if the system has none.
  private static func memoryMaps() -> String {
    let descriptor = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 14)
    while case let count = read(descriptor, &part, part.count), count > 0 {
      bytes += part[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The file that is mapped at `address`.
  ///
  /// - Parameter maps: `/proc/self/maps`, lines such as
  ///   `7f5e3c000000-7f5e3c021000 r-xp 00003000 fe:00 1234    /usr/lib/libz.so.1.2.13`.
  static func file(at address: UInt, in maps: String) -> String? {
    for line in maps.split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 5)
      let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard fields.count == 6, bounds.count == 2, bounds[0] <= address, address < bounds[1] else {
        continue
      }
      let path = fields[5].drop { $0 == " " }
      return path.hasPrefix("/") ? String(path) : nil
    }
    return nil
  }
}
