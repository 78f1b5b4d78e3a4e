/// Finds the most similar name to a misspelled one.
package enum NearestName {
  /// The name with the smallest edit distance to `word`, ignoring case; nil if the distance is more
  /// than half of the length of the longer one.
  package static func of(_ word: String, among names: [String]) -> String? {
    let letters = Array(word.lowercased())
    let ranked = names.map { (name: $0, distance: distance(letters, Array($0.lowercased()))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
      2 * best.distance <= max(letters.count, best.name.count)
    else { return nil }
    return best.name
  }

  /// `, did you mean “…”?` with that name, or nothing.
  package static func hint(_ word: String, among names: [String]) -> String {
    of(word, among: names).map { ", did you mean “\($0)”?" } ?? ""
  }

  /// The number of letters to insert, delete or replace (Levenshtein 1966).
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[b.count]
  }
}
