import Terminal
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The two ends of a pipe.
private func makePipe() -> (reading: Int32, writing: Int32) {
  var ends: [Int32] = [0, 0]
  precondition(pipe(&ends) == 0)
  return (ends[0], ends[1])
}

/// All bytes up to the end of the file, as text.
private func readAll(_ descriptor: Int32) -> String {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
    bytes += buffer[..<count]
  }
  return String(decoding: bytes, as: UTF8.self)
}

@Suite struct StandardStreamTests {
  @Test func allBytesAreWritten() throws {
    let (reading, writing) = makePipe()
    try StandardStream(descriptor: writing).write("čšž\n")
    close(writing)
    #expect(readAll(reading) == "čšž\n")
    close(reading)
  }

  @Test func aClosedPipeIsAnErrorAndLosesMessages() {
    let (reading, writing) = makePipe()
    close(reading)
    #expect(throws: OutputError.readerGone) {
      try StandardStream(descriptor: writing).write("text")
    }
    // SIGPIPE would end this process here.
    ErrorLine.error("text", to: StandardStream(descriptor: writing))
    close(writing)
  }

  @Test func aClosedDescriptorIsAnError() {
    #expect {
      try StandardStream(descriptor: 1_000_000).write("text")
    } throws: { error in
      guard case .failed(let reason)? = error as? OutputError else { return false }
      return reason == "Bad file descriptor"
    }
  }

  @Test(.enabled(if: access("/dev/full", W_OK) == 0))
  func aFullDiskIsAnError() {
    let full = open("/dev/full", O_WRONLY)
    #expect(throws: OutputError.noSpace) {
      try StandardStream(descriptor: full).write("text")
    }
    close(full)
  }

  @Test func aPipeIsNotATerminal() {
    let (reading, writing) = makePipe()
    #expect(!StandardStream(descriptor: writing).isTerminal)
    #expect(StandardStream(descriptor: writing).columns == nil)
    close(reading)
    close(writing)
  }

  @Test(.enabled(if: access("/dev/ptmx", R_OK | W_OK) == 0))
  func theWidthIsThatOfTheTerminal() throws {
    let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    try #require(terminal >= 0)
    defer { close(terminal) }
    var size = winsize(ws_row: 24, ws_col: 97, ws_xpixel: 0, ws_ypixel: 0)
    try #require(ioctl(terminal, UInt(TIOCSWINSZ), &size) == 0)
    #expect(StandardStream(descriptor: terminal).columns == 97)
  }

  @Test func messagesStayOnOneLine() {
    let (reading, writing) = makePipe()
    let stream = StandardStream(descriptor: writing)
    ErrorLine.error("a\nb/\u{1B}[31mx.png: no such file. Check the path.", to: stream)
    ErrorLine.warning("the disk is nearly full", to: stream)
    close(writing)
    #expect(
      readAll(reading) == """
        error: a\\nb/\\u{1B}[31mx.png: no such file. Check the path.
        warning: the disk is nearly full

        """)
    close(reading)
  }

  /// Descriptors belong to the whole process, so the test starts processes of its own.
  @Test func closedStandardStreamsAreOpenedAndOpenOnesKept() async {
    await #expect(processExitsWith: .success) {
      for descriptor: Int32 in 0...2 { close(descriptor) }
      StandardStream.openAll()
      let next = open("/dev/zero", O_RDONLY)
      guard next > 2 else { exit(1) }
      do { try StandardStream.output.write("text") } catch { exit(2) }
    }
    await #expect(processExitsWith: .success) {
      let (reading, writing) = makePipe()
      dup2(writing, 1)
      StandardStream.openAll()
      do { try StandardStream.output.write("kept") } catch { exit(1) }
      close(writing)
      close(1)
      guard readAll(reading) == "kept" else { exit(2) }
    }
  }
}
