import Protobuf

/// The nodes of a model and their constants: the message `GraphProto`.
struct ONNXGraph {
  let name: String
  var nodes: [ONNXNode]
  var constants: [ONNXTensor]
  let input: Value
  let output: Value

  /// An input or an output of the model: the message `ValueInfoProto`.
  struct Value: Equatable {
    let name: String
    let type: ONNXElement
    /// The shape of one example. The first extent of the value is any number, called `N`.
    let exampleShape: [Int]
  }

  func write(to writer: inout ProtobufWriter) {
    for node in nodes { writer.write(1, message: node.write) }
    writer.write(2, name)
    for constant in constants { writer.write(5, message: constant.write) }
    writer.write(11, message: input.write)
    writer.write(12, message: output.write)
  }
}

extension ONNXGraph.Value {
  func write(to writer: inout ProtobufWriter) {
    writer.write(1, name)
    writer.write(2) {
      $0.write(1) {
        $0.write(1, type.rawValue)
        $0.write(2) {
          $0.write(1) { $0.write(2, "N") }
          for extent in exampleShape { $0.write(1) { $0.write(1, extent) } }
        }
      }
    }
  }
}
