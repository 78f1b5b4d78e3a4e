import Commands

// `swift run gradcheck`: the same as `lecture-cnn gradcheck`.
Launcher.main("gradcheck")
