import PacketFSWire
import Synchronization

/// Transfers of which the sender says that they are over, while a session of this process may still wait for more of
/// them, such as where a line was cut without a word. It lets go of them at its next look.
final class GivenUp: Sendable {
    private let transfers = Mutex<Set<TransferID>>([])

    func contains(_ transfer: TransferID) -> Bool { transfers.withLock { $0.contains(transfer) } }
    func insert(_ transfer: TransferID) { transfers.withLock { _ = $0.insert(transfer) } }
    func remove(_ transfer: TransferID) { transfers.withLock { _ = $0.remove(transfer) } }
}
