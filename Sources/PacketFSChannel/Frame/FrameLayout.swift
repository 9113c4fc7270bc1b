package import PacketFSWire

/// Offsets and rules of a frame (`Specs/frames.md` §3): length (2) in the clear, then sealed: plane (1), type (1),
/// flags (1), payload length (2), payload, zeros; then the tag (16).
enum FrameLayout {
    /// Bytes of a frame without payload.
    static let overhead = Limits.framePrefix + Limits.frameHeader + Limits.tag
    /// What the clear length says of the shortest frame.
    static let leastLength = Limits.frameHeader + Limits.tag

    /// Flag: the next frame of this direction is of the next epoch.
    static let endsEpoch: UInt8 = 1

    static func writeHeader(
        plane: UInt8, type: UInt8, flags: UInt8, payload: Int, into buffer: UnsafeMutableRawBufferPointer
    ) {
        buffer[0] = plane
        buffer[1] = type
        buffer[2] = flags
        buffer[3] = UInt8(payload >> 8)
        buffer[4] = UInt8(payload & 0xff)
    }
}

/// An opened frame, in place. The payload is valid only while the opener's closure runs.
package struct OpenedFrame {
    package let plane: Plane
    package let type: UInt8
    package let payload: UnsafeRawBufferPointer
    let endsEpoch: Bool

    /// `nil` if an authentic plaintext breaks a rule of the format.
    init?(_ plaintext: UnsafeRawBufferPointer) {
        guard plaintext.count >= Limits.frameHeader, let plane = Plane(rawValue: plaintext[0]) else { return nil }
        guard plaintext[2] & ~FrameLayout.endsEpoch == 0 else { return nil }
        let count = Int(plaintext[3]) << 8 | Int(plaintext[4])
        let end = Limits.frameHeader + count
        guard end <= plaintext.count else { return nil }
        guard UnsafeRawBufferPointer(rebasing: plaintext[end...]).isAllZeros else { return nil }
        switch plane {
        case .data where plaintext[1] != 0: return nil
        case .pad where plaintext[1] != 0 || count != 0: return nil
        default: break
        }
        self.plane = plane
        type = plaintext[1]
        endsEpoch = plaintext[2] & FrameLayout.endsEpoch != 0
        payload = UnsafeRawBufferPointer(rebasing: plaintext[Limits.frameHeader..<end])
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var isAllZeros: Bool {
        var bits: UInt64 = 0
        var offset = 0
        while offset + 8 <= count {
            bits |= loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < count {
            bits |= UInt64(self[offset])
            offset += 1
        }
        return bits == 0
    }
}
