import Commands

// `swift run datasets`: the same as `lecture-cnn datasets`.
Launcher.main("datasets")
