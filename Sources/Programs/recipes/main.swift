import Commands

// `swift run recipes`: the same as `lecture-cnn recipes`.
Launcher.main("recipes")
