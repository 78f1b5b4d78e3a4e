import Datasets
import Foundation
import LocalServer

@testable import Downloads
@testable import Files

/// A folder, a server, and a downloader that connects the two.
final class Scene {
  let server = LocalServer()
  let folder: String
  private let parent: URL
  var downloader = Downloader()
  /// The events of the downloader, without progress.
  private(set) var events: [Downloader.Event] = []
  /// Called for each progress event with the number of bytes so far.
  var onProgress: (Int) -> Void = { _ in }

  init() {
    // Without this, a proxy would receive the requests to this computer.
    for name in ["no_proxy", "NO_PROXY"] { setenv(name, "127.0.0.1", 1) }
    parent = FileManager.default.temporaryDirectory.appending(
      path: "downloads-tests-\(UUID().uuidString)")
    folder = parent.appending(path: "set").path(percentEncoded: false)
    downloader.mirror = server.folder
    downloader.limits.answerSeconds = 5
    downloader.limits.stallSeconds = 5
    downloader.limits.pauseSeconds = 0
    downloader.report = { [unowned self] event in
      if case .progress(_, let done, _) = event { onProgress(done) } else { events.append(event) }
    }
  }

  deinit {
    server.stop()
    try? FileManager.default.removeItem(at: parent)
  }

  /// Consecutive bytes differ, and so do consecutive pages.
  static let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 167 ^ $0 >> 8) }
  static let wrong = content.map { ~$0 }

  static func file(
    _ content: [UInt8] = content, name: String = "data.bin", urls: [String] = [],
    knowsSize: Bool = true, members: [String] = []
  ) -> DatasetDownload {
    DatasetDownload(
      name: name, size: knowsSize ? content.count : nil, sha256: Hash.sha256(of: [content]),
      urls: urls, members: members)
  }

  /// The error of downloading `file`.
  func error(fetching file: DatasetDownload = file()) -> DownloadError? {
    do throws(DownloadError) {
      try downloader.fetch([file], into: folder)
      return nil
    } catch { return error }
  }

  /// The names in the folder, without the lock.
  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0 != ".lock" }.sorted()
  }

  func bytes(_ name: String) -> [UInt8]? {
    FileManager.default.contents(atPath: "\(folder)/\(name)").map { [UInt8]($0) }
  }

  func write(_ bytes: [UInt8], _ name: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
  }

  /// The first requested byte of each request.
  var offsets: [Int] { server.requests.map(\.offset) }
}
