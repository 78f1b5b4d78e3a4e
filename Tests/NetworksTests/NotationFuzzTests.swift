import Tensors
import TestSupport
import Testing

@testable import Layers
@testable import Networks

/// Damaged notation gives an error or a network, and never stops the program.
@Suite struct NotationFuzzTests {
  private static let seeds = [
    "conv(16,5) relu pool(3,2) conv(32,5) relu pool(3,2) fc(256) relu fc(10)",
    "conv(4,3x5,stride=2x1,padding=valid,bias=no) pool(2,padding=1,mode=ceil) fc(classes)",
    "conv(2,3,padding=1) → relu - flatten; linear(7,bias=yes)", "relu", "maxpool(2,2) fc(3)",
    "conv(3,2,padding=valid,frozen=yes) gelu bn(epsilon=1e-12,momentum=0.4,scale=no) globalmax",
    "avgpool(2,1,padding=1,countpadding=no) sigmoid upsample(2,mode=bilinear) dropout(0.25) fc(7)",
    "upsample(1x2) tanh avgpool(3) dropout(0.5) fc(7)",
    "convt(3,4,stride=2,padding=1) relu convt(5,3x2,stride=3x1,outpad=1x0,bias=no) fc(7)",
    "signal conv1d(4,9,stride=2,bias=no) relu conv1d(3,2,padding=1) pool1d(4,3) fc(7)",
    "res(conv(1,3) bn res(relu)) res(globalmax) fc(7)", "fc(9) res(fc(9) relu) res(gelu) fc(7)",
    "bn globalavg fc(7) scale(1/9)", "scale(0.111) bn(momentum=1) fc(7,bias=no)",
  ]
  private static let characters = Array(
    "0123456789012345678901234567890123456789x,()=-→  ; convplrefutsamegb./ é\u{0}\u{301}🎲")

  private func damaged(_ random: inout WholeNumbers) -> String {
    var text = Array(Self.seeds[random.one(from: 0, to: Self.seeds.count - 1)])
    for _ in 0..<random.one(from: 1, to: 3) {
      let place = random.one(from: 0, to: text.count)
      let character = Self.characters[random.one(from: 0, to: Self.characters.count - 1)]
      switch random.one(from: 0, to: 8) {
      case 0: text.insert(character, at: place)
      case 1 where place < text.count: text[place] = character
      case 2 where place < text.count: text.remove(at: place)
      case 3: text = Array(text.prefix(place))
      case 4...7:
        let digits = text.indices.filter { text[$0].isWholeNumber }
        guard !digits.isEmpty else { continue }
        let digit = digits[random.one(from: 0, to: digits.count - 1)]
        text[digit] = Self.characters[random.one(from: 0, to: 9)]
      default:
        let end = random.one(from: place, to: text.count)
        text.insert(contentsOf: text[place..<end], at: random.one(from: 0, to: text.count))
      }
    }
    return String(text)
  }

  @Test func damagedTextIsReadOrRefused() throws {
    var random = WholeNumbers(seed: 71)
    var read = 0
    var built = 0
    for number in 0..<20_000 {
      let text = damaged(&random)
      do throws(NotationError) {
        let architecture = try Architecture(text)
        read += 1
        let again = try Architecture(architecture.canonical)
        #expect(again == architecture && again.canonical == architecture.canonical)
        // Building a network allocates memory, so only some small ones are built.
        guard number % 4 == 0, isSmall(architecture) else { continue }
        let input: Shape = [1, 9, 8, 1]
        let network = try architecture.network(input: input, classes: 7)
        #expect(network.outputShape == [1, 7] || network.outputShape == input)
        built += 1
      } catch {
        #expect(error.text == text)
        #expect(1...max(1, text.count) ~= error.position, "\(error) of \(text)")
        #expect(!error.layer.isEmpty && !error.problem.isEmpty && !error.expected.isEmpty)
      }
    }
    #expect(read > 2_000 && read < 18_000, "\(read) of 20,000 could be read")
    #expect(built > 20)
  }

  /// True if the network has few layers, and only small numbers.
  private func isSmall(_ architecture: Architecture) -> Bool {
    let numbers = architecture.canonical.split { !($0.isNumber || $0 == "." || $0 == "-") }
    return architecture.layers.count <= 10
      && numbers.allSatisfy { (Double($0) ?? 0) <= 12 }
  }
}
