import Commands

// `swift run inspect`: the same as `lecture-cnn inspect`.
Launcher.main("inspect")
