import Files
import Testing

@Suite struct ShellWordTests {
  /// A shell reads each word back as the text that it was made from.
  @Test(arguments: [
    ("runs/mnist-1", "runs/mnist-1"), ("my runs", "'my runs'"), ("", "''"), ("a'b", #"'a'\''b'"#),
    ("$HOME", "'$HOME'"), ("größe", "größe"), ("a;b", "'a;b'"), ("~", "'~'"),
  ])
  func quotesWhatAShellReads(_ text: String, _ word: String) {
    #expect(text.asShellWord == word)
  }
}
