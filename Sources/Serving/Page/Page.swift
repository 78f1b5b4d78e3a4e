import WebServer

/// The page of the server: one document with its style and its script, which need nothing else.
///
/// The three texts are constants of the program, so that it stays a single file to copy.
enum Page {
  /// The browser loads nothing from elsewhere, and no other page may show this one in a frame.
  private static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  static func response(_ text: String, _ type: String) -> HTTPResponse {
    HTTPResponse(
      contentType: "\(type); charset=utf-8",
      headers: [
        "Content-Security-Policy: \(policy)", "X-Frame-Options: DENY",
        "Referrer-Policy: no-referrer", "Cross-Origin-Opener-Policy: same-origin",
        "Cross-Origin-Resource-Policy: same-origin",
      ],
      body: Array(text.utf8))
  }
}
