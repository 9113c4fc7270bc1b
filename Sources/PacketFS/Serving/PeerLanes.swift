import Dispatch
import Foundation
import PacketFSWire
import Synchronization

/// Bounds how much the sessions of each peer work at once: half of the processors at most, however many it opens, and as
/// much for their errands, so that one which keeps all of its sessions busy takes from others what a peer takes, and no
/// more.
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
    private static let key = DispatchSpecificKey<PeerLane>()

    /// That of the queue that asks.
    static var current: PeerLane? { DispatchQueue.getSpecific(key: key) }

    /// Where errands of these sessions work: one that takes long must not keep the sessions from saying that they live.
    let errands: PeerLane?
    /// How many work at once.
    let width: Int
    private let room: DispatchSemaphore
    /// Of the peer's sessions in a lane of errands, and the other way round.
    let spare: DispatchSemaphore

    init(width: Int) {
        self.width = width
        room = DispatchSemaphore(value: width)
        spare = DispatchSemaphore(value: width)
        errands = PeerLane(width: width, room: spare, spare: room)
    }

    private init(width: Int, room: DispatchSemaphore, spare: DispatchSemaphore) {
        self.width = width
        self.room = room
        self.spare = spare
        errands = nil
    }

    /// What works on this queue finds the lane to step aside from.
    func mark(_ queue: DispatchQueue) {
        queue.setSpecific(key: Self.key, value: self)
    }

    /// For what is done beside a session. In a lane it has a lower priority: what somebody waits to hear from, other
    /// peers' sessions too, goes before it.
    static func queue(_ label: String, in lane: PeerLane?) -> DispatchQueue {
        let queue = DispatchQueue(label: label, qos: lane == nil ? .userInitiated : .background)
        lane?.mark(queue)
        return queue
    }

    /// Works in the lane, or in nobody's.
    static func work<R>(in lane: PeerLane?, _ body: () throws -> R) rethrows -> R {
        if let lane { try lane.work(body) } else { try body() }
    }

    func work<R>(_ body: () throws -> R) rethrows -> R {
        room.wait()
        defer { room.signal() }
        return try body()
    }

    /// Runs `body`, which waits for another session: if that is of the same peer, it needs the room.
    static func aside<R>(_ body: () throws -> R) rethrows -> R {
        guard let lane = current else { return try body() }
        lane.room.signal()
        defer { lane.room.wait() }
        return try body()
    }
}
