import Datasets
import Files

extension Downloader {
  /// Requests the missing bytes from `address`, follows redirections, and appends to the part file.
  ///
  /// - Parameter validator: the entity tag that this mirror sent with the bytes so far.
  func transfer(
    _ job: Job, from address: MirrorAddress, validator: inout String?
  ) throws(TransferFailure) {
    let part = job.part
    if let size = job.file.size {
      if part.count > size { try job.writing { () throws(OutputFileError) in try part.empty() } }
      if part.count == size { return }
    }
    var address = address
    var redirections = 0
    while true {
      if isInterrupted() { throw job.interruption }
      report(
        .starting(
          file: job.file.name, address: "\(address)", done: part.count, total: job.file.size))
      let transfer = HTTPTransfer(address, offset: part.count, validator: validator)
      defer { transfer.cancel() }
      let answer = try self.answer(job, of: transfer)
      switch answer.status {
      case 301, 302, 303, 307, 308:
        redirections += 1
        guard redirections <= limits.redirects else {
          throw .mirror(.tooManyRedirections(limit: limits.redirects))
        }
        guard let location = answer["Location"] else {
          throw .mirror(.status(answer.status))
        }
        do throws(MirrorProblem) { address = try address.following(location) } catch {
          throw .mirror(error)
        }
        continue
      case 416 where part.count > 0:
        // The mirror's file is shorter than the part file, so the part file belongs to another
        // file.
        try job.writing { () throws(OutputFileError) in try part.empty() }
        validator = nil
        continue
      case 200, 206: break
      default: throw .mirror(.status(answer.status))
      }
      let total = try check(job, answer)
      if answer.status == 200 {
        try job.writing { () throws(OutputFileError) in try part.empty() }
      }
      let tag = answer["ETag"]
      // A weak entity tag does not guarantee that every byte is equal.
      validator = tag?.hasPrefix("\"") == true ? tag : nil
      try receive(job, transfer, total: total)
      return
    }
  }

  /// The status and the headers of the answer.
  private func answer(
    _ job: Job, of transfer: HTTPTransfer
  ) throws(TransferFailure) -> HTTPAnswer {
    switch try event(job, of: transfer, within: limits.answerSeconds) {
    case .answer(let answer)?: return answer
    case .end(let reason?)?: throw .mirror(.unreachable(reason: reason))
    case .end(nil)?:
      throw .mirror(.brokeOff(bytes: job.part.count, expected: job.file.size))
    case .data?: preconditionFailure("data comes after the answer")
    case nil:
      let seconds = MirrorProblem.text(limits.answerSeconds)
      throw .mirror(.unreachable(reason: "no answer within \(seconds) seconds"))
    }
  }

  /// Checks by the headers that the answer can be the file or the missing part of it.
  ///
  /// - Returns: the size of the whole file, if the mirror states it.
  private func check(_ job: Job, _ answer: HTTPAnswer) throws(TransferFailure) -> Int? {
    var start = 0
    if answer.status == 206 {
      start = job.part.count
      let found = answer["Content-Range"] ?? "no range"
      guard found.lowercased().hasPrefix("bytes \(start)-") else {
        throw .mirror(.range(found: found, expected: "bytes \(start)-…"))
      }
    }
    if let encoding = answer["Content-Encoding"],
      encoding.lowercased() != "identity"
    {
      // With an encoding the bytes on the wire are not those of the file.
      throw .mirror(.encoding(encoding))
    }
    if answer.mediaType == "text/html" { throw .mirror(.page) }
    guard let length = answer["Content-Length"].flatMap({ Int($0) })
    else {
      return job.file.size
    }
    let (total, overflows) = start.addingReportingOverflow(length)
    if let size = job.file.size, overflows || total != size {
      throw .mirror(.size(found: total, expected: size))
    }
    guard !overflows, total <= limits.largestFile else {
      throw .mirror(.tooLarge(limit: limits.largestFile))
    }
    return total
  }

  /// Appends the answer's body to the part file.
  private func receive(
    _ job: Job, _ transfer: HTTPTransfer, total: Int?
  ) throws(TransferFailure) {
    let part = job.part
    let limit = total ?? limits.largestFile
    while true {
      switch try event(job, of: transfer, within: limits.stallSeconds) {
      case .data(let data)?:
        guard data.count <= limit - part.count else {
          try job.writing { () throws(OutputFileError) in try part.empty() }
          throw .mirror(.tooLarge(limit: limit))
        }
        try job.writing { () throws(OutputFileError) in try part.append(data) }
        report(.progress(file: job.file.name, done: part.count, total: total))
      case .end(nil)?:
        if let total, part.count != total {
          let found = part.count
          try job.writing { () throws(OutputFileError) in try part.empty() }
          throw .mirror(.size(found: found, expected: total))
        }
        return
      case .end?: throw .mirror(.brokeOff(bytes: part.count, expected: total))
      case nil:
        throw .mirror(
          .stalled(seconds: limits.stallSeconds, bytes: part.count, expected: total))
      case .answer?: preconditionFailure("there is one answer to a request")
      }
    }
  }

  /// The next event of `transfer`, or nil if there is none within `seconds`.
  private func event(
    _ job: Job, of transfer: HTTPTransfer, within seconds: Double
  ) throws(TransferFailure) -> HTTPTransfer.Event? {
    let end = ContinuousClock.now + .seconds(seconds)
    repeat {
      if isInterrupted() { throw job.interruption }
      let left = (end - ContinuousClock.now) / .seconds(1)
      if let event = transfer.next(within: min(0.05, max(0, left))) { return event }
    } while ContinuousClock.now < end
    return nil
  }
}
