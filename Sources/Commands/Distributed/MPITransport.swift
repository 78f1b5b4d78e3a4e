#if MPI
  import MPIBridge
  import Tensors

  /// Messages by Open MPI.
  final class MPITransport: MessageTransport {
    let rank: Int
    let count: Int

    init(_ world: mpi_bridge_world) {
      rank = Int(world.rank)
      count = Int(world.count)
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
