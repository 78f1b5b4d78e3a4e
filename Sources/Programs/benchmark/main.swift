import Commands

// `swift run benchmark`: the same as `lecture-cnn benchmark`.
Program.main("benchmark")
