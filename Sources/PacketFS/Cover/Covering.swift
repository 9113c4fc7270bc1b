import PacketFSChannel
import PacketFSPad
import PacketFSRebuild
import PacketFSWire

/// How one end of a session comes to cover its payloads: the initiator proposes, the responder answers in kind.
struct Covering: Sendable {
    let home: Home
    let credentials: PeerCredentials
    let role: Role
    /// What the initiator wants.
    var protection = Protection.aead
    /// Stands before every step that changes a pad.
    var gate: any PadGate = OpenPadGate()

    /// Blocks of a half without which no session is begun: what a transfer of nothing takes.
    private static let least: UInt64 = 32

    /// Throws what would keep an initiator from proposing.
    static func check(_ protection: Protection, in home: Home) throws {
        if case .keystream(let name) = protection { _ = try open(name, in: home, gate: OpenPadGate()) }
    }

    /// The initiator's; `nil` if nothing is covered.
    func propose(in session: SessionIntegrity) throws -> CoverProposal? {
        switch protection {
        case .aead: nil
        case .streamCipher: .stream(StreamCover(credentials, role: role, in: session))
        case .keystream(let name):
            .pad(try Self.open(name, in: home, gate: gate), name: name, session: session.sessionID)
        }
    }

    /// The responder's, to what the initiator said.
    func answer(_ hello: CoverHello, in session: SessionIntegrity) throws -> CoverProposal {
        switch hello {
        case .streamCipher: return .stream(StreamCover(credentials, role: role, in: session))
        case .pad:
            let name = try home.pad(heldBy: hello, in: session)
            return .pad(try Self.open(name, in: home, gate: gate), name: name, session: session.sessionID)
        }
    }

    private static func open(_ name: String, in home: Home, gate: any PadGate) throws -> Pad {
        let pad = try home.openPad(name, gate: gate)
        guard pad.left >= least else { throw PadError.exhausted(needed: least, left: pad.left) }
        return pad
    }
}

/// What one end says of a cover, and the cover itself once the other one agrees.
enum CoverProposal {
    case pad(Pad, name: String, session: [UInt8])
    case stream(StreamCover)

    var hello: CoverHello {
        switch self {
        case .pad(let pad, _, let session): pad.hello(session: session)
        case .stream: .streamCipher
        }
    }

    /// Checks what the other end said.
    func accept(_ hello: CoverHello) throws -> any PayloadCover {
        switch self {
        case .pad(let pad, let name, let session):
            try pad.accept(hello, session: session)
            return try PadCover(pad, name: name)
        case .stream(let cover):
            guard hello == .streamCipher else { throw AbortReason.malformed }
            return cover
        }
    }
}

/// Steps of a pad, as durable writes of a session that is driven by hand.
struct SessionPadGate: PadGate {
    let gate: any WriteGate

    func pass(_: PadStep) throws(PadError) {
        do { try gate.pass(.record) } catch { throw .crashed }
    }
}
