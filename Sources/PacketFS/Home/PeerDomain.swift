import Glibc
import PacketFSBlob
import PacketFSRebuild
import PacketFSSecrets
import PacketFSStore
import PacketFSWire

/// The blob that this home shares with one peer: our own log with its index, and the replica of the peer's log.
struct PeerDomain: Sendable {
    let peer: PeerRecord
    let store: Store
    /// Stands before every durable write of a transfer.
    let gate: any WriteGate
    let givenUp: GivenUp
    private let arenas: Arenas
    private let folder: String

    init(
        peer: PeerRecord, store: Store, arenas: Arenas, givenUp: GivenUp, data: String,
        gate: any WriteGate = OpenGate()
    ) throws {
        self.peer = peer
        self.store = store
        self.arenas = arenas
        self.gate = gate
        self.givenUp = givenUp
        folder = data + "/blob/" + peer.party.bytes.hexadecimal
        try PrivateFolder.make(folder)
    }

    /// The file of a log, read as it is on the disk unless there is an `arena`.
    func file(of log: LogRecord, arena: Arena? = nil) throws -> Log {
        switch log.role {
        case .own: try Log(file: folder + "/own.log", id: log.id, create: true, arena: arena)
        case .replica: try Log(file: folder + "/replica.log", id: log.id, create: true, arena: arena)
        }
    }

    /// Our log, with an index that is made anew where it is missing or was damaged.
    func openOwn() throws -> OwnLog {
        let record = try store.ownLog(for: peer.party)
        let log = try file(of: record)
        use(log, as: .own)
        let index = try MatchIndex(file: indexFile, log: record.id)
        // What is pending will be held, or is dropped: the planner knows what may be pointed at.
        if index.needsRebuild { try index.rebuild(from: log, runs: RunSet(store.occupied(in: record))) }
        return OwnLog(record: record, log: log, index: index, store: store, gate: gate)
    }

    /// Takes what the index of our log has of extents out of it, before they go.
    func unindex(_ extents: [Extent], of log: LogRecord) throws {
        let runs = Set(extents).map(\.range).sorted { $0.address < $1.address }
        try index(of: log)?.remove(RunSet(runs))
    }

    private var indexFile: String { folder + "/own.index" }

    private func index(of log: LogRecord) throws -> MatchIndex? {
        access(indexFile, F_OK) == 0 ? try MatchIndex(file: indexFile, log: log.id) : nil
    }

    /// The key of the order in which added bytes lie in our log.
    func placementKey() throws -> [UInt8] {
        try DrawnKey.load(file: folder + "/own.placement")
    }

    /// What the peer is told instead of a path of this machine: always the same for one path, and nothing of it can be
    /// guessed from it.
    func alias(of path: String) throws -> String {
        try DrawnKey.load(file: folder + "/paths.key").withUnsafeBytes { key in
            let alias: SecretKey<PathAlias> = SecretKey<PathKey>(copying: key).hmac(of: Array(path.utf8))
            return alias.withUnsafeBytes { Array($0).hexadecimal }
        }
    }

    /// The replica of the log that the peer says is its own. If it is another log than before, nothing of the old one
    /// is held any more.
    func openReplica(of log: LogID) throws -> ReplicaLog {
        let (record, replaced) = try store.adopt(log: log, of: peer.party)
        let arena = arenas.arena(of: record.id, from: peer.party)
        let file = try file(of: record, arena: arena)
        if let replaced { arenas.drop(replaced.id, from: peer.party) }
        use(file, as: .replica)
        return ReplicaLog(record: record, log: file, store: store, gate: gate) { holdings in
            guard let arena else { return }
            try arena.hold(holdings.runs, of: file)
            arenas.tellGaps(of: arena)
        }
    }

    /// Nobody sweeps the log from now on, until it is closed. What others left there goes first, so that transfers which
    /// are interrupted again and again leave no more than one does: none of it is ever pointed at.
    private func use(_ file: Log, as role: LogRole) {
        // What cannot be freed now stays for another time.
        _ = try? sweep(file, role)
        file.use()
    }

    /// Frees what lies in a log and in none of its extents. Returns the bytes freed, or `nil` if somebody uses the log:
    /// nothing is done then.
    ///
    /// - Parameter unindexes: also takes what is in none of its extents out of the index of our log, which takes longer.
    func sweep(_ file: Log, _ role: LogRole, unindexes: Bool = false) throws -> UInt64? {
        try file.sweep {
            guard let log = try store.log(for: peer.party, role: role) else { return [] }
            let held = try store.occupied(in: log)
            if unindexes, role == .own { try index(of: log)?.remove(allBut: RunSet(held)) }
            return held
        }
    }

    /// Destroys both logs.
    func remove() {
        PrivateFolder.remove(folder)
    }
}

private enum PathKey: KeyPurpose {}
private enum PathAlias: KeyPurpose {}
