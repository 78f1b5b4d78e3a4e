import Checkpoints
import Datasets
import Files
import Layers

/// Parameters from a safetensors file, by PyTorch's names and shapes: `--init`.
public enum InitialValues {
  /// Sets the network's parameters from the file at `path`, another program's or a checkpoint.
  ///
  /// PyTorch's counts of the batches that running averages have seen, `bn1.num_batches_tracked`, are
  /// passed over: they are integers, and matter only for averages without a momentum.
  public static func load(_ path: String, into network: Sequential) throws(CheckpointError) {
    do throws(CheckpointProblem) {
      let bytes: [UInt8]
      do throws(InputFileProblem) {
        bytes = try InputFile.read(path, limit: CheckpointFile.limit)
      } catch { throw .file(error) }
      let tensors: [StoredTensor]
      do throws(SafetensorsError) {
        (tensors, _) = try Safetensors.decode(
          bytes, passingOver: { $0.hasSuffix(".num_batches_tracked") })
      } catch {
        throw .safetensors(error)
      }
      if let fault = Safetensors.firstNotFinite(in: tensors) {
        throw .notFinite(tensor: fault.tensor, index: fault.index, value: fault.value)
      }
      let values = try Checkpoint(tensors: tensors, metadata: [:]).values(
        matching: network.parameters.map { ($0.name, $0.layout.storedShape) },
        passingOver: { $0.hasPrefix("optim.") || $0.hasPrefix("ema.") })
      for (parameter, values) in zip(network.parameters, values) {
        parameter.setValues(stored: values)
      }
    } catch { throw CheckpointError(path: path, problem: error) }
  }
}
