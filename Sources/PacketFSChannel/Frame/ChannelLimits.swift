/// When keys change and sessions end (`Specs/frames.md` §1). Both ends use the same.
package struct ChannelLimits: Sendable {
    /// Frames of one epoch.
    package var frames: UInt64 = 1 << 20
    /// Bytes on the wire of one epoch, after which no further frame of it is sealed.
    package var bytes: UInt64 = 64 << 30
    /// Age of an epoch in seconds at which the next frame sealed is its last.
    package var seconds: Double = 120
    /// Seconds without an authentic frame after which a direction is given up.
    package var silence: Double = 180
    /// Seconds after which no frame is sealed or opened.
    package var session: Double = 7200
    /// Seconds by which an initiator ends the session earlier: it is the one who begins another, and knows of no end but
    /// its own.
    package var lead: Double = 60
    /// Frames of one direction in the whole session. Sequence numbers stay below it.
    package var sequences: UInt64 = 1 << 62

    package init() {}

    package static let standard = ChannelLimits()
}
