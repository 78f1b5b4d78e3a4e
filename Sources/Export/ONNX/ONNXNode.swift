import Protobuf

/// An operation of a graph: the message `NodeProto`.
struct ONNXNode: Equatable {
  /// The name of an operator: `Conv`.
  let operation: String
  var name: String
  /// The names of values; empty for an optional input that is left out.
  var inputs: [String]
  var output: String
  let attributes: [Attribute]

  /// A constant of an operation: the message `AttributeProto`.
  struct Attribute: Equatable {
    let name: String
    let value: AttributeValue

    init(_ name: String, _ value: AttributeValue) {
      self.name = name
      self.value = value
    }
  }

  enum AttributeValue: Equatable {
    case float(Float)
    case integer(Int)
    case text(String)
    case integers([Int])
  }

  func write(to writer: inout ProtobufWriter) {
    for input in inputs { writer.write(1, input) }
    writer.write(2, output)
    writer.write(3, name)
    writer.write(4, operation)
    for attribute in attributes { writer.write(5, message: attribute.write) }
  }
}

extension ONNXNode.Attribute {
  func write(to writer: inout ProtobufWriter) {
    writer.write(1, name)
    switch value {
    case .float(let value):
      writer.write(2, value)
      writer.write(20, 1)
    case .integer(let value):
      writer.write(3, value)
      writer.write(20, 2)
    case .text(let value):
      writer.write(4, value)
      writer.write(20, 3)
    case .integers(let values):
      for value in values { writer.write(8, value) }
      writer.write(20, 7)
    }
  }
}
