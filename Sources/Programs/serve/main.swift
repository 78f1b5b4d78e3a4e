import Commands

// `swift run serve`: the same as `lecture-cnn serve`.
Launcher.main("serve")
