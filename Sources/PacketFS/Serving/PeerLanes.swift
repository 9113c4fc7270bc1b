import Dispatch
import Foundation
import PacketFSWire
import Synchronization

/// Where the sessions of each peer work. A peer has half of the processors at most, however many sessions it opens, so that
/// one which keeps all of its sessions busy takes from others what a peer takes, and no more.
final class PeerLanes: Sendable {
    private struct Lanes {
        let queues: [DispatchQueue]
        /// Sessions that were given one so far.
        var given = 0
    }

    private let width: Int
    private let lanes = Mutex<[PartyID: Lanes]>([:])

    init(width: Int = max(1, ProcessInfo.processInfo.activeProcessorCount / 2)) {
        self.width = width
    }

    /// The lane of the peer's next session; each lane does one thing at a time.
    func next(of peer: PartyID) -> DispatchQueue {
        lanes.withLock { lanes in
            var known = lanes[peer] ?? Lanes(queues: (0..<width).map { _ in DispatchQueue(label: "packetfs.peer") })
            defer { lanes[peer] = known }
            known.given += 1
            return known.queues[known.given % width]
        }
    }
}
