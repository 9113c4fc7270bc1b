/// How the data plane is cut into frames (`Specs/frames.md` §7): short ones first, so that the receiver has work soon
/// even if the whole plan is a few kilobytes; how long they are depends on the bytes before them and on nothing else.
package enum DataFrames {
    /// Bytes on the wire of the first frames.
    private static let first = 2048

    /// Payload bytes of the full frame that follows `sent` payload bytes of its direction's data plane.
    package static func capacity(after sent: UInt64) -> Int {
        let quarter = max(sent / 4, UInt64(first))
        let power = UInt64(1) << UInt64(63 - quarter.leadingZeroBitCount)
        return Int(min(UInt64(Limits.frame), power)) - (Limits.frame - Limits.payload)
    }

    /// Frames that carry `bytes` payload bytes.
    package static func count(for bytes: UInt64) -> UInt64 {
        var (sent, frames) = (UInt64(0), UInt64(0))
        while sent < bytes, capacity(after: sent) < Limits.payload {
            sent += UInt64(capacity(after: sent))
            frames += 1
        }
        let rest = bytes - min(bytes, sent)
        return frames + (rest + UInt64(Limits.payload) - 1) / UInt64(Limits.payload)
    }
}
