internal import PacketFSSecrets
package import PacketFSWire

extension Pad {
    /// What this side says when a session begins: which pad, what it has seen of the peer's half, and a proof that it
    /// holds the pad, good for this session alone.
    ///
    /// - Parameter session: the session's id.
    package func hello(session: [UInt8]) -> CoverHello {
        let seen = state.received.end
        return .pad(header.pad, seen: seen, proof: proof(half: own, seen: seen, session: session))
    }

    /// Checks what the peer says. Throws `otherPad`, `notAuthentic` for who does not hold the pad, and `rolledBack` if
    /// it has seen more of our half than we ever reserved: before anything was used twice.
    ///
    /// - Parameters:
    ///   - hello: of the peer.
    ///   - session: the session's id.
    package func accept(_ hello: CoverHello, session: [UInt8]) throws(PadError) {
        try hear(MessageMarks(seen: authentic(hello, session), opened: []))
        try requireNotRolledBack()
    }

    /// Throws `otherPad`, or `notAuthentic` for who does not hold the pad at this place, and `otherMachine`, `otherFiles`
    /// if we cannot use it. Nothing is written: the peer may be anybody.
    ///
    /// - Parameters:
    ///   - hello: of the peer.
    ///   - session: the session's id.
    package static func admit(
        _ hello: CoverHello, session: [UInt8], at place: PadPlace, machine: MachineIdentity? = .current
    ) throws(PadError) {
        let pad = try openUnchecked(place, gate: OpenPadGate())
        _ = try pad.authentic(hello, session)
        try pad.requireBound(to: machine)
    }

    /// What a peer that holds the pad says that it has seen.
    private func authentic(_ hello: CoverHello, _ session: [UInt8]) throws(PadError) -> UInt64 {
        guard case .pad(let pad, let seen, let proof) = hello, pad == header.pad else { throw .otherPad }
        guard SecretBytes.areEqual(proof, self.proof(half: peers, seen: seen, session: session)) else {
            throw .notAuthentic
        }
        return seen
    }

    private func proof(half: Int, seen: UInt64, session: [UInt8]) -> [UInt8] {
        var bytes = ByteWriter()
        bytes.u8(UInt8(half))
        bytes.integer(seen)
        bytes.raw(session)
        return file.checks.proof(bytes.bytes)
    }
}
