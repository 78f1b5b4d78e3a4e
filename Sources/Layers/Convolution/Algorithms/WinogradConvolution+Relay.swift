import CKernels
import Tensors

/// The weight gradient of Winograd on the whole batch, where several processes share the batch.
///
/// In one process each element of `∂U` is one chain over the tiles of all examples, in order. To keep every
/// bit, the chain goes from process to process: each continues the sums that it receives over the tiles of
/// its own examples, and sends them on. `∂U` is divided into pieces that follow each other, so that all
/// processes work at the same time on different pieces.
extension WinogradConvolution {
  /// The size of a piece, in floats, that is sent at a time.
  private static let pieceCount = 1 << 16

  /// The (panel, point) pairs of a piece. The number is the same in all processes.
  var pairsPerPiece: Int { max(8, Self.pieceCount / weights.point(ofPanel: 0)) }

  /// The number of pieces of `∂U`.
  private var pieces: Int { (weights.pairs + pairsPerPiece - 1) / pairsPerPiece }
  var chain: (pieces: Int, floats: Int) { (pieces, weights.count) }

  /// Computes `∂U` of all examples of the batch in the last process.
  ///
  /// - Parameter images: the examples of this process, whose points are all in `memory`.
  func relayWeightGradient(
    _ memory: WinogradBatchMemory, images: Int, among processes: ProcessGroup, in context: Context
  ) {
    let (rank, last) = (processes.rank, processes.count - 1)
    var received = rank > 0 ? startReceive(0, memory, processes) : nil
    var sent: MessageRequest?
    for piece in 0..<pieces {
      let pairs = pairs(ofPiece: piece)
      if let request = received {
        processes.wait(for: request)
        received = piece + 1 < pieces ? startReceive(piece + 1, memory, processes) : nil
      } else {
        start(of: pairs, memory).update(repeating: 0, count: count(of: pairs))
      }
      context.pool.run(pairs.count) { index, _ in
        let pair = pairs.lowerBound + index
        addOuterProduct(
          memory, images: images, point: pair % points, panel: pair / points, context.kernels)
      }
      if let sent { processes.wait(for: sent) }
      guard rank < last else { continue }
      sent = processes.startSend(
        start(of: pairs, memory), count: count(of: pairs) * 4, to: rank + 1)
    }
    if let sent { processes.wait(for: sent) }
  }

  private func pairs(ofPiece piece: Int) -> Range<Int> {
    piece * pairsPerPiece..<min((piece + 1) * pairsPerPiece, weights.pairs)
  }

  private func start(
    of pairs: Range<Int>, _ memory: WinogradBatchMemory
  ) -> UnsafeMutablePointer<Float> {
    memory.weightGradient + weights.offset(ofPair: pairs.lowerBound)
  }

  /// The floats of some pairs.
  private func count(of pairs: Range<Int>) -> Int {
    weights.offset(ofPair: pairs.upperBound) - weights.offset(ofPair: pairs.lowerBound)
  }

  private func startReceive(
    _ piece: Int, _ memory: WinogradBatchMemory, _ processes: ProcessGroup
  ) -> MessageRequest {
    let pairs = pairs(ofPiece: piece)
    return processes.startReceive(
      start(of: pairs, memory), count: count(of: pairs) * 4, from: processes.rank - 1)
  }
}
