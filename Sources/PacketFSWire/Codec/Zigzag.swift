extension Int64 {
    /// Small for numbers near 0 of either sign (`Specs/blueprint.md` §2.1).
    var zigzag: UInt64 { UInt64(bitPattern: self << 1 ^ self >> 63) }

    init(zigzag: UInt64) {
        self = Int64(bitPattern: zigzag >> 1 ^ (0 &- (zigzag & 1)))
    }
}
