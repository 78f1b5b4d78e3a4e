import Files

/// Reads images and makes them inputs of a network: of its size and with its channels.
///
/// An image is scaled to fit and centered on black, as in `--dataset folder`. Colors become gray for
/// a network of one channel, and gray becomes color for a network of three.
public struct ImagePreparation: Sendable {
  /// The preparation of digits.
  public enum Digits: String, Sendable, CaseIterable {
    /// Images that are dark on bright are prepared as ``mnist``, if the network was trained on
    /// digits or letters that are bright on dark.
    case auto
    /// Inverted if dark on bright, cropped and centered as the images of MNIST.
    case mnist
    case none
  }

  /// An image for a network.
  public struct Prepared: Sendable, Equatable {
    /// `[height, width, channels]`
    public let pixels: [UInt8]
    /// True if it was prepared as a digit.
    public let isDigit: Bool
  }

  public let height: Int
  public let width: Int
  public let channels: Int
  private let background: UInt8
  public let digits: Digits

  /// - `channels`: 1 or 3.
  /// - `background`: the value of every channel behind transparent pixels.
  /// - `digits`: `auto` must only be given for a network of digits or letters.
  /// - Precondition: digits need square images of one channel.
  public init(
    height: Int, width: Int, channels: Int, background: UInt8 = ImageOptions.defaultBackground,
    digits: Digits = .none
  ) {
    precondition(channels == 1 || channels == 3, "ImagePreparation: \(channels) channels")
    precondition(digits == .none || Self.fitsDigits(height, width, channels), "\(digits)")
    (self.height, self.width, self.channels) = (height, width, channels)
    (self.background, self.digits) = (background, digits)
  }

  /// True if a network for such images can have digits prepared.
  public static func fitsDigits(_ height: Int, _ width: Int, _ channels: Int) -> Bool {
    height == width && channels == 1
  }

  /// The image in the file `bytes`.
  public func prepare(_ bytes: [UInt8]) throws(ImageReadError) -> Prepared {
    prepare(try ImageReader.image(bytes, background: background))
  }

  /// The prepared `image`.
  public func prepare(_ image: Image) -> Prepared {
    if digits == .mnist || (digits == .auto && DigitPreparation.isNeeded(for: image)) {
      return Prepared(pixels: DigitPreparation(side: width).prepare(image).pixels, isDigit: true)
    }
    let matched = channels == 1 ? image.gray : image
    let fitted = matched.fitted(width: width, height: height)
    return Prepared(
      pixels: (channels == 3 ? fitted.colored : fitted).pixels, isDigit: false)
  }

  /// The images in the files at `paths`, read by all threads.
  ///
  /// - Returns: for each file, the image, or the error whose sentence names the file.
  public func read(_ paths: ArraySlice<String>) -> [Result<Prepared, DatasetError>] {
    concurrentMap(paths.count) { number in
      let path = paths[paths.startIndex + number]
      do throws(DatasetError) {
        let bytes = try Dataset.read(path, limit: ImageReader.largestFileCount)
        do throws(ImageReadError) { return .success(try prepare(bytes)) } catch {
          throw .image(path: path, error)
        }
      } catch { return .failure(error) }
    }
  }
}
