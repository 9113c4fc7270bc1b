import PacketFSWire
import Synchronization

/// Tags that any change of bytes changes, and a record of what was tagged: no number may be given two contents.
final class FakeTagger: LeafTagger {
    private struct Number: Hashable {
        let leaf: LeafID
        let part: Int?
    }

    private let tagged = Mutex<[Number: [UInt8]]>([:])
    private let clashed = Mutex(false)

    /// Whether one number was tagged with two contents.
    var hasClash: Bool { clashed.withLock { $0 } }

    func tag(leaf: LeafID, bytes: UnsafeRawBufferPointer) -> [UInt8] {
        note(Number(leaf: leaf, part: nil), Self.digest(leaf, -1, bytes))
    }

    func tag(part: Int, of leaf: LeafID, bytes: UnsafeRawBufferPointer) -> [UInt8] {
        note(Number(leaf: leaf, part: part), Self.digest(leaf, part, bytes))
    }

    static func digest(_ leaf: LeafID, _ part: Int, _ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var first = (leaf.index &* 2 &+ UInt64(leaf.stream.rawValue)) &* 0x9e37_79b9_7f4a_7c15
        var second = UInt64(bitPattern: Int64(part)) &+ UInt64(bytes.count)
        for offset in stride(from: 0, to: bytes.count & ~7, by: 8) {
            first = (first ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x100_0000_01b3
            second = second &* 31 &+ (first >> 29)
        }
        for offset in bytes.count & ~7..<bytes.count { second = second &* 257 &+ UInt64(bytes[offset]) }
        return [first, second].flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
    }

    private func note(_ number: Number, _ tag: [UInt8]) -> [UInt8] {
        let clashes = tagged.withLock { tagged in
            defer { tagged[number] = tag }
            return tagged[number].map { $0 != tag } ?? false
        }
        if clashes { clashed.withLock { $0 = true } }
        return tag
    }
}
