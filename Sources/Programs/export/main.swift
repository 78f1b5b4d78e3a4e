import Commands

// `swift run export`: the same as `lecture-cnn export`.
Launcher.main("export")
