import Commands

// `swift run compare`: the same as `lecture-cnn compare`.
Launcher.main("compare")
