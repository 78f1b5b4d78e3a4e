import Commands

// `swift run visualize`: the same as `lecture-cnn visualize`.
Launcher.main("visualize")
