import Datasets
import Files

/// What a run recorded in `statistics.jsonl`.
public enum StatisticsHistory {
  /// The last step of an epoch.
  public struct Epoch: Equatable, Sendable {
    public let epoch: Int
    public let step: Int
    /// The mean over the epoch's steps.
    public let gradientNorm: Double
    public let parameters: [ParameterUpdate]
  }

  /// The ReLUs after an epoch.
  public struct Rectifiers: Equatable, Sendable {
    public let epoch: Int
    /// The number of images.
    public let images: Int
    public let layers: [RectifierStatistics]
  }

  /// The epochs in `bytes`. Other lines are ignored.
  public static func epochs(in bytes: [UInt8]) -> [Epoch] {
    lines(in: bytes[...], of: "epoch").compactMap { line in
      guard let epoch = line["epoch"]?.asWholeNumber, let step = line["step"]?.asWholeNumber,
        let norm = line["gradient_norm"]?.asNumber,
        case .array(let parameters)? = line["parameters"]
      else { return nil }
      return Epoch(
        epoch: epoch, step: step, gradientNorm: norm,
        parameters: parameters.compactMap(ParameterUpdate.init))
    }
  }

  /// The ReLUs in `bytes`. Other lines are ignored.
  public static func rectifiers(in bytes: [UInt8]) -> [Rectifiers] {
    lines(in: bytes[...], of: "relus").compactMap { line in
      guard let epoch = line["epoch"]?.asWholeNumber, let images = line["images"]?.asWholeNumber,
        case .array(let layers)? = line["layers"]
      else { return nil }
      return Rectifiers(
        epoch: epoch, images: images, layers: layers.compactMap(RectifierStatistics.init))
    }
  }

  /// The norms of the gradients of the steps after `step`.
  static func gradientNorms(in bytes: ArraySlice<UInt8>, after step: Int) -> [Double] {
    // The steps of an epoch are the last lines.
    var norms: [Double] = []
    for line in bytes.split(separator: UInt8(ascii: "\n")).reversed() {
      guard let own = self.step(of: line), own > step else { break }
      guard line.starts(with: #"{"kind":"step""#.utf8) else { continue }
      if let norm = (try? StrictJSON.parse(line))?["gradient_norm"]?.asNumber {
        norms.append(norm)
      }
    }
    return norms.reversed()
  }

  /// The whole lines of the steps up to `step`.
  static func prefix(of bytes: [UInt8], through step: Int) -> ArraySlice<UInt8> {
    var end = 0
    while let newline = bytes[end...].firstIndex(of: UInt8(ascii: "\n")),
      let own = self.step(of: bytes[end..<newline]), own <= step
    {
      end = newline + 1
    }
    return bytes[..<end]
  }

  /// The number of a line's step, which is among its first members.
  private static func step(of line: ArraySlice<UInt8>) -> Int? {
    let key = Array(#""step":"#.utf8)
    let head = line.prefix(80)
    guard
      let place = head.indices.first(where: { head[$0...].starts(with: key) })
    else { return nil }
    let digits = line[(place + key.count)...].prefix { (0x30...0x39).contains($0) }
    return Int(String(decoding: digits, as: UTF8.self))
  }

  private static func lines(in bytes: ArraySlice<UInt8>, of kind: String) -> [CanonicalJSON] {
    let start = Array(#"{"kind":"\#(kind)""#.utf8)
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      line.starts(with: start) ? try? StrictJSON.parse(line) : nil
    }
  }
}

/// What a run recorded in `timing.jsonl`.
public enum TimingHistory {
  /// The images per second of each epoch. Of an epoch that was repeated after a kill, the last line counts.
  public static func imagesPerSecond(in bytes: [UInt8]) -> [Int: Double] {
    var speeds: [Int: Double] = [:]
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let value = try? StrictJSON.parse(line), let epoch = value["epoch"]?.asWholeNumber,
        let speed = value["images_per_second"]?.asNumber
      else { continue }
      speeds[epoch] = speed
    }
    return speeds
  }

  /// The seconds of all epochs in the `timing.jsonl` of the run in `path`; 0 if there is none.
  public static func seconds(ofRun path: String) -> Double {
    let bytes = (try? InputFile.read("\(path)/timing.jsonl", limit: 1 << 28)) ?? []
    return bytes.split(separator: UInt8(ascii: "\n")).reduce(0) { sum, line in
      sum + ((try? StrictJSON.parse(line))?["seconds"]?.asNumber ?? 0)
    }
  }
}

extension ParameterUpdate {
  fileprivate init?(_ json: CanonicalJSON) {
    guard case .string(let name)? = json["name"], let weight = json["weight_norm"]?.asNumber,
      let gradient = json["gradient_norm"]?.asNumber, let update = json["update_norm"]?.asNumber,
      case .array(let limits)? = json["gradient_range"], limits.count == 2,
      let low = limits[0].asNumber, let high = limits[1].asNumber, low <= high,
      case .array(let numbers)? = json["gradient_counts"], !numbers.isEmpty
    else { return nil }
    let counts = numbers.compactMap(\.asWholeNumber)
    guard counts.count == numbers.count else { return nil }
    self.init(
      name: name, weightNorm: weight, gradientNorm: gradient, updateNorm: update,
      gradient: Histogram(range: low...high, counts: counts))
  }
}

extension RectifierStatistics {
  fileprivate init?(_ json: CanonicalJSON) {
    guard case .string(let name)? = json["name"], let channels = json["channels"]?.asWholeNumber,
      let dead = json["dead"]?.asWholeNumber, let zeros = json["zeros"]?.asNumber, channels > 0
    else { return nil }
    self.init(name: name, channels: channels, dead: dead, zeros: zeros)
  }
}
