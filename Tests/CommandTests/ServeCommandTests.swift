import Foundation
import LocalServer
import Testing

/// `serve` as a process, beside `predict` with the same network.
@Suite struct ServeCommandTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.makeDigits()
    let training = try Program.run(
      "train", tinyRun("run", "--max-steps", "3"), in: scratch)
    try #require(training.status == 0, "\(training.errors)")
  }

  /// A server that is ready, and its address.
  private func start(_ arguments: String...) throws -> (process: Process, address: String) {
    let process = Program.process("serve", ["run", "--port", "0"] + arguments, in: scratch)
    let (output, errors) = (scratch.fresh("out"), scratch.fresh("err"))
    for path in [output, errors] {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let deadline = Date.now.addingTimeInterval(10)
    while Date.now < deadline, process.isRunning {
      let text = try String(contentsOfFile: output, encoding: .utf8)
      if text.hasSuffix("Ctrl-C stops.\n"), let address = text.split(separator: " ").first {
        return (process, String(address))
      }
      usleep(5_000)
    }
    process.terminate()
    throw Unready(errors: try String(contentsOfFile: errors, encoding: .utf8))
  }

  private struct Unready: Error {
    let errors: String
  }

  /// The output of `curl`.
  private func curl(_ arguments: String) throws -> String {
    try Program.run("serve", [], shell: "curl -sS --noproxy '*' \(arguments)", in: scratch).output
  }

  private var sample: String {
    Program.packageFolder.appending(path: "data/mnist-sample").path(percentEncoded: false)
  }

  @Test func answersAreThoseOfPredict() throws {
    let export = try Program.run(
      "datasets", ["export", "mnist", "--data-dir", sample, "--output", "images"], in: scratch)
    try #require(export.status == 0, "\(export.errors)")
    let (process, address) = try start("--threads", "1")
    defer { process.terminate() }
    let folder = scratch.path("images/test/3")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().prefix(8)
    let files = names.map { "-F 'image=@images/test/3/\($0)'" }.joined(separator: " ")
    let served = try curl("\(files) \(address)predict")
    let predicted = try Program.run(
      "predict", ["run", "--json"] + names.map { "images/test/3/\($0)" }, in: scratch)
    #expect(predicted.status == 0)
    // Forms name files without their folders, and lines end elsewhere.
    #expect(
      served.replacing("\n", with: "")
        == predicted.output.replacing("\n", with: "").replacing("images/test/3/", with: ""))
    #expect(try curl("-X GET \(address)health") == "{\"status\":\"ok\"}\n")
    #expect(try curl("\(address)").hasPrefix("<!doctype html>"))
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
  }

  @Test func mistakesAreOneLine() throws {
    func fails(_ status: Int32, _ message: String, _ arguments: String...) throws {
      try Program.run("serve", ["run"] + arguments, in: scratch).expectFailure(status, message)
    }
    try fails(
      2, "--host: other computers can reach 0.0.0.0, so a token is needed (found none). …",
      "--host", "0.0.0.0")
    try scratch.write(Array("short\n".utf8), "token")
    try fails(
      1,
      "token: the token is too short (found 5 characters, expected at least 16). Make one with "
        + "`openssl rand -hex 16`.", "--host", "0.0.0.0", "--token-file", "token")
    try fails(1, "nosuch: no such file. …", "--token-file", "nosuch")
    try fails(2, "--host: invalid value (found “example.org”, …", "--host", "example.org")
    try fails(2, "--port: invalid value (found “70000”, …", "--port", "70000")
    try fails(
      2, "--max-images: invalid value (found “0”, expected 1 to 65536). …", "--max-images", "0")
    try fails(2, "--idle-timeout: invalid value (found “0.0”, …", "--idle-timeout", "0")
    let (process, address) = try start()
    defer { process.terminate() }
    let port = String(address.split(separator: ":")[2].dropLast())
    try fails(4, "127.0.0.1:\(port): cannot be opened for requests (…", "--port", port)
  }

  /// The first signal lets a request complete, and the second one ends the server at once.
  @Test func signalsStopTheServer() throws {
    let (process, address) = try start("--stop-timeout", "60")
    let port = try #require(UInt16(address.split(separator: ":")[2].dropLast()))
    let client = TestClient(port)
    client.send("GET / HTTP")
    usleep(50_000)
    process.terminate()
    usleep(400_000)
    #expect(process.isRunning)
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 143)
    // The client stays connected until here.
    #expect(client.readToEnd() == "")
  }
}
