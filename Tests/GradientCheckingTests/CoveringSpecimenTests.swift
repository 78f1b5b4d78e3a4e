import Testing

@testable import GradientChecking

/// `gradcheck --shapes 3` covers each layer's options and edges.
@Suite struct CoveringSpecimenTests {
  @Test(
    arguments: [
      ("conv", ["stride=3,padding=0,bias=no", "stride=2x3", "padding=1"]),
      ("conv1d", ["stride=3,padding=valid,bias=no", "stride=2,padding=2"]),
      ("convt", ["outpad=1x2", "stride=3", "bias=no"]),
      ("pool", ["padding=1", "2,3x4", "mode=ceil"]),
      ("pool1d", ["padding=0x1", "1x2,1x3", "mode=ceil"]),
      ("avgpool", ["padding=1", "countpadding=no", "mode=ceil", "1x2,2x3"]),
      ("bn", ["epsilon=0.01", "scale=no"]),
      ("fc", ["bias=no", "fc(5)"]),
      ("upsample", ["mode=bilinear", "3x2"]),
      ("res", ["res(res(", "sigmoid"]),
    ] as [(String, [String])])
  func threeShapesCoverTheOptions(_ name: String, _ fragments: [String]) throws {
    let word = try #require(CheckedWord.all.first { $0.name == name })
    for seed in [1, 2] as [UInt64] {
      let notations = (0..<3).map { word.specimen($0, seed: seed).0.notation }
      for fragment in fragments {
        #expect(notations.contains { $0.contains(fragment) }, "\(fragment) in \(notations)")
      }
    }
  }
}
