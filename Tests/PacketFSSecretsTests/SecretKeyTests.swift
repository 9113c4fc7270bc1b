import Testing

@testable import PacketFSSecrets

@Suite("Secret key")
struct SecretKeyTests {
    private static let pattern = [UInt8](1...32)

    private static func key() -> SecretKey<Seed> {
        pattern.span.bytes.withUnsafeBytes { SecretKey(copying: $0) }
    }

    @Test
    func `a key holds what it was made from, and leaves its source alone`() {
        let source = Self.pattern
        let key = source.span.bytes.withUnsafeBytes { SecretKey<Seed>(copying: $0) }
        #expect(key.withUnsafeBytes { Array($0) } == source)
        #expect(source == Self.pattern)
    }

    @Test
    func `keys compare by their bytes`() {
        let key = Self.key()
        let twin = key.copy()
        let isEqual = key.isEqual(to: twin)
        #expect(isEqual)
        for index in 0..<32 {
            var bytes = Self.pattern
            bytes[index] ^= 1
            let other = bytes.span.bytes.withUnsafeBytes { SecretKey<Seed>(copying: $0) }
            let isEqual = key.isEqual(to: other)
            #expect(!isEqual)
        }
    }

    @Test
    func `a copy outlives its original`() {
        func copy() -> SecretKey<Seed> { Self.key().copy() }
        #expect(copy().withUnsafeBytes { Array($0) } == Self.pattern)
    }

    @Test
    func `an erased key is zeros`() {
        var key = Self.key()
        key.erase()
        #expect(key.withUnsafeBytes { Array($0) } == [UInt8](repeating: 0, count: 32))
    }

    @Test
    func `the slot of a key that ended is zeros before anyone else has it`() {
        let slot = SecretPool.keys.take()
        slot.base.storeBytes(of: 0x55aa, as: UInt64.self)
        SecretPool.keys.give(back: slot)
        // The memory stays mapped for the life of the process; whoever has the slot now has not written these bytes.
        #expect(slot.base.load(as: UInt64.self) != 0x55aa)
    }

    @Test
    func `few bytes are zeros before anyone else has them`() {
        let base = SecretBytes.withTemporary(64) { bytes in
            bytes.storeBytes(of: 0x55aa, as: UInt64.self)
            return bytes.baseAddress
        }
        #expect(base?.load(as: UInt64.self) != 0x55aa)
    }

    @Test
    func `a fresh key is zeros when it is filled, and a failed filling gives its error`() {
        struct Refused: Error, Equatable {}
        let seen = SecretKey<Seed> { buffer in
            #expect(buffer.allSatisfy { $0 == 0 })
            buffer.copyBytes(from: Self.pattern)
        }
        #expect(seen.withUnsafeBytes { Array($0) } == Self.pattern)
        #expect(throws: Refused()) {
            _ = try SecretKey<Seed> { _ throws(Refused) in throw Refused() }
        }
    }

    @Test
    func `many keys at once are all different and keep their bytes`() {
        final class Box: Sendable {
            let key: SecretKey<Seed>
            init(_ number: Int) {
                key = SecretKey { $0.storeBytes(of: UInt64(number), as: UInt64.self) }
            }
        }
        let boxes = (0..<1000).map { Box($0) }
        for (number, box) in boxes.enumerated() {
            #expect(box.key.withUnsafeBytes { $0.load(as: UInt64.self) } == UInt64(number))
        }
    }

    @Test
    func `random keys differ`() {
        var generator = SystemRandomNumberGenerator()
        let one = SecretKey<Seed>.random(using: &generator)
        let other = SecretKey<Seed>.random(using: &generator)
        let isEqual = one.isEqual(to: other)
        #expect(!isEqual)
    }

    /// A key itself cannot be reflected, printed or put into a string: `SecretKey` is not copyable, so the calls do not
    /// compile. What holds one can be.
    @Test
    func `whoever holds a key shows nothing of it when printed`() {
        final class Holder: Sendable {
            let key = SecretKeyTests.key()
        }
        let holder = Holder()
        var dumped = ""
        dump(holder, to: &dumped)
        let texts = ["\(holder)", String(describing: holder), String(reflecting: holder), dumped]
        let hex = Self.pattern.prefix(4).map { $0 < 16 ? "0\($0)" : "\($0)" }.joined()
        for text in texts {
            #expect(!text.contains("1, 2, 3, 4"))
            #expect(!text.contains(hex))
        }
    }
}

@Suite("Secret bytes")
struct SecretBytesTests {
    @Test
    func `comparison is of lengths and bytes`() {
        #expect(SecretBytes.areEqual([], []))
        #expect(SecretBytes.areEqual([1, 2, 3], [1, 2, 3]))
        #expect(!SecretBytes.areEqual([1, 2, 3], [1, 2]))
        #expect(!SecretBytes.areEqual([], [0]))
        for index in 0..<16 {
            var other = [UInt8](repeating: 9, count: 16)
            other[index] ^= 0x80
            #expect(!SecretBytes.areEqual([UInt8](repeating: 9, count: 16), other))
        }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 31, 32, 33])
    func `filling writes every byte and nothing after`(count: Int) {
        struct Ones: RandomNumberGenerator {
            func next() -> UInt64 { .max }
        }
        var bytes = [UInt8](repeating: 0, count: count + 8)
        var generator = Ones()
        bytes.withUnsafeMutableBytes {
            SecretBytes.fill(UnsafeMutableRawBufferPointer(rebasing: $0[..<count]), using: &generator)
        }
        #expect(bytes == [UInt8](repeating: 0xff, count: count) + [UInt8](repeating: 0, count: 8))
    }

    @Test
    func `temporary bytes start as zeros, and wiping makes them so again`() {
        SecretBytes.withTemporary(64) { bytes in
            #expect(bytes.allSatisfy { $0 == 0 })
            bytes.copyBytes(from: [UInt8](repeating: 7, count: 64))
            SecretBytes.wipe(bytes)
            #expect(bytes.allSatisfy { $0 == 0 })
        }
    }
}

@Suite("Key labels")
struct KeyLabelTests {
    @Test
    func `every label is of this version, and none stands twice or opens another's encoding`() {
        let encodings = KeyLabel.allCases.map { $0.encoded() }
        #expect(Set(encodings).count == KeyLabel.allCases.count)
        for label in KeyLabel.allCases {
            #expect(label.rawValue.hasPrefix("packetfs/1 "))
            for other in encodings where other != label.encoded() {
                #expect(!other.starts(with: label.encoded()))
            }
        }
    }

    @Test
    func `fields are length-prefixed, so that bytes cannot move between them`() {
        #expect(KeyLabel.frameIV.encoded([[1, 2], []]) == [13] + Array("packetfs/1 iv".utf8) + [0, 2, 1, 2, 0, 0])
        #expect(KeyLabel.session.encoded([[1], [2, 3]]) != KeyLabel.session.encoded([[1, 2], [3]]))
        #expect(KeyLabel.session.encoded([]) != KeyLabel.session.encoded([[]]))
    }
}
