import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct FolderListingTests {
  private let folder = TemporaryFolder()

  @Test func namesStandInTheOrderOfTheirBytesByKind() throws {
    for name in ["b", "Z", "é", "10", "2"] { try folder.write([1], to: name) }
    for name in ["y", "X", ".hidden"] { try folder.makeFolder(name) }
    try folder.link("to-folder", to: "X")
    try folder.link("to-file", to: "b")
    let listing = try FolderListing(folder.path)
    #expect(listing.files == ["10", "2", "Z", "b", "to-file", "é"])
    #expect(listing.folders == ["X", "to-folder", "y"])
    #expect(listing.entries.count == 9)
  }

  @Test(arguments: ["gone", "link", "file/below"])
  func aLinkToNothingIsOne(target: String) throws {
    try folder.write([1], to: "file")
    try folder.link("link", to: target)
    #expect(
      try FolderListing(folder.path).entries == [
        .init(name: "file", kind: .file, isText: true),
        .init(name: "link", kind: .danglingLink, isText: true),
      ])
  }

  #if os(Linux)  // Others have file systems that refuse such names.
    @Test func aNameThatIsNotTextIsShownByItsBytes() throws {
      let path = Array("\(folder.path)/caf".utf8CString.dropLast()) + [-23, 0]
      #expect(mkdir(path, 0o700) == 0)
      defer { rmdir(path) }
      let listing = try FolderListing(folder.path)
      #expect(listing.entries == [.init(name: "caf\\xe9", kind: .folder, isText: false)])
      #expect(listing.folders.isEmpty && listing.files.isEmpty)
    }
  #endif

  @Test func whatIsNoFolderIsTold() throws {
    try folder.write([1], to: "file")
    #expect(throws: FolderProblem.file) { try FolderListing("\(folder.path)/file") }
    #expect(throws: FolderProblem.missing) { try FolderListing("\(folder.path)/gone") }
  }
}
