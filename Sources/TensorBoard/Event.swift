import Protobuf

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Values of a step, an `Event` of tensorflow/core/util/event.proto.
public struct Event: Equatable, Sendable {
  /// The time of writing, in seconds since 1970.
  public let wallTime: Double
  public let step: Int
  public let values: [SummaryValue]

  public init(wallTime: Double, step: Int, values: [SummaryValue]) {
    self.wallTime = wallTime
    self.step = step
    self.values = values
  }

  /// The present time, in seconds since 1970.
  public static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// The message.
  var bytes: [UInt8] {
    var writer = ProtobufWriter()
    writer.write(1, wallTime)
    writer.write(2, step)
    writer.write(
      5,
      message: { summary in
        for value in values { summary.write(1, message: { value.write(to: &$0) }) }
      })
    return writer.bytes
  }

  /// The message that begins each file.
  static func version(wallTime: Double) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.write(1, wallTime)
    writer.write(3, "brain.Event:2")
    return writer.bytes
  }

  /// The step and the tags of a written event; nil if `data` is no event.
  static func outline(of data: ArraySlice<UInt8>) -> (step: Int, tags: [String])? {
    guard let fields = try? ProtobufReader.fields(of: data) else { return nil }
    let step = fields.last { $0.number == 2 }?.integer ?? 0
    let tags = fields.filter { $0.number == 5 }.flatMap { summary in
      ((try? ProtobufReader.fields(of: summary.content)) ?? []).filter { $0.number == 1 }
        .compactMap { ProtobufReader.first([1], in: $0.content)?.text }
    }
    return (step, tags)
  }
}
