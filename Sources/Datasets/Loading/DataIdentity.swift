import Files

/// The identity of a set of training examples: the data set's name and its files' hashes.
///
/// Checkpoints hold its text, `name:sha256,sha256`. The sample of a data set is called
/// `name-sample`.
public struct DataIdentity: Equatable, Sendable, CustomStringConvertible {
  public let name: String
  /// The SHA-256 of each file's content, in base 16, in the entry's order.
  public let hashes: [String]

  init(name: String, hashes: [String]) {
    self.name = name
    self.hashes = hashes
  }

  /// The identity of images that were not read from files.
  package init(ofImages images: ImageSet) {
    self.init(name: "own", hashes: [Hash.sha256(of: [images.pixels, images.labels])])
  }

  /// Reads the text of an identity; nil if it is invalid.
  public init?(_ text: String) {
    guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else { return nil }
    self.init(
      name: String(text[..<colon]),
      hashes: text[text.index(after: colon)...].split(
        separator: ",", omittingEmptySubsequences: false
      ).map(String.init))
  }

  public var description: String { "\(name):\(hashes.joined(separator: ","))" }

  /// The difference from `other`, as "training data SHA-256 … instead of …"; nil if both are equal.
  public func difference(from other: DataIdentity) -> String? {
    if name != other.name { return "found \(name), expected \(other.name)" }
    guard hashes.count == other.hashes.count else {
      return "found \(hashes.count) training files, expected \(other.hashes.count)"
    }
    guard let (found, expected) = zip(hashes, other.hashes).first(where: { $0 != $1 }) else {
      return nil
    }
    return "found training data of SHA-256 \(found), expected \(expected)"
  }
}

extension LoadedSplit {
  public var identity: DataIdentity {
    DataIdentity(
      name: isSample ? "\(entry.name)-sample" : entry.name, hashes: files.map(\.sha256))
  }

  /// The images, relabeled by their classes' names in the order of `classNames`.
  ///
  /// - Parameter classNames: the classes of the trained network; the data may lack some of them.
  /// - Throws: ``DatasetError/unknownClasses(data:unknown:known:)`` for an image of another class.
  public func images(labeledBy classNames: [String]) throws(DatasetError) -> ImageSet {
    guard classNames != entry.classNames else { return images }
    var places: [String: Int] = [:]
    for (place, name) in classNames.enumerated() where places[name] == nil { places[name] = place }
    let unknown = zip(entry.classNames, images.classCounts).filter { name, count in
      count > 0 && places[name] == nil
    }
    guard unknown.isEmpty else {
      throw .unknownClasses(
        data: entry.format == .folder ? directory : entry.name, unknown: unknown.map(\.0),
        known: classNames)
    }
    let labels = entry.classNames.map { UInt8(places[$0] ?? 0) }
    return ImageSet(
      height: images.height, width: images.width, channels: images.channels,
      classes: classNames.count, pixels: images.pixels,
      labels: images.labels.map { labels[Int($0)] })
  }
}
