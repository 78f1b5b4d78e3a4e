import Commands

// `swift run train`: the same as `lecture-cnn train`.
Launcher.main("train")
