import TestSupport
import Testing

@testable import Layers

/// Convolutions whose outer taps read only zeros. ``ConvolutionTests`` compares their passes with the Textbook.
@Suite struct CroppedConvolutionTests {
  private func axis(
    _ input: Int, kernel: Int, stride: Int = 1, zeros: (Int, Int)
  ) -> ConvolutionAxis {
    ConvolutionAxis(input: input, kernel: kernel, stride: stride, zeros: zeros)
  }

  @Test func keepsTheTapsThatReachThePixels() {
    #expect(axis(2, kernel: 9, zeros: (4, 4)).cropped == axis(2, kernel: 3, zeros: (1, 1)))
    #expect(axis(1, kernel: 6, zeros: (2, 3)).cropped == axis(1, kernel: 1, zeros: (0, 0)))
    #expect(axis(3, kernel: 7, zeros: (3, 3)).cropped == axis(3, kernel: 5, zeros: (2, 2)))
    #expect(axis(4, kernel: 7, zeros: (3, 3)).cropped == axis(4, kernel: 7, zeros: (3, 3)))
    // The first output reads the pixels by the taps 2 and 3, the second one by 0 and 1.
    #expect(
      axis(2, kernel: 5, stride: 2, zeros: (2, 3)).cropped
        == axis(2, kernel: 4, stride: 2, zeros: (2, 2)))
    // No tap reads a pixel.
    #expect(axis(1, kernel: 1, stride: 3, zeros: (1, 0)).cropped.kernel == 1)
  }

  /// Every output reads the same pixels through the same taps.
  @Test func readsTheSamePixels() {
    var random = WholeNumbers(seed: 431)
    var cropped = 0
    for _ in 0..<2000 {
      let whole = axis(
        random.one(from: 1, to: 6), kernel: random.one(from: 1, to: 9),
        stride: random.one(from: 1, to: 4),
        zeros: (random.one(from: 0, to: 9), random.one(from: 0, to: 9)))
      guard whole.output > 0 else { continue }
      let part = whole.cropped
      if part != whole { cropped += 1 }
      #expect(part.output == whole.output && part.input == whole.input, "\(whole)")
      func products(_ axis: ConvolutionAxis, firstTap: Int) -> Set<[Int]> {
        var products: Set<[Int]> = []
        for output in 0..<axis.output {
          for tap in 0..<axis.kernel {
            let pixel = axis.stride * output + tap - axis.before
            if 0..<axis.input ~= pixel { products.insert([output, firstTap + tap, pixel]) }
          }
        }
        return products
      }
      let first = part == whole ? 0 : whole.firstTap
      #expect(products(part, firstTap: first) == products(whole, firstTap: 0), "\(whole)")
    }
    #expect(cropped > 500)
  }

  /// Winograd's method does not compute oblong kernels.
  @Test func squareKernelsStayOfUseToWinograd() {
    let geometry = ConvolutionGeometry(
      rows: axis(2, kernel: 5, zeros: (2, 2)), columns: axis(12, kernel: 5, zeros: (2, 2)),
      inputChannels: 16, outputChannels: 16)
    #expect(geometry.cropped(for: DirectConvolution.self).rows.kernel == 3)
    #expect(geometry.cropped(for: WinogradConvolution.self) == geometry)
    #expect(geometry.isSupported(by: WinogradConvolution.self))
  }
}
