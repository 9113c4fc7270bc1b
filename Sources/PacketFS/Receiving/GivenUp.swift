import PacketFSWire
import Synchronization

/// Transfers of which their sender says that they are over, while a session of this process may still wait for more of
/// them, such as where a line was cut without a word. It lets go of them at its next look.
final class GivenUp: Sendable {
    fileprivate struct Transfer: Hashable {
        let id: TransferID
        let peer: PartyID
    }

    private let transfers = Mutex<[Transfer: Int]>([:])

    func contains(_ transfer: TransferID, of peer: PartyID) -> Bool {
        transfers.withLock { $0[Transfer(id: transfer, peer: peer)] != nil }
    }

    /// Says so for as long as the notice is kept.
    func notice(_ transfer: TransferID, of peer: PartyID) -> Notice {
        Notice(self, Transfer(id: transfer, peer: peer))
    }

    final class Notice {
        private let place: GivenUp
        private let transfer: Transfer
        var id: TransferID { transfer.id }

        fileprivate init(_ place: GivenUp, _ transfer: Transfer) {
            (self.place, self.transfer) = (place, transfer)
            place.transfers.withLock { $0[transfer, default: 0] += 1 }
        }

        deinit {
            place.transfers.withLock { transfers in
                let others = transfers[transfer, default: 1] - 1
                transfers[transfer] = others > 0 ? others : nil
            }
        }
    }
}
