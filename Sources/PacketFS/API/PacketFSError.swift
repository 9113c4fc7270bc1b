/// What went wrong, for people and programs.
public struct PacketFSError: Error, Sendable, CustomStringConvertible {
    /// Kinds of failure. Each has an exit code of the command line (`packetfs help exit-codes`).
    public enum Code: String, Sendable, CaseIterable {
        /// Arguments or options that make no sense together.
        case usage
        /// A configuration or state file is missing, broken, of a newer version, or readable by others.
        case state
        /// No such peer, one too many, or its entry lacks something.
        case peer
        /// A connection could not be made, or was lost.
        case connection
        /// The handshake failed: other seed, revoked, other suite, or not PacketFS at all.
        case handshake
        /// The peer's policy, or ours, does not allow it.
        case refused
        /// The peer broke the protocol, or its bytes are not authentic.
        case integrity
        /// A source could not be read.
        case source
        /// The destination could not be written.
        case destination
        /// No space left.
        case diskFull
        /// Something of this machine puts secrets or the home at risk.
        case unfit
        /// Some files were not transferred, the others were.
        case partial
        /// `offsetOnly`: the blob lacks bytes.
        case missingBytes
        /// A bound was exceeded.
        case limit
        /// Interrupted; what was verified is kept for the next run.
        case interrupted
        /// The other end gave the transfer up.
        case peerAborted
        /// A defect of ours.
        case `internal`
    }

    /// What kind of failure it is.
    public var code: Code
    /// One sentence for a person, without secrets and without contents.
    public var message: String
    /// What to do about it, if that is known.
    public var hint: String?
    /// The error beneath, if any.
    public var cause: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, hint: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.cause = cause
    }

    /// The message, with the hint if there is one.
    public var description: String {
        hint.map { "\(message); \($0)" } ?? message
    }
}
