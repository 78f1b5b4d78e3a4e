import ArgumentParser

/// `--output`, which in every command names the folder that the command's files are written to.
enum OutputFolder {
  /// Throws for a value that is no folder's name, such as the name of a picture.
  static func check(_ path: String?) throws {
    guard let path else { return }
    guard path != "" else {
      throw ValidationError("--output: invalid value (found “”, expected a path).")
    }
    let name = path.lowercased()
    guard ![".png", ".json", ".svg"].contains(where: name.hasSuffix) else {
      throw ValidationError("--output: invalid value (found “\(path)”, expected a folder).")
    }
  }
}
