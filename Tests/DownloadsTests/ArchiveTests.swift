import Datasets
import Foundation
import LocalServer
import Testing

@testable import Downloads

/// Archives are unpacked into the required files and removed.
@Suite struct ArchiveTests {
  static func file(_ archive: [UInt8] = Archives.good) -> DatasetDownload {
    Scene.file(archive, name: "set.tar.gz", members: Archives.members)
  }

  static func expectWhole(_ scene: Scene, _ location: SourceLocation = #_sourceLocation) {
    #expect(scene.names == ["a.bin", "b.bin"], sourceLocation: location)
    #expect(scene.bytes("a.bin") == Archives.a, sourceLocation: location)
    #expect(scene.bytes("b.bin") == Archives.b, sourceLocation: location)
  }

  @Test func archivesAreUnpackedAndRemoved() {
    let scene = Scene()
    scene.server.answer("set.tar.gz", Answers.file(Archives.good))
    #expect(scene.error(fetching: Self.file()) == nil)
    Self.expectWhole(scene)
    #expect(
      scene.events.suffix(2) == [.unpacking(file: "set.tar.gz"), .finished(file: "set.tar.gz")])
    #expect(scene.error(fetching: Self.file()) == nil)
    #expect(scene.server.requests.count == 1)
  }

  /// The archive was put there by the user, or unpacking it was interrupted and left some files.
  @Test func archiveThatIsThereNeedsNoServer() throws {
    let scene = Scene()
    try scene.write(Archives.good, "set.tar.gz")
    try scene.write([1], "a.bin")
    try scene.write([1, 2], ".partial-1-0")
    #expect(scene.error(fetching: Self.file()) == nil)
    Self.expectWhole(scene)
    #expect(scene.server.requests.isEmpty)
  }

  @Test func anotherArchiveOfThatNameIsReplaced() throws {
    let scene = Scene()
    try scene.write(Archives.link, "set.tar.gz")
    scene.server.answer("set.tar.gz", Answers.file(Archives.good))
    #expect(scene.error(fetching: Self.file()) == nil)
    Self.expectWhole(scene)
  }

  /// The error occurs even if the archive has the expected hash.
  @Test func linksAreNotUnpacked() {
    let scene = Scene()
    scene.server.answer("set.tar.gz", Answers.file(Archives.link))
    #expect(
      scene.error(fetching: Self.file(Archives.link))?.description
        == "\(scene.folder)/set.tar.gz: “set/b.bin” in the tar archive is a symbolic link "
        + "(expected a regular file or a folder). Remove it and download it again.")
    #expect(scene.names == ["a.bin", "set.tar.gz"])
  }

  @Test func aFileThatIsNoArchiveIsRefused() {
    let scene = Scene()
    scene.server.answer("set.tar.gz", Answers.file(Scene.content))
    #expect(
      scene.error(fetching: Self.file(Scene.content))?.description
        == "\(scene.folder)/set.tar.gz: not gzip data (found the bytes 00 a7 4e f5, "
        + "expected the bytes 1f 8b). Remove it and download it again.")
  }
}
