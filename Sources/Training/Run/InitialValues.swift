import Checkpoints
import Files
import Layers

/// Loads parameters from a safetensors file of any program by PyTorch's names: `--init`.
///
/// A file must satisfy the format's rules, but not those of a checkpoint. Values may have any type
/// that `SafetensorsFile/values(of:)` reads, and must be finite. The file may differ from the
/// network in three ways, each of which causes a notice:
///
/// - All names may start with the same prefix: `model.`, `module.`.
/// - Weights may be in MLX's layout.
/// - The head may have been trained for another number of classes. The network's head then keeps
///   its initial values.
///
/// These tensors are ignored: the optimizer's state and averages of this program (`optim.`,
/// `ema.`), and PyTorch's number of batches in the running averages, `bn1.num_batches_tracked`,
/// which is used only without a momentum.
public enum InitialValues {
  /// Sets the network's parameters from the file at `path`.
  ///
  /// - `layout`: the layout of the file's weights; nil to recognize it by their shapes.
  /// - Returns: notices about what was recognized or left out, each with the path.
  /// - Throws: `CheckpointError`; the network is unchanged then.
  @discardableResult
  public static func load(
    _ path: String, into network: Sequential, layout: WeightLayout? = nil
  ) throws(CheckpointError) -> [String] {
    do throws(CheckpointProblem) {
      let bytes: [UInt8]
      do throws(InputFileProblem) {
        bytes = try InputFile.read(path, limit: CheckpointFile.limit)
      } catch { throw .file(error) }
      let file: SafetensorsFile
      do throws(SafetensorsError) { file = try SafetensorsFile(bytes) } catch {
        throw .foreign(error)
      }
      var notices = checksumNotice(file, bytes).map { [$0] } ?? []
      notices += try load(file, into: network, layout: layout)
      return notices.map { "\(path): \($0)" }
    } catch { throw CheckpointError(path: path, problem: error) }
  }

  private static func load(
    _ file: SafetensorsFile, into network: Sequential, layout: WeightLayout?
  ) throws(CheckpointProblem) -> [String] {
    var notices: [String] = []
    let targets = Target.all(of: network)
    let matching = try NameMatching(file.entries.filter { !isPassedOver($0.name) }, with: targets)
    if !matching.prefix.isEmpty {
      notices.append("its names were taken without their prefix \(quoted(matching.prefix)).")
    }
    let pairs = matching.pairs
    let choice = LayoutChoice(layout, file: file, pairs: pairs, network: network)
    if let notice = choice.notice { notices.append(notice) }
    let head = ReplacedHead(of: network, pairs: pairs, layout: choice.layout)
    if let head { notices.append(head.notice) }

    var loaded: [(target: Target, values: [Float])] = []
    for (target, entry) in pairs where !(head?.contains(target) ?? false) {
      loaded.append((target, try values(of: entry, in: file, for: target, choice.layout)))
    }
    for (target, values) in loaded { target.parameter.setValues(stored: values) }
    return notices
  }

  /// A tensor's values in the order of the parameter's stored shape.
  private static func values(
    of entry: SafetensorsEntry, in file: SafetensorsFile, for target: Target, _ layout: WeightLayout
  ) throws(CheckpointProblem) -> [Float] {
    let expected = target.shape(in: layout)
    guard entry.shape == expected else {
      throw .misshapen(tensor: entry.name, found: entry.shape, expected: expected)
    }
    let values: [Float]
    do throws(SafetensorsError) { values = try file.values(of: entry) } catch {
      throw .foreign(error)
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(tensor: entry.name, index: index, value: values[index])
    }
    return target.stored(values, from: layout)
  }

  private static func isPassedOver(_ name: String) -> Bool {
    name.hasPrefix("optim.") || name.hasPrefix("ema.") || name.hasSuffix(".num_batches_tracked")
  }

  /// A notice about a wrong checksum. Checkpoints of this program have a checksum, and another
  /// program may have changed the values and kept it. Therefore a wrong checksum is no error.
  private static func checksumNotice(_ file: SafetensorsFile, _ bytes: [UInt8]) -> String? {
    guard file.metadata["format"] == "\(CheckpointFile.format)", file.metadata["sha256"] != nil,
      (try? CheckpointFile.decode(bytes, path: "")) == nil
    else { return nil }
    return "its sha256 is not that of its bytes: it is damaged, or another program changed it."
  }
}
