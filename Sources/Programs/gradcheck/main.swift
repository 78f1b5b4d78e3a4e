import Commands

// `swift run gradcheck`: the same as `lecture-cnn gradcheck`.
Program.main("gradcheck")
