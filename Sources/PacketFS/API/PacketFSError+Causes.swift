import Glibc
import PacketFSBlob
import PacketFSChannel
import PacketFSEngine
import PacketFSPad
import PacketFSPlan
import PacketFSRebuild
import PacketFSStore
import PacketFSTransport
import PacketFSVault
import PacketFSWire

extension PacketFSError {
    /// Puts an error of the rooms beneath into words. `peer` is the name of the other end, if there is one, and `address`
    /// where it was called.
    init(explaining error: any Error, peer: String? = nil, address: String? = nil) {
        let peer = peer ?? "the peer"
        switch error {
        case let error as PacketFSError: self = error
        case let error as AbortReason: self.init(ours: error)
        case let error as EngineError: self.init(error, peer: peer)
        case let error as ChannelError: self.init(error, peer: peer)
        case let error as TransportError: self.init(error, peer: peer, address: address)
        case let error as PlanError: self.init(error)
        case let error as RebuildError: self.init(error)
        case let error as StoreError: self.init(error)
        case let error as BlobError: self.init(error)
        case is WireError:
            self.init(.integrity, "\(peer) sent something malformed", cause: error)
        case let error as VaultError: self.init(error)
        case let error as PadError: self.init(error)
        case is CancellationError:
            self.init(.interrupted, "interrupted", hint: "run the same command again to go on from there")
        default:
            self.init(.internal, "an unforeseen failure", cause: error)
        }
    }

    private init(_ error: EngineError, peer: String) {
        switch error {
        case .peerAborted(let reason): self.init(theirs: reason, peer: peer)
        case .aborted(let reason): self.init(ours: reason)
        case .unexpectedMessage, .malformed:
            self.init(.integrity, "\(peer) broke the protocol", cause: error)
        case .unstableHoldings:
            self.init(.integrity, "\(peer) does not come to rest about what it holds", cause: error)
        }
    }

    private init(_ error: ChannelError, peer: String) {
        switch error {
        case .handshakeFailed, .malformedHandshake, .unknownPeer, .suiteRefused:
            self.init(
                .handshake,
                "no session with \(peer): the other end does not share our seed, is not PacketFS, or has too many callers",
                hint: "compare the fingerprints with `packetfs peer show` on both machines", cause: error)
        case .ownReflection:
            self.init(.handshake, "our own message came back: the address leads to this machine", cause: error)
        case .silence:
            self.init(.connection, "\(peer) has been silent for too long", hint: Self.again, cause: error)
        case .sessionExpired:
            self.init(.connection, "two hours, the longest session, were too short", hint: Self.again, cause: error)
        case .closed:
            self.init(.connection, "the session with \(peer) is over", hint: Self.again, cause: error)
        case .frameLength, .notAuthentic, .malformedFrame, .rekeyOverdue, .payloadTooLarge, .sequenceExhausted:
            self.init(.integrity, "bytes that came from \(peer) are not authentic", hint: Self.again, cause: error)
        }
    }

    private init(_ error: TransportError, peer: String, address: String?) {
        let called = address.map { " (\($0))" } ?? ""
        let listens = address.map { _ in "`packetfs peer set \(peer) --address HOST:PORT` says where it listens" }
        switch error {
        case .invalidAddress: self.init(.usage, "that is no host and port", cause: error)
        case .unknownHost:
            self.init(.connection, "the host name of \(peer)\(called) is not known", hint: listens, cause: error)
        case .refused:
            self.init(
                .connection, "nobody listens at \(peer)'s address\(called)",
                hint: listens.map { "start `packetfs serve` there; \($0)" }, cause: error)
        case .unreachable:
            self.init(.connection, "\(peer)\(called) cannot be reached", hint: listens, cause: error)
        case .timedOut: self.init(.connection, "\(peer)\(called) does not answer", hint: Self.again, cause: error)
        case .reset, .closed:
            self.init(.connection, "the connection to \(peer) was lost", hint: Self.again, cause: error)
        case .addressInUse:
            self.init(
                .connection, "another program listens at this address", hint: "stop it, or name another with --listen",
                cause: error)
        case .addressNotAvailable: self.init(.usage, "this machine does not have that address", cause: error)
        case .notPermitted: self.init(.usage, "this port may not be used", cause: error)
        case .exhausted: self.init(.limit, "out of sockets", cause: error)
        case .cancelled:
            self.init(.interrupted, "interrupted", hint: Self.again, cause: error)
        case .system(let number):
            self.init(.connection, "the network failed: \(Self.text(number))", hint: Self.again, cause: error)
        }
    }

    /// `sources`: the paths that the error counts, if they are ours.
    init(_ error: PlanError, naming sources: [String] = []) {
        func name(_ index: Int) -> String { sources.indices.contains(index) ? "'\(sources[index])'" : "a source" }
        switch error {
        case .badSource(let index): self.init(.usage, "\(name(index)) is not a path", cause: error)
        case .sourceUnusable(let index, let number):
            self.init(.source, "\(name(index)) cannot be read: \(Self.text(number))", cause: error)
        case .tooManyEntries:
            let (paths, attributes) = (Limits.pathBytes >> 20, Limits.manifest >> 20)
            let bounds = "\(Limits.entries), with \(paths) MiB of paths and \(attributes) MiB of attributes"
            self.init(
                .limit, "there are more files and folders than one transfer can name (\(bounds))",
                hint: "send parts of it", cause: error)
        case .tooManyAttributes:
            self.init(
                .limit, "there are more extended attributes than one transfer can carry (\(Limits.allAttributes))",
                hint: "send parts of it", cause: error)
        case .tooManyBytes:
            self.init(
                .limit, "the files together have more bytes than one transfer can carry (\(Limits.stream))",
                hint: "send parts of it", cause: error)
        case .badTree: self.init(.internal, "the sources came to a tree that cannot be sent", cause: error)
        case .missingBytes(let bytes):
            self.init(
                .missingBytes, "\(bytes) bytes are not in the blob, and nothing but offsets was to be sent",
                hint: "`packetfs plan --explain` shows which files they are in", cause: error)
        case .sourceChanged: self.init(.source, "a file changed while it was sent", hint: Self.again, cause: error)
        case .unknownLeaf, .unknownEntry:
            self.init(.integrity, "the peer asked for something that was not offered", cause: error)
        case .blob: self.init(.state, "our blob cannot be written", cause: error)
        case .diskFull:
            self.init(blobFull: error)
        case .cancelled: self.init(.interrupted, "it was given up before it was planned", cause: error)
        case .compression: self.init(.internal, "compression failed", cause: error)
        }
    }

    private init(_ error: RebuildError) {
        switch error {
        case .manifest(.tooLarge):
            self.init(.limit, "the peer sent more files, folders or attributes than fit", cause: error)
        case .outOfOrder, .wrongLength, .outOfBounds, .badLiterals, .manifest:
            self.init(.integrity, "the peer sent a blueprint that breaks the rules", cause: error)
        case .integrity:
            self.init(.integrity, "a repaired leaf still does not verify", hint: Self.again, cause: error)
        case .diskFull:
            self.init(.diskFull, "no space is left at the destination", hint: "free some, then run it again")
        case .readOnly: self.init(.destination, "the destination is read-only", cause: error)
        case .unusableDestination(let number):
            self.init(
                .destination, "the destination cannot be used: \(Self.text(number))",
                hint: "a link beneath the folder that a peer's entry allows is not followed", cause: error)
        case .missingRoot:
            self.init(
                .destination, "the folder that the peer's entry allows is not there, and is never made",
                hint: "mount its disk, or make the folder", cause: error)
        case .inputOutput: self.init(.destination, "the destination's device failed", cause: error)
        case .outOfResources: self.init(.limit, "out of memory or descriptors", cause: error)
        case .replicaFull: self.init(blobFull: error)
        case .replica: self.init(.state, "the blob cannot be written", cause: error)
        case .replicaTooLarge: self.init(blobTooLarge: error)
        case .givenUp: self.init(.internal, "nobody waits for it any more", cause: error)
        case .crashed: self.init(.internal, "a simulated crash", cause: error)
        }
    }

    private init(_ error: StoreError) {
        switch error {
        case .newerVersion:
            self.init(
                .state, "the state folder was written by a newer PacketFS", hint: "upgrade this one", cause: error)
        case .corrupted:
            self.init(.state, "the state database is damaged", hint: "restore it, or make a new home", cause: error)
        case .notPrivate:
            self.init(.state, "the state folder is open to other users", hint: "chmod it to 0700", cause: error)
        case .busy: self.init(.state, "another process holds the state folder", hint: Self.again, cause: error)
        case .diskFull:
            self.init(
                .diskFull, "no space is left for the state folder",
                hint: "free some; `packetfs blob trim` can also do that while the disk is full", cause: error)
        case .duplicatePeer:
            self.init(
                .peer, "there is such a peer already",
                hint: "take another name: `peer import` and `seed restore` have --name for it",
                cause: error)
        case .ownIdentity: self.init(.peer, "that file was exported by this very home", cause: error)
        case .unknownSeed:
            self.init(.refused, "the seed was revoked or replaced meanwhile", hint: "see `packetfs seed list`")
        case .duplicateSeed: self.init(.refused, "that seed is here already", cause: error)
        case .staleSeed:
            self.init(
                .refused, "that seed is older than the current one, or was revoked",
                hint: "see `packetfs seed list`; `packetfs seed rotate` makes a new one", cause: error)
        case .tooManySeeds:
            self.init(
                .limit, "the peer has \(Store.seedBound) seeds already",
                hint: "finish the rotation with a transfer, or cancel it", cause: error)
        case .seedInUse:
            self.init(
                .refused, "the peer may have given up the old seed", hint: "finish the rotation with a transfer",
                cause: error)
        case .placeInUse:
            self.init(
                .usage, "another seed is in that vault already, or is still to be destroyed there",
                hint: "see `packetfs seed list`; choose another name", cause: error)
        case .tooManyExtents: self.init(extentsBeyondLimit: error)
        case .invalidName:
            self.init(.usage, "a peer's name has 1 to 64 letters, digits, `-`, `_` and `.`", cause: error)
        default: self.init(.state, "the state folder cannot be used", cause: error)
        }
    }

    private init(_ error: BlobError) {
        if case .unattainable(let part) = error {
            self.init(.limit, "the blob cannot be kept in memory as required: \(part.words)", hint: part.fix)
            return
        }
        switch error {
        case .diskFull: self.init(blobFull: error)
        case .tooManyExtents: self.init(extentsBeyondLimit: error)
        case .tooLarge: self.init(blobTooLarge: error)
        case .notPrivate:
            self.init(.state, "a blob file is open to other users", hint: "chmod it to 0600", cause: error)
        default: self.init(.state, "the blob cannot be used", cause: error)
        }
    }

    private init(blobFull error: any Error) {
        self.init(
            .diskFull, "no space is left for the blob",
            hint: "free some, as with `packetfs blob trim`, or transfer with --no-learn", cause: error)
    }

    private init(extentsBeyondLimit error: any Error) {
        self.init(
            .limit, "the blob has as many extents as one log may have (\(Limits.extents)), and cannot learn more",
            hint: "drop the oldest with `packetfs blob trim`, or run it with --no-learn", cause: error)
    }

    private init(blobTooLarge error: any Error) {
        self.init(
            .limit, "a file of the blob would be larger than its file system, or a limit of this process, allows",
            hint: "keep the home where larger files may be, or run it with --no-learn", cause: error)
    }

    private static let again = "run the same command again; it goes on from there"

    private static func text(_ number: Int32) -> String {
        String(cString: strerror(number))
    }
}
