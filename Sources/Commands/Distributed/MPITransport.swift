#if MPI
  import MPIBridge
  import Tensors

  /// Messages by Open MPI, and memory that the processes of one host share.
  final class MPITransport: MessageTransport {
    let rank: Int
    let count: Int
    let sharedRegion: SharedRegion?

    /// - Parameter sharesMemory: true to share memory if all processes run on one host.
    init(_ world: mpi_bridge_world, sharesMemory: Bool) {
      rank = Int(world.rank)
      count = Int(world.count)
      var bytes = 0
      let start = world.one_host != 0 && sharesMemory ? mpi_bridge_share(&bytes) : nil
      sharedRegion = start.map { start in
        SharedRegion(start: start, byteCount: bytes) { part in
          mpi_bridge_reserve(part.baseAddress, part.count) != 0
        }
      }
    }

    func startSend(
      _ bytes: UnsafeRawPointer, count: Int, to rank: Int, on channel: MessageChannel
    ) -> MessageRequest {
      MessageRequest(
        handle: mpi_bridge_send(bytes, count, Int32(rank), Int32(channel.rawValue)))
    }

    func startReceive(
      _ bytes: UnsafeMutableRawPointer, count: Int, from rank: Int, on channel: MessageChannel
    ) -> MessageRequest {
      MessageRequest(
        handle: mpi_bridge_receive(bytes, count, Int32(rank), Int32(channel.rawValue)))
    }

    func wait(for request: MessageRequest, on channel: MessageChannel) {
      mpi_bridge_wait(request.handle, Int32(channel.rawValue))
    }
  }
#endif
