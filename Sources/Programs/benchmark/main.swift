import Commands

// `swift run benchmark`: the same as `lecture-cnn benchmark`.
Launcher.main("benchmark")
