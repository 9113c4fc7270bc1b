import PacketFSWire

/// A tagger that any change of a bit or of the number shows in; fast enough for debug builds, and no cipher.
struct TestTagger: LeafTagger {
    func tag(leaf: LeafID, bytes: UnsafeRawBufferPointer) -> [UInt8] {
        digest(bytes, seed: leaf.index &* 31 &+ UInt64(leaf.stream.rawValue) &+ 1)
    }

    func tag(part: Int, of leaf: LeafID, bytes: UnsafeRawBufferPointer) -> [UInt8] {
        digest(bytes, seed: leaf.index &* 31 &+ UInt64(leaf.stream.rawValue) &+ UInt64(part + 1) << 40)
    }

    private func digest(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> [UInt8] {
        var state: (UInt64, UInt64) = (seed ^ 0x9e37_79b9_7f4a_7c15, UInt64(bytes.count))
        var offset = 0
        while offset + 8 <= bytes.count {
            mix(&state, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        var last: UInt64 = 0
        while offset < bytes.count {
            last = last << 8 | UInt64(bytes[offset])
            offset += 1
        }
        mix(&state, last)
        mix(&state, 0)
        return withUnsafeBytes(of: state) { Array($0) }
    }

    private func mix(_ state: inout (UInt64, UInt64), _ word: UInt64) {
        state.0 = (state.0 ^ word) &* 0xbf58_476d_1ce4_e5b9
        state.0 ^= state.0 >> 29
        state.1 = (state.1 &+ state.0) &* 0x94d0_49bb_1331_11eb
        state.1 ^= state.1 >> 31
    }
}

/// SplitMix64, so that a test's bytes are the same every time.
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = TestRandom(seed: seed)
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var offset = 0
            while offset + 8 <= count {
                raw.storeBytes(of: random.next(), toByteOffset: offset, as: UInt64.self)
                offset += 8
            }
            while offset < count {
                raw[offset] = UInt8(truncatingIfNeeded: random.next())
                offset += 1
            }
            initialized = count
        }
    }
}
