import PacketFSBlob
import PacketFSWire
import Synchronization

/// The replicas that this process keeps in memory, for all its sessions.
final class Arenas: Sendable {
    /// A peer draws the id of its log: two peers may name the same.
    private struct Replica: Hashable {
        let peer: PartyID
        let log: LogID
    }

    private let residency: Residency
    private let report: @Sendable (String) -> Void
    private let all = Mutex<[Replica: Arena]>([:])
    private let told = Mutex<Set<Residency.Part>>([])

    /// `report` is told once of each thing that was asked for and cannot be had.
    init(_ residency: Residency, report: @escaping @Sendable (String) -> Void) {
        self.residency = residency
        self.report = report
    }

    var isOn: Bool { residency.isOn }

    /// Throws for what is required, and the machine does not have at all.
    func check() throws(BlobError) { try residency.check() }

    /// The arena of the replica of a peer's log; `nil` if nothing is kept in memory.
    func arena(of log: LogID, from peer: PartyID) -> Arena? {
        guard isOn else { return nil }
        let replica = Replica(peer: peer, log: log)
        return all.withLock { all in
            let arena = all[replica] ?? Arena(residency: residency)
            all[replica] = arena
            return arena
        }
    }

    /// The peer has another log now: what was kept of the old one goes.
    func drop(_ log: LogID, from peer: PartyID) {
        _ = all.withLock { $0.removeValue(forKey: Replica(peer: peer, log: log)) }
    }

    /// Says what `arena` could not get, once.
    func tellGaps(of arena: Arena) {
        for part in arena.gaps where told.withLock({ $0.insert(part).inserted }) {
            report("the blob is kept in memory, but \(part.words): \(part.fix)")
        }
    }
}
