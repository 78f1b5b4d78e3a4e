import Commands

// `swift run sweep`: the same as `lecture-cnn sweep`.
Launcher.main("sweep")
