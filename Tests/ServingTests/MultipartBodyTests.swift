import Testing
import WebServer

@testable import Serving

@Suite struct MultipartBodyTests {
  private func parts(_ text: String, boundary: String = "XY") throws(HTTPProblem) -> [MultipartBody
    .Part]
  {
    try MultipartBody.parts(
      of: Array(text.replacing("|", with: "\r\n").utf8), boundary: boundary, limit: 3)
  }

  @Test func partsOfCurlAreRead() throws {
    let text =
      "--XY|Content-Disposition: form-data; name=\"image\"; filename=\"a \\\"b\\\".png\"|Content-Type: "
      + "image/png||one||--X|--XY|content-disposition: form-data; name=other||two|--XY--|"
    let expected = [
      MultipartBody.Part(name: "a \"b\".png", content: Array("one\r\n\r\n--X".utf8)),
      MultipartBody.Part(name: "other", content: Array("two".utf8)),
    ]
    #expect(try parts(text) == expected)
    #expect(try parts("preamble|" + text) == expected)
    #expect(try parts("--XY--") == [])
  }

  @Test(arguments: [
    "", "--XZ", "--XY", "--XY|", "--XY|a|--XY--", "--XY|a||b", "--XY|a: b||c|--XY",
    "--XY|X: y||c|--XY--",
  ])
  func malformedFormsAreRefused(_ text: String) {
    let error = #expect(throws: HTTPProblem.self) { try parts(text) }
    #expect(error?.status == 400)
  }

  @Test func formsAreLimited() {
    let part = "--XY|Content-Disposition: form-data; name=a||x|"
    let error = #expect(throws: HTTPProblem.self) {
      try parts(String(repeating: part, count: 4) + "--XY--")
    }
    #expect(error?.status == 413)
    #expect(throws: HTTPProblem.self) { try parts("--", boundary: "") }
  }

  @Test func boundariesAreFound() {
    #expect(MultipartBody.boundary(of: "multipart/form-data; boundary=----abc") == "----abc")
    #expect(
      MultipartBody.boundary(of: "Multipart/Form-Data; charset=x; Boundary=\"a b\"; y=z") == "a b")
    #expect(MultipartBody.boundary(of: "multipart/form-data") == "")
    #expect(MultipartBody.boundary(of: "image/png; boundary=x") == nil)
  }
}
