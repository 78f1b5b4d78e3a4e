import Commands

// `swift run average`: the same as `lecture-cnn average`.
Launcher.main("average")
