import Protobuf

/// A network in the Open Neural Network Exchange format, version 1.12: the message `ModelProto` of
/// `onnx.proto`.
///
/// The messages of this folder have the fields that this package writes, in the order of their
/// numbers. Equal models give equal bytes.
struct ONNXModel {
  /// The version of the format itself, `IR_VERSION_2021_7_30`.
  static let formatVersion = 8
  /// The version of the operators, the newest of format version 8. Runtimes have read it since 2022.
  static let operatorVersion = 17
  /// The maximum size of a message in bytes. Readers of protocol buffers refuse larger ones.
  static let byteLimit = 1 << 31

  let producerVersion: String
  let description: String
  let graph: ONNXGraph
  /// Names and values, in order.
  let metadata: [(key: String, value: String)]

  var bytes: [UInt8] {
    var writer = ProtobufWriter()
    writer.write(1, Self.formatVersion)
    writer.write(2, "lecture-cnn")
    writer.write(3, producerVersion)
    writer.write(6, description)
    writer.write(7, message: graph.write)
    writer.write(8) {
      $0.write(1, "")
      $0.write(2, Self.operatorVersion)
    }
    for (key, value) in metadata {
      writer.write(14) {
        $0.write(1, key)
        $0.write(2, value)
      }
    }
    return writer.bytes
  }
}
