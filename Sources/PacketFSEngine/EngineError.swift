package import PacketFSWire

/// Why a transfer cannot go on.
package enum EngineError: Error, Equatable, Sendable {
    /// The peer gave up, with its reason.
    case peerAborted(AbortReason)
    /// The peer sent a message that its role or the moment does not allow.
    case unexpectedMessage
    /// The peer's message breaks a bound or a rule between fields.
    case malformed
    /// The receiver asked for a new plan more often than `Sender.restarts`.
    case unstableHoldings
    /// This side gives up.
    case aborted(AbortReason)
}
