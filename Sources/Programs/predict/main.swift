import Commands

// `swift run predict`: the same as `lecture-cnn predict`.
Launcher.main("predict")
