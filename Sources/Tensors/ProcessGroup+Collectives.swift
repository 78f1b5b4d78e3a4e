import CKernels

/// What all processes do together. Their number is a power of two here, except in the last section.
extension ProcessGroup {
  /// The number of floats up to which ``sum(_:count:scratch:kernels:on:)`` sends whole vectors: a message
  /// of this size takes hardly longer than an empty one.
  package static let smallSum = 1024

  // MARK: Sums

  /// Adds the vectors of all processes, as the upper part of the lanes' tree; all processes get the sum.
  ///
  /// In step k a process adds its vector and that of the process whose number differs in bit k. The sum of
  /// two floats does not depend on their order, so both get the same bits. A long vector is halved before
  /// each step (recursive halving), and the sums of the parts are collected in the opposite order
  /// (recursive doubling; Thakur et al. 2005, "Optimization of collective communication operations in
  /// MPICH", section 4.4). With P processes and n floats a process sends `2·log₂P` messages with
  /// `8·n·(1 − 1/P)` bytes in all; for a short vector `log₂P` messages of `4·n` bytes.
  ///
  /// - `scratch`: memory of `count` floats.
  public func sum(
    _ values: UnsafeMutablePointer<Float>, count: Int, scratch: UnsafeMutablePointer<Float>,
    kernels: kernels, on channel: MessageChannel
  ) {
    guard count > Self.smallSum else {
      var distance = 1
      while distance < self.count {
        exchange(
          raw(values, 0..<count), for: raw(scratch, 0..<count), with: rank ^ distance, on: channel)
        kernels.add_lanes(scratch, count, 1, .max, values, count)
        distance *= 2
      }
      return
    }
    sum(values, 0..<count, distance: 1, scratch, kernels, channel)
  }

  private func sum(
    _ values: UnsafeMutablePointer<Float>, _ range: Range<Int>, distance: Int,
    _ scratch: UnsafeMutablePointer<Float>, _ kernels: kernels, _ channel: MessageChannel
  ) {
    guard distance < count else { return }
    let middle = range.lowerBound + range.count / 2
    let (lower, upper) = (range.lowerBound..<middle, middle..<range.upperBound)
    let (kept, given) = rank & distance == 0 ? (lower, upper) : (upper, lower)
    exchange(
      raw(values, given), for: raw(scratch, 0..<kept.count), with: rank ^ distance, on: channel)
    kernels.add_lanes(scratch, kept.count, 1, .max, values + kept.lowerBound, kept.count)
    sum(values, kept, distance: 2 * distance, scratch, kernels, channel)
    exchange(raw(values, kept), for: raw(values, given), with: rank ^ distance, on: channel)
  }

  private func raw(
    _ values: UnsafeMutablePointer<Float>, _ range: Range<Int>
  ) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      UnsafeMutableBufferPointer(start: values + range.lowerBound, count: range.count))
  }

  private func raw(
    _ values: UnsafeMutablePointer<Float>, _ range: Range<Int>
  ) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      UnsafeBufferPointer(start: values + range.lowerBound, count: range.count))
  }

  // MARK: Gathering

  /// Gives all processes the blocks of all processes, by recursive doubling: `log₂P` messages. With shared
  /// memory the blocks are copied, and the foreground sends no message.
  ///
  /// - `memory`: the blocks one behind the other; that of this process is filled.
  /// - `offset`: the first byte of a process's block; the end of all blocks for ``count``.
  public func gather(
    _ memory: UnsafeMutableRawPointer, on channel: MessageChannel,
    offset: (_ process: Int) -> Int
  ) {
    if channel == .foreground, let shared { return shared.gather(memory, offset: offset) }
    gather(memory, position: rank, on: channel, offset: offset)
  }

  /// - Parameter position: the number of this process's block. Partners of a step have positions that
  ///   differ in the same bit as their numbers.
  private func gather(
    _ memory: UnsafeMutableRawPointer, position: Int, on channel: MessageChannel,
    offset: (_ position: Int) -> Int
  ) {
    var distance = 1
    while distance < count {
      let mine = position & ~(distance - 1)
      let theirs = mine ^ distance
      func bytes(_ first: Int) -> UnsafeMutableRawBufferPointer {
        let start = offset(first)
        return UnsafeMutableRawBufferPointer(
          start: memory + start, count: offset(first + distance) - start)
      }
      exchange(
        UnsafeRawBufferPointer(bytes(mine)), for: bytes(theirs), with: rank ^ distance,
        on: channel)
      distance *= 2
    }
  }

  /// Gives all processes the floats of process `root`: it scatters parts, which all then gather.
  public func broadcast(
    _ values: UnsafeMutablePointer<Float>, count: Int, from root: Int, on channel: MessageChannel
  ) {
    let memory = UnsafeMutableRawPointer(values)
    let position = rank ^ root
    func offset(_ position: Int) -> Int { count * position / self.count * 4 }
    var distance = self.count / 2
    while distance > 0 {
      let place = position & (2 * distance - 1)
      if place == 0 || place == distance {
        let first = position & ~(2 * distance - 1) | distance
        let start = offset(first)
        let size = offset(first + distance) - start
        if size > 0 {
          let request =
            place == 0
            ? startSend(memory + start, count: size, to: rank ^ distance, on: channel)
            : startReceive(memory + start, count: size, from: rank ^ distance, on: channel)
          wait(for: request, on: channel)
        }
      }
      distance /= 2
    }
    gather(memory, position: position, on: channel, offset: offset)
  }

  // MARK: Any number of processes

  /// Gives all processes the bytes of process 0; used before the training.
  ///
  /// - Parameter bytes: the bytes in process 0, ignored in the others.
  public func spread(_ bytes: [UInt8]) -> [UInt8] {
    guard rank > 0 else {
      for other in 1..<max(count, 1) { sendList(bytes, to: other) }
      return bytes
    }
    return receiveList(from: 0)
  }

  /// The bytes of all processes, by process; used before and after the training.
  public func collect(_ bytes: [UInt8]) -> [[UInt8]] {
    var all = [[UInt8]](repeating: [], count: count)
    all[rank] = bytes
    // Process 0 receives all lists, and sends each to all others.
    for process in 1..<max(count, 1) {
      if rank == process { sendList(bytes, to: 0) }
      if rank == 0 { all[process] = receiveList(from: process) }
    }
    for process in 0..<count {
      for other in 1..<max(count, 1) where other != process {
        if rank == 0 { sendList(all[process], to: other) }
        if rank == other { all[process] = receiveList(from: 0) }
      }
    }
    return all
  }

  private func sendList(_ bytes: [UInt8], to other: Int) {
    var count = Int64(bytes.count)
    withUnsafeBytes(of: &count) {
      wait(for: startSend($0.baseAddress!, count: 8, to: other))
    }
    guard count > 0 else { return }
    bytes.withUnsafeBytes {
      wait(for: startSend($0.baseAddress!, count: $0.count, to: other))
    }
  }

  private func receiveList(from other: Int) -> [UInt8] {
    var count: Int64 = 0
    withUnsafeMutableBytes(of: &count) {
      wait(for: startReceive($0.baseAddress!, count: 8, from: other))
    }
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
      wait(for: startReceive(buffer.baseAddress!, count: buffer.count, from: other))
      filled = Int(count)
    }
  }
}
