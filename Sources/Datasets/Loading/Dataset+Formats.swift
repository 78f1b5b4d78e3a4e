import Files

extension Dataset {
  /// Reads an images file and a labels file.
  static func idx(
    _ entry: DatasetEntry, _ split: DatasetSplit, _ paths: [String], isTransposed: Bool,
    firstLabel: UInt8
  ) throws(DatasetError) -> (ImageSet, [Source]) {
    let imagesFile = try read(paths[0], limit: IDX.largestFileCount)
    let images = try parse(paths[0]) { () throws(IDXError) in try IDX.images(imagesFile) }
    let expected = [entry.height, entry.width]
    let size = Array(images.extents.dropFirst())
    guard size == expected else {
      throw .imageSize(path: paths[0], found: size, expected: expected)
    }

    let labelsFile = try read(paths[1], limit: IDX.largestFileCount)
    let labels = try parse(paths[1]) { () throws(IDXError) in
      try IDX.labels(labelsFile, classes: entry.classes, first: firstLabel)
    }
    guard labels.count == images.count else {
      throw .labelCount(path: paths[1], labels: labels.count, images: images.count)
    }
    let set = ImageSet(
      height: entry.height, width: entry.width, channels: entry.channels, classes: entry.classes,
      pixels: isTransposed ? images.transposedPixels() : images.data,
      labels: firstLabel == 0 ? labels.data : labels.data.map { $0 - firstLabel })
    let files = entry.files(of: split)
    return (
      set,
      [
        Source(paths[0], imagesFile, sha256: images.sha256, as: files[0]),
        Source(paths[1], labelsFile, sha256: labels.sha256, as: files[1]),
      ]
    )
  }

  /// Reads files of records and concatenates them.
  static func cifar(
    _ entry: DatasetEntry, _ split: DatasetSplit, _ paths: [String], _ kind: CIFAR.Kind
  ) throws(DatasetError) -> (ImageSet, [Source]) {
    let files = entry.files(of: split)
    var parts = try concurrentMap(paths.count) { number throws(DatasetError) in
      let bytes = try read(paths[number], limit: CIFAR.largestFileCount)
      let content: CIFAR.Content
      do throws(CIFARError) { content = try CIFAR.records(bytes, as: kind) } catch {
        throw .cifar(path: paths[number], error)
      }
      return (
        pixels: content.pixels, labels: content.labels,
        source: Source(
          paths[number], bytes, sha256: Hash.sha256(of: [bytes]), as: files[number])
      )
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(parts.reduce(0) { $0 + $1.pixels.count })
    for number in parts.indices {
      pixels += parts[number].pixels
      // Released at once, because otherwise all pixels would be in memory twice.
      parts[number].pixels = []
    }
    let set = ImageSet(
      height: entry.height, width: entry.width, channels: entry.channels, classes: entry.classes,
      pixels: pixels, labels: parts.flatMap(\.labels))
    return (set, parts.map(\.source))
  }

  private static func parse(
    _ path: String, _ body: () throws(IDXError) -> IDX.Content
  ) throws(DatasetError) -> IDX.Content {
    do throws(IDXError) { return try body() } catch { throw .content(path: path, error) }
  }
}
