import Files

/// Chooses a fifth of a folder's images for testing, each by its content only.
///
/// Let `v` be the first 64 bits of SHA-256 of the text `SEED HASH`, where `HASH` is the SHA-256 of
/// the image's file in base 16. An image is for testing if `v < 2⁶⁴ / 5`. Therefore an image stays
/// in its part after a renaming and when other images are added or removed, and copies stay
/// together.
///
/// A class with two different images gets at least one image in each part. If all images of such a
/// class are in one part, one image moves: the one with the greatest `v` to training, or the one
/// with the least `v` to testing. Only this image may change parts when its class changes.
struct ContentSplit: Equatable {
  /// Indices in ascending order.
  let training: [Int]
  /// Indices in ascending order.
  let test: [Int]
  /// The labels of classes whose images are all equal, and which therefore have no test image.
  let untested: [Int]

  /// - Parameters:
  ///   - hashes: the SHA-256 of each image's file, in base 16.
  ///   - labels: the class of each image.
  init(hashes: [String], labels: [Int], seed: UInt64) {
    precondition(hashes.count == labels.count, "ContentSplit: \(hashes.count), \(labels.count)")
    let values = hashes.map { Self.value(of: $0, seed: seed) }
    var classes: [Int: Set<UInt64>] = [:]
    for (value, label) in zip(values, labels) { classes[label, default: []].insert(value) }
    let bounds = classes.mapValues(Self.bound)
    var (training, test): ([Int], [Int]) = ([], [])
    for place in labels.indices {
      if values[place] < bounds[labels[place]]! {
        test.append(place)
      } else {
        training.append(place)
      }
    }
    (self.training, self.test) = (training, test)
    untested = classes.filter { $0.value.count == 1 }.map(\.key).sorted()
  }

  private static let share = UInt64.max / 5 + 1

  /// The images of a class with a value below this bound are for testing.
  private static func bound(_ values: Set<UInt64>) -> UInt64 {
    let values = values.sorted()
    guard values.count > 1 else { return 0 }
    return min(max(share, values[0] + 1), values[values.count - 1])
  }

  private static func value(of hash: String, seed: UInt64) -> UInt64 {
    UInt64(Hash.sha256(of: [Array("\(seed) \(hash)".utf8)]).prefix(16), radix: 16)!
  }
}
