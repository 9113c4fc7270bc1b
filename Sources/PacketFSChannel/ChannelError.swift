/// Why a handshake or a frame was refused. For local eyes: to the remote end they all look the same, a closed line.
package enum ChannelError: Error, Equatable, Sendable {
    /// A handshake message of a wrong length, version, or suite number.
    case malformedHandshake
    /// No seed answers to the tag of message 1.
    case unknownPeer
    /// Message 1 is one of our own, sent back.
    case ownReflection
    /// The suite that the other end wants is not allowed here.
    case suiteRefused
    /// The handshake message does not verify: wrong seed, modified, replayed, or another opinion about ML-KEM.
    case handshakeFailed
    /// A frame's length is below the least or above `Limits.frame`.
    case frameLength
    /// A frame does not open: modified, replayed, reordered, reflected, or sealed under other keys.
    case notAuthentic
    /// An authentic frame that breaks the format.
    case malformedFrame
    /// The other end went past the limits of an epoch.
    case rekeyOverdue
    /// The caller's payload exceeds `Limits.payload`.
    case payloadTooLarge
    /// No sequence number is left in this direction.
    case sequenceExhausted
    /// The session is past its life; a new one must be made.
    case sessionExpired
    /// Nothing authentic was heard for too long.
    case silence
    /// The channel was closed before, by an error or by its owner. Its keys are gone.
    case closed
}
