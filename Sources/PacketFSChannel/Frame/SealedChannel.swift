/// Both directions of a session's frames, and its integrity keys.
package struct SealedChannel: ~Copyable, Sendable {
    package var sealer: FrameSealer
    package var opener: FrameOpener
    package let integrity: SessionIntegrity

    init(sealer: consuming FrameSealer, opener: consuming FrameOpener, integrity: SessionIntegrity) {
        self.sealer = sealer
        self.opener = opener
        self.integrity = integrity
    }

    /// Gives the halves away, each to be used on a thread of its own.
    package consuming func split<R: ~Copyable, E: Error>(
        _ body: (consuming FrameSealer, consuming FrameOpener, SessionIntegrity) throws(E) -> R
    ) throws(E) -> R {
        try body(sealer, opener, integrity)
    }

    /// Erases the keys of both directions.
    package mutating func close() {
        sealer.close()
        opener.close()
    }
}
