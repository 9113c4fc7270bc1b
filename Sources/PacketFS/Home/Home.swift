import PacketFSBlob
import PacketFSChannel
import PacketFSRebuild
import PacketFSStore
import PacketFSVault
import PacketFSWire
import Synchronization

/// A machine's PacketFS home: its peers, seeds, blob and journals. Several processes may have one open.
public final class Home: Sendable {
    /// Where it lies.
    public let location: HomeLocation

    let store: Store
    let arenas: Arenas
    let givenUp = GivenUp()
    /// Keys derived from seeds, once for each.
    let unlocked = Mutex<[SeedKey: PeerCredentials]>([:])
    /// What handshakes may be made under, as it was read last.
    let answerable = Mutex<AnswerableSeeds?>(nil)
    /// Answers for vaults that need a passphrase or a PIN.
    let answering: SecretAnswering?
    /// Stands before every durable step of a change of seeds.
    let seedGate: any SeedGate

    private init(
        location: HomeLocation, arenas: Arenas, answering: SecretAnswering?, seedGate: any SeedGate,
        makesRoom: Bool = false
    ) throws {
        self.location = location
        self.arenas = arenas
        self.answering = answering
        self.seedGate = seedGate
        do {
            try PrivateFolder.make(location.state)
            try PrivateFolder.make(location.data)
            try PrivateFolder.make(location.state + "/seeds")
            store = try Store(folder: location.state, makesRoom: makesRoom)
        } catch {
            throw PacketFSError(explaining: error)
        }
    }

    /// Makes a home. Throws `state` if there is one already.
    ///
    /// - Parameters:
    ///   - location: where it is to lie.
    ///   - answering: who is asked for passphrases and PINs; `nil` keeps vaults closed that need one.
    public static func create(at location: HomeLocation, answering: SecretAnswering? = nil) throws -> Home {
        guard !PrivateFolder.exists(location.state + "/seeds") else {
            throw PacketFSError(.state, "there is a home already in \(location.state)")
        }
        let arenas = Arenas(Residency(), report: { _ in })
        return try Home(location: location, arenas: arenas, answering: answering, seedGate: OpenSeedGate())
    }

    /// Opens a home. Throws `state` if there is none, if others can read it, or if a newer version wrote it.
    ///
    /// - Parameters:
    ///   - location: Where it lies.
    ///   - residency: How replicas are kept in memory as long as the home is open.
    ///   - answering: Who is asked for passphrases and PINs; `nil` keeps vaults closed that need one.
    ///   - makesRoom: Opens it on a full disk, too, for `trimBlob` and `forget`: with space that was set aside.
    ///   - report: Told of each thing that `residency` asks for and the machine does not have, once.
    public static func open(
        at location: HomeLocation, residency: BlobResidency = BlobResidency(), answering: SecretAnswering? = nil,
        makesRoom: Bool = false, report: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> Home {
        try open(
            at: location, arenas: Arenas(residency.blob, report: report), answering: answering,
            seedGate: OpenSeedGate(), makesRoom: makesRoom)
    }

    /// The same, with a gate before every durable step of a change of seeds.
    package static func open(
        at location: HomeLocation, answering: SecretAnswering?, seedGate: any SeedGate
    ) throws -> Home {
        try open(
            at: location, arenas: Arenas(Residency(), report: { _ in }), answering: answering, seedGate: seedGate)
    }

    private static func open(
        at location: HomeLocation, arenas: Arenas, answering: SecretAnswering?, seedGate: any SeedGate,
        makesRoom: Bool = false
    ) throws -> Home {
        guard PrivateFolder.exists(location.state + "/seeds") else {
            throw PacketFSError(.state, "there is no home in \(location.state)", hint: "make one with `packetfs init`")
        }
        return try Home(
            location: location, arenas: arenas, answering: answering, seedGate: seedGate, makesRoom: makesRoom)
    }

    /// Brings the replicas of all peers into memory, if they are to be kept there. Throws `unattainable` for what is
    /// required and the machine does not have. Returns the peers whose replica cannot be kept as is required, which is no
    /// other peer's matter: how much it is, and where it lies, each chooses itself.
    func makeResident() throws -> [(peer: String, error: PacketFSError)] {
        guard arenas.isOn else { return [] }
        try arenas.check()
        return try store.peers().compactMap { peer in
            do {
                guard let log = try store.log(for: peer.party, role: .replica) else { return nil }
                _ = try domain(of: peer).openReplica(of: log.id).holdings()
                return nil
            } catch {
                return (peer.name, PacketFSError(explaining: error))
            }
        }
    }

    func domain(of peer: PeerRecord, gate: any WriteGate = OpenGate()) throws -> PeerDomain {
        try PeerDomain(
            peer: peer, store: store, arenas: arenas, givenUp: givenUp, data: location.data, gate: gate)
    }

    func record(named name: String) throws -> PeerRecord {
        guard let peer = try store.peer(named: name) else {
            throw PacketFSError(.peer, "there is no peer named \(name)", hint: "see `packetfs peer list`")
        }
        return peer
    }
}
