import Datasets
import Testing
import WebServer

@testable import Serving

@Suite struct PixelJSONTests {
  private func images(_ text: String) throws(HTTPProblem) -> [PixelJSON.NamedImage] {
    try PixelJSON.images(in: Array(text.utf8), limit: 2)
  }

  @Test func pixelsAreRead() throws {
    #expect(
      try images(#"{"pixels": [[0, 255], [7, 8.0], [1, 2]]}"#) == [
        .init(
          name: "-", image: Image(width: 2, height: 3, channels: 1, pixels: [0, 255, 7, 8, 1, 2]))
      ])
    #expect(
      try images(#"{"images": [{"pixels": [[[1, 2, 3]]]}, {"name": "b", "pixels": [[4]]}]}"#) == [
        .init(name: "0", image: Image(width: 1, height: 1, channels: 3, pixels: [1, 2, 3])),
        .init(name: "b", image: Image(width: 1, height: 1, channels: 1, pixels: [4])),
      ])
    #expect(try images(#"{"images": []}"#) == [])
  }

  @Test(arguments: [
    ("{", "The body is no JSON: "), ("[[1]]", "The JSON has no images (expected "),
    ("{}", "The JSON has no images (expected "),
    (#"{"pixels": []}"#, "pixels: no rows of numbers (expected [[0, …], …])."),
    (#"{"pixels": [[]]}"#, "pixels: no rows of numbers"),
    (#"{"pixels": [1]}"#, "pixels: no rows of numbers"),
    (#"{"pixels": [[1],[2,3]]}"#, "pixels[1]: not a row like the first one (expected 1 pixels)."),
    (#"{"pixels": [[1,256]]}"#, "pixels[0][1]: found 256, expected a whole number of 0 to 255."),
    (#"{"pixels": [[0.5]]}"#, "pixels[0][0]: found 0.5, expected a whole number"),
    (
      #"{"pixels": [[[1,2]]]}"#,
      "pixels[0][0]: found [1,2], expected three whole numbers of 0 to 255."
    ),
    (
      #"{"pixels": [[1]], "top": 3}"#, "the body has the unknown key “top” (expected pixels, name)."
    ),
    (#"{"pixels": [[1]], "name": 3}"#, "name is no text."),
    (#"{"images": [[[1]]]}"#, "images[0] is no object"),
    (#"{"images": [{"name": "x"}]}"#, "images[0] has no “pixels”."),
    (#"{"images": {}}"#, "The JSON has no images"),
  ])
  func mistakesAreTold(_ text: String, _ message: String) {
    let error = #expect(throws: HTTPProblem.self) { try images(text) }
    #expect(error?.status == 400 && error?.message.hasPrefix(message) == true, "\(error as Any)")
  }

  @Test func numbersAreLimited() {
    let many = #"{"images": [{"pixels":[[1]]},{"pixels":[[1]]},{"pixels":[[1]]}]}"#
    #expect(throws: HTTPProblem(413, "The request has too many images (expected at most 2).")) {
      try images(many)
    }
  }
}
