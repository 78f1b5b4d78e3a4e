import Files
import Serving
import WebServer

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The secret that clients must send: the content of a file, or an environment variable.
///
/// It is no flag, because other users of the computer can read the command line.
enum AccessToken {
  static let variable = "LECTURE_CNN_TOKEN"

  /// - Parameter file: the value of `--token-file`.
  static func value(file: String?) throws -> String? {
    guard let file else { return getenv(variable).map { String(cString: $0) } }
    do throws(InputFileProblem) {
      let bytes = try InputFile.read(file, limit: 4096)
      let text = String(decoding: bytes, as: UTF8.self)
      return text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    } catch { throw Failure(.badData, "\(file): \(error). Write the token into the file.") }
  }

  /// The rules for clients of a server at `host`.
  static func rules(for host: HostAddress, file: String?) throws -> AccessRules {
    let token = try value(file: file)
    guard host.isLoopback || token != nil else {
      throw Failure(
        .usage,
        "--host: other computers can reach \(host.text), so a token is needed (found none). Give "
          + "--token-file FILE or set \(variable).")
    }
    do throws(AccessRules.TokenError) {
      return try AccessRules(host, token: token)
    } catch {
      throw Failure(
        .badData,
        "\(file ?? variable): \(error). Make one with `openssl rand -hex 16`.")
    }
  }
}
