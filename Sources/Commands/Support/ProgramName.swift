/// The command line with which the user calls a command of this package.
///
/// Messages are written for a checkout: `swift run train --help`. The installed program
/// `lecture-cnn` replaces that by its own name: `lecture-cnn train --help`.
enum ProgramName {
  /// True if this process is the installed program.
  static let isInstalled = isInstalled(CommandLine.arguments)

  static func isInstalled(_ arguments: [String]) -> Bool {
    arguments.first?.split(separator: "/").last == "lecture-cnn"
  }

  /// `message` with the command lines for this program.
  static func adapt(_ message: String, isInstalled: Bool = isInstalled) -> String {
    guard isInstalled else { return message }
    var message = message
    for name in Launcher.names {
      message = message.replacing("`swift run \(name)", with: "`lecture-cnn \(name)")
    }
    return message.replacing("`swift run lecture-cnn", with: "`lecture-cnn")
  }

  /// Two example commands for the end of a help text.
  static func examples(_ first: String, _ second: String) -> String {
    let prefix = isInstalled ? "lecture-cnn" : "swift run"
    return "\n\nExamples:\n  \(prefix) \(first)\n  \(prefix) \(second)"
  }

  /// The command line for help about the command `root`, or about the subcommand of `lecture-cnn`
  /// in `arguments`.
  static func help(of root: String, _ arguments: [String]) -> String {
    let names = Launcher.names
    guard root == LectureCNN.configuration.commandName,
      let name = arguments.dropFirst().first, names.contains(name)
    else { return "`swift run \(root) --help`" }
    return "`swift run \(name) --help`"
  }
}

extension String {
  /// The message with the command lines for this program.
  var forThisProgram: String { ProgramName.adapt(self) }
}
