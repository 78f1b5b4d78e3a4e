import Protobuf

/// The type of a tensor's elements, with its number in `TensorProto.DataType`.
enum ONNXElement: Int {
  case float = 1
  case uint8 = 2
  case int64 = 7
}

/// A constant of a graph: the message `TensorProto`.
struct ONNXTensor: Equatable {
  let name: String
  let shape: [Int]
  let values: Values

  enum Values: Equatable {
    case floats([Float])
    case integers([Int])
  }

  func write(to writer: inout ProtobufWriter) {
    for extent in shape { writer.write(1, extent) }
    switch values {
    case .floats(let values):
      writer.write(2, ONNXElement.float.rawValue)
      writer.write(8, name)
      writer.write(9, floats: values)
    case .integers(let values):
      writer.write(2, ONNXElement.int64.rawValue)
      writer.write(8, name)
      writer.write(
        9, values.flatMap { value in withUnsafeBytes(of: Int64(value).littleEndian) { Array($0) } })
    }
  }
}
