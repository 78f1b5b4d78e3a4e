/// Reads EXIF metadata, which cameras write into JPEG files.
enum EXIF {
  /// The tag Orientation (TIFF 6.0, section 8).
  private static let orientationTag = 0x0112

  /// The orientation in the content of an APP1 segment, 1 to 8; nil if there is none.
  ///
  /// The content is the text `Exif`, two zero bytes, and a TIFF file: its byte order, the number
  /// 42, and the offset of the first directory, which has 12 bytes for each entry.
  static func orientation(_ segment: ArraySlice<UInt8>) -> Int? {
    let intro = Array("Exif".utf8) + [0, 0]
    guard segment.starts(with: intro) else { return nil }
    let tiff = Array(segment.dropFirst(intro.count))
    let isLittle: Bool
    switch tiff.prefix(2) {
    case [0x49, 0x49]: isLittle = true
    case [0x4d, 0x4d]: isLittle = false
    default: return nil
    }
    func number(_ place: Int, bytes count: Int) -> Int? {
      guard place >= 0, place + count <= tiff.count else { return nil }
      let bytes = tiff[place..<place + count]
      let digits = isLittle ? Array(bytes.reversed()) : Array(bytes)
      return digits.reduce(0) { $0 << 8 | Int($1) }
    }
    guard number(2, bytes: 2) == 42, let directory = number(4, bytes: 4),
      let count = number(directory, bytes: 2)
    else { return nil }
    for entry in 0..<count {
      let place = directory + 2 + 12 * entry
      guard let tag = number(place, bytes: 2) else { return nil }
      guard tag == orientationTag else { continue }
      // One value of 16 bits is at the start of the entry's last four bytes.
      guard number(place + 2, bytes: 2) == 3, let value = number(place + 8, bytes: 2) else {
        return nil
      }
      return (1...8).contains(value) ? value : nil
    }
    return nil
  }
}
