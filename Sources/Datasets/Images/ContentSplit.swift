import Files

/// Sets a fifth of a folder's images aside for testing, each by its content alone.
///
/// With `v` for the first 64 bits of SHA-256 of the text `SEED HASH`, where `HASH` is the SHA-256 of
/// the image's file in base 16, an image is for testing if `v < 2⁶⁴ / 5`. So an image stays on its side
/// whatever it is called and whatever images are added or removed, and copies stay on one side.
///
/// A class that would be left without an image on one side, although it has two that differ, moves
/// one: the image of the greatest `v` is trained on, or the image of the least `v` is tested with. That
/// image alone may change sides when its class changes.
struct ContentSplit: Equatable {
  /// Places in the list, ascending.
  let training: [Int]
  /// Places in the list, ascending.
  let test: [Int]
  /// The labels of classes with one image, or copies of one: there is none to test with.
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

  /// A class's images below it are for testing.
  private static func bound(_ values: Set<UInt64>) -> UInt64 {
    let values = values.sorted()
    guard values.count > 1 else { return 0 }
    return min(max(share, values[0] + 1), values[values.count - 1])
  }

  private static func value(of hash: String, seed: UInt64) -> UInt64 {
    UInt64(Hash.sha256(of: [Array("\(seed) \(hash)".utf8)]).prefix(16), radix: 16)!
  }
}
