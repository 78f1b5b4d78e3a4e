import Files

/// What a safetensors file holds, also a file that is no usable checkpoint.
///
/// The file must satisfy the format's rules. Values that are not finite, a wrong checksum and elements that
/// cannot be read as numbers are problems of the file, and not errors.
public struct InspectedFile: Sendable {
  /// A tensor of the file.
  public struct Tensor: Sendable {
    public let name: String
    public let dtype: SafetensorsDtype
    public let shape: [Int]
    /// The values; nil if the type holds no numbers that can be read.
    public let values: [Float]?
    public let statistics: TensorStatistics?
  }

  public let path: String
  public let byteCount: Int
  /// SHA-256 of the file.
  public let hash: String
  /// The format of a checkpoint of this program; nil for a file of another program.
  public let format: String?
  /// The metadata, without `format` and `sha256`.
  public let metadata: [String: String]
  /// In the file's order.
  public let tensors: [Tensor]
  /// The problem that makes the file unusable as a checkpoint of this program; nil for a usable one and for
  /// a file of another program.
  public let problem: CheckpointProblem?

  /// - Throws: ``CheckpointError`` if the file cannot be read or is no safetensors file.
  public init(_ path: String) throws(CheckpointError) {
    let bytes: [UInt8]
    do throws(InputFileProblem) {
      bytes = try InputFile.read(path, limit: CheckpointFile.limit)
    } catch {
      throw CheckpointError(path: path, problem: .file(error))
    }
    let file: SafetensorsFile
    do throws(SafetensorsError) { file = try SafetensorsFile(bytes) } catch {
      throw CheckpointError(path: path, problem: .foreign(error))
    }
    self.path = path
    byteCount = bytes.count
    hash = Hash.sha256(of: [bytes])
    var metadata = file.metadata
    metadata["sha256"] = nil
    // Files of PyTorch's library say “pt”.
    let format = metadata.removeValue(forKey: "format")
    self.format = format.flatMap { Int($0) == nil ? nil : $0 }
    self.metadata = metadata
    tensors = file.entries.map { entry in
      let values = try? file.values(of: entry)
      return Tensor(
        name: entry.name, dtype: entry.dtype, shape: entry.shape, values: values,
        statistics: values.map { TensorStatistics(of: $0) })
    }
    guard self.format != nil else {
      problem = nil
      return
    }
    do throws(CheckpointError) {
      _ = try CheckpointFile.decode(bytes, path: path)
      problem = nil
    } catch { problem = error.problem }
  }

  /// The tensors with values that are not finite.
  public var notFinite: [Tensor] { tensors.filter { $0.statistics?.notFiniteCount ?? 0 > 0 } }
}
