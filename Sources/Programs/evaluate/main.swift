import Commands

// `swift run evaluate`: the same as `lecture-cnn evaluate`.
Launcher.main("evaluate")
