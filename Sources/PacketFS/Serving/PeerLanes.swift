import Dispatch
import Foundation
import PacketFSWire
import Synchronization

/// Bounds how much the sessions of each peer work at once: half of the processors at most, however many it opens, so that
/// one which keeps all of its sessions busy takes from others what a peer takes, and no more.
final class PeerLanes: Sendable {
    private let width: Int
    private let lanes = Mutex<[PartyID: PeerLane]>([:])

    init(width: Int = max(1, ProcessInfo.processInfo.activeProcessorCount / 2)) {
        self.width = width
    }

    /// Where all sessions of the peer work.
    func lane(of peer: PartyID) -> PeerLane {
        lanes.withLock { lanes in
            let lane = lanes[peer] ?? PeerLane(width: width)
            lanes[peer] = lane
            return lane
        }
    }
}

/// Room for so many sessions to work at once.
final class PeerLane: Sendable {
    private static let current = DispatchSpecificKey<PeerLane>()

    private let room: DispatchSemaphore

    init(width: Int) {
        room = DispatchSemaphore(value: width)
    }

    /// What works on this queue finds the lane to step aside from.
    func mark(_ queue: DispatchQueue) {
        queue.setSpecific(key: Self.current, value: self)
    }

    func work<R>(_ body: () throws -> R) rethrows -> R {
        room.wait()
        defer { room.signal() }
        return try body()
    }

    /// Runs `body`, which waits for another session: if that is of the same peer, it needs the room.
    static func aside<R>(_ body: () throws -> R) rethrows -> R {
        guard let lane = DispatchQueue.getSpecific(key: current) else { return try body() }
        lane.room.signal()
        defer { lane.room.wait() }
        return try body()
    }
}
