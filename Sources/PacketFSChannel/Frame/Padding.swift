internal import PacketFSWire

/// What of sizes an observer may learn (`Specs/frames.md` §7).
package enum Padding: Sendable {
    /// Every frame is as long as what it carries.
    case none
    /// Frames come in few sizes, and each direction's total is a Padmé size.
    case padme

    /// The least total of a direction, and the step of long control and repair frames, in bytes.
    static let block = 4096
    /// The least length of a control or repair frame that carries something.
    static let least = 512
    /// The size of a control frame that carries nothing.
    static let alive = 64

    /// The Padmé size of a direction's total, at least `block`.
    package static func padme(_ total: UInt64) -> UInt64 {
        PacketFSWire.padme(max(total, UInt64(block)))
    }

    /// The length on the wire of a frame that takes `least` bytes and follows `total` bytes of its direction. `isFull`:
    /// the stream of data goes on after it.
    func length(_ plane: Plane, least: Int, isEmpty: Bool, isFull: Bool, total: UInt64) -> Int {
        guard self == .padme, !isFull else { return least }
        switch plane {
        case .control where isEmpty: return Self.alive
        case .control, .repair: return roundedUp(least)
        case .data:
            let end = Self.padme(total + UInt64(least))
            return Int(min(UInt64(Limits.frame), end - total))
        case .pad: return least
        }
    }

    private func roundedUp(_ length: Int) -> Int {
        guard length <= Self.block else {
            return min(Limits.frame, (length + Self.block - 1) / Self.block * Self.block)
        }
        var rounded = Self.least
        while rounded < length { rounded *= 2 }
        return rounded
    }

    /// The length of the next of the pad frames that bring `total` to a Padmé size; `nil` once it is one, and without
    /// padding.
    func closing(_ total: UInt64) -> Int? {
        guard self == .padme else { return nil }
        let (least, most) = (UInt64(FrameLayout.overhead), UInt64(Limits.frame))
        var target = Self.padme(total)
        guard target > total else { return nil }
        if target - total < least { target = Self.padme(target + 1) }
        let rest = target - total
        if rest <= most { return Int(rest) }
        // What is left must be long enough for a frame, so that the target stays what it is.
        return Int(rest - most < least ? most - least : most)
    }
}
