import Datasets
import Files

/// An error that ends the download from one mirror.
enum TransferFailure: Error {
  /// An error of this mirror; another mirror may work.
  case mirror(MirrorProblem)
  /// An error that no mirror can avoid.
  case download(DownloadError)
}

extension Downloader {
  /// Downloads `file` into `folder` from the first of `addresses` that delivers it.
  ///
  /// - Returns: the content.
  func fetch(
    _ file: DatasetDownload, at addresses: [String], into folder: String
  ) throws(DownloadError) -> [UInt8] {
    let path = "\(folder)/\(file.name)"
    // The user may have put the archive there, or unpacking it may have been interrupted.
    if let content = try? InputFile.read(path, limit: file.size ?? limits.largestFile),
      Hash.sha256(of: [content]) == file.sha256
    {
      return content
    }
    let part: PartFile
    do throws(OutputFileError) {
      part = try PartFile("\(path).part", operations: operations)
    } catch { throw .output(error) }
    let job = Job(file: file, folder: folder, part: part)

    var refusals: [DownloadError.Refusal] = []
    for address in addresses {
      do throws(TransferFailure) {
        let content = try fetch(job, from: address)
        try job.writing { () throws(OutputFileError) in try part.finish(as: path) }
        return content
      } catch {
        switch error {
        case .download(let error):
          if part.count == 0 { try? part.remove() }
          throw error
        case .mirror(let problem):
          refusals.append(.init(address: address, problem: problem))
          // The last mirror's problem is part of the error.
          if refusals.count < addresses.count {
            report(.refused(file: file.name, address: address, problem))
          }
        }
      }
    }
    let kept = part.count
    if kept == 0 { try? part.remove() }
    throw .noMirror(file: file.name, folder: folder, refusals, kept: kept)
  }

  /// Downloads the file from one mirror, with retries as long as each one adds bytes.
  private func fetch(_ job: Job, from text: String) throws(TransferFailure) -> [UInt8] {
    let address: MirrorAddress
    do throws(MirrorProblem) {
      address = try MirrorAddress(text, allowsLoopback: mirror != nil)
    } catch { throw .mirror(error) }
    var validator: String?
    var mayStartAgain = true
    var attempt = 0
    while true {
      attempt += 1
      let before = job.part.count
      do throws(TransferFailure) {
        try transfer(job, from: address, validator: &validator)
        return try verified(job)
      } catch {
        guard case .mirror(let problem) = error else { throw error }
        switch problem {
        case .checksum where before > 0 && mayStartAgain:
          // The earlier bytes may be wrong rather than the mirror, so the download starts again
          // once.
          mayStartAgain = false
        case .brokeOff where job.part.count > before && attempt < limits.attempts,
          .stalled where job.part.count > before && attempt < limits.attempts:
          pause(limits.pauseSeconds)
        default: throw error
        }
        report(.refused(file: job.file.name, address: text, problem))
      }
    }
  }

  /// The content of the part file if its hash is right; otherwise the part file is emptied.
  private func verified(_ job: Job) throws(TransferFailure) -> [UInt8] {
    let content: [UInt8]
    do throws(InputFileProblem) {
      content = try InputFile.read(job.part.path, limit: job.file.size ?? limits.largestFile)
    } catch { throw .download(.unreadable(path: job.part.path, error)) }
    let found = Hash.sha256(of: [content])
    guard found == job.file.sha256 else {
      try job.writing { () throws(OutputFileError) in try job.part.empty() }
      let looksLike = content.withUnsafeBufferPointer { ContentGuess.signature($0) }
      throw .mirror(
        .checksum(found: found, expected: job.file.sha256, looksLike: looksLike))
    }
    return content
  }
}

/// A file that is being downloaded.
struct Job {
  let file: DatasetDownload
  let folder: String
  let part: PartFile

  /// The result of `body`; its errors become errors of the transfer.
  func writing(_ body: () throws(OutputFileError) -> Void) throws(TransferFailure) {
    do throws(OutputFileError) { try body() } catch { throw .download(.output(error)) }
  }

  var interruption: TransferFailure {
    .download(
      .interrupted(file: file.name, folder: folder, kept: part.count, expected: file.size))
  }
}
