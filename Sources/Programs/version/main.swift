import Commands

// `swift run version`: the same as `lecture-cnn version`.
Launcher.main("version")
