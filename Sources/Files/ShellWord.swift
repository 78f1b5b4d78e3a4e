extension String {
  /// The text as one word of a shell's command line: itself, or in single quotation marks if it has blanks or other
  /// characters that a shell reads.
  public var asShellWord: String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,")
    guard isEmpty || contains(where: { !plain.contains($0) && $0.isASCII }) else { return self }
    return "'" + replacing("'", with: #"'\''"#) + "'"
  }
}
