import Tensors
import Testing

@testable import Layers
@testable import Networks

extension ArchitectureTests {
  /// Running averages do not count as parameters; frozen weights do. Pixels have no position after
  /// global pooling.
  @Test func summariesCountFrozenParameters() throws {
    let network = try Architecture(
      "conv(4,3,bias=no,frozen=yes) bn gelu pool(2) bn(scale=no) globalavg fc(classes)"
    ).network(input: [1, 8, 8, 1], classes: 10)
    let rows = NetworkSummary(network).rows
    #expect(rows.map(\.parameters) == [36, 8, 0, 0, 8, 0, 50])
    #expect(rows.map { $0.receptiveField?.height } == [3, 3, 3, 4, 4, nil, nil])
  }

  /// Behind an enlargement the distance between neighboring outputs is smaller. The receptive
  /// fields of bilinear outputs overlap. A receptive field ends at the largest exact number.
  @Test func enlargementsShrinkTheDistanceOfOutputs() throws {
    func fields(_ notation: String) throws -> [Int?] {
      NetworkSummary(
        try Architecture(notation).network(input: [1, 16, 16, 1], classes: 10)
      ).rows.map { $0.receptiveField?.height }
    }
    #expect(
      try fields("avgpool(4) upsample(2) conv(2,3) upsample(2,mode=bilinear) conv(2,3) fc(classes)")
        == [4, 4, 8, 10, 12, nil])
    #expect(
      try fields("avgpool(4) convt(2,4,stride=2,padding=1) conv(2,3)  fc(classes)") == [
        4, 8, 12, nil,
      ])
    #expect(
      try fields(
        String(repeating: "avgpool(1,65536) ", count: 5) + "conv(2,3) fc(classes)"
      ).suffix(2) == [1 << 53, nil])
  }

  @Test func summariesCountFieldsAndMultiplyAdds() throws {
    let network = try #require(NamedModel.named("fer-mnist")).architecture.network(
      input: [1, 28, 28, 1], classes: 10)
    let rows = NetworkSummary(network).rows
    #expect(rows.map { $0.receptiveField?.height } == [5, 6, 6, 14, 16, 16, nil, nil, nil])
    #expect(rows[0].multiplyAdds == 28 * 28 * 16 * 25)
    #expect(rows[3].multiplyAdds == 14 * 14 * 32 * 25 * 16)
    #expect(rows[6].parameters == 1568 * 512 + 512)
    #expect(rows[1].activationBytes == 14 * 14 * 16 * 5)
  }
}
