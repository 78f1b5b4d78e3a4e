import Protobuf

/// A value with its tag, a `Summary.Value` of tensorflow/core/framework/summary.proto.
public enum SummaryValue: Equatable, Sendable {
  /// A number, which is rounded to 32 bits, as TensorBoard's scalars are.
  case scalar(tag: String, Double)
  /// A PNG file.
  ///
  /// - `channels`: 1 for gray, 3 for red, green and blue.
  case image(tag: String, width: Int, height: Int, channels: Int, png: [UInt8])
  case histogram(tag: String, HistogramBuckets)
  /// A message of the plugin for hyperparameters.
  case hyperparameters(tag: String, [UInt8])

  public var tag: String {
    switch self {
    case .scalar(let tag, _), .image(let tag, _, _, _, _), .histogram(let tag, _),
      .hyperparameters(let tag, _):
      tag
    }
  }

  /// Writes the fields of the message.
  func write(to writer: inout ProtobufWriter) {
    writer.write(1, tag)
    switch self {
    case .scalar(_, let value): writer.write(2, Float(value))
    case .image(_, let width, let height, let channels, let png):
      writer.write(
        4,
        message: { image in
          image.write(1, height)
          image.write(2, width)
          image.write(3, channels)
          image.write(4, png)
        })
    case .histogram(_, let buckets):
      writer.write(8, message: { $0.writeTensor(buckets.rows, columns: 3) })
      writer.writeMetadata(plugin: "histograms", content: [], class: 2)
    case .hyperparameters(_, let content):
      // TensorBoard takes a value with a tensor only; an empty one will do.
      writer.write(
        8,
        message: { tensor in
          tensor.write(1, 1)
          tensor.write(2, message: { $0.write(2, message: { $0.write(1, 0) }) })
        })
      writer.writeMetadata(plugin: "hparams", content: content, class: 0)
    }
  }
}

extension ProtobufWriter {
  /// Writes the fields of a `TensorProto` of the type `DT_DOUBLE` and the shape `[n, columns]`.
  fileprivate mutating func writeTensor(_ values: [Double], columns: Int) {
    write(1, 2)
    write(
      2,
      message: { shape in
        for extent in [values.count / columns, columns] {
          shape.write(2, message: { $0.write(1, extent) })
        }
      })
    write(
      4, values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) })
  }

  /// Writes a field `metadata`, a `SummaryMetadata`.
  ///
  /// - Parameter class: the `DataClass`: 2 for tensors, 0 if unknown.
  fileprivate mutating func writeMetadata(plugin: String, content: [UInt8], class: Int) {
    write(
      9,
      message: { metadata in
        metadata.write(
          1,
          message: { data in
            data.write(1, plugin)
            if !content.isEmpty { data.write(2, content) }
          })
        if `class` != 0 { metadata.write(4, `class`) }
      })
  }
}
