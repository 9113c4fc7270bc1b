internal import PacketFSSecrets
internal import PacketFSWire

/// The bytes of blocks of one half in order, each for one use. Before the first byte of a piece is used, the whole piece
/// is in locked memory alone: it was checked, and destroyed in the file (`Specs/keystream.md` §5).
final class BlockStream {
    /// Blocks in memory at once.
    private static let piece: UInt64 = 256

    private let file: PadFile
    private let half: Int
    private let buffer: SecretBuffer
    /// The blocks in memory, and which of the bytes of theirs that cover are unused.
    private var taken: Range<UInt64> = 0..<0
    private var unused = 0..<0
    /// Blocks to come, still in the file.
    private(set) var ranges: [Range<UInt64>] = []

    init(_ file: PadFile, half: Int) throws(PadError) {
        buffer = try .ofBlocks(Self.piece)
        self.file = file
        self.half = half
    }

    /// Bytes that can be had.
    var available: UInt64 {
        UInt64(unused.count) + ranges.reduce(0) { $0 + UInt64($1.count) } * UInt64(Limits.padCover)
    }

    /// The end of the last block of which a byte was used.
    var usedEnd: UInt64 {
        taken.lowerBound + Limits.padBlocks(covering: UInt64(unused.lowerBound))
    }

    func add(_ range: Range<UInt64>) {
        ranges.append(range)
    }

    /// Puts `bytes` xor the next bytes of the stream, which must be available, into `bytes`.
    func apply(to bytes: UnsafeMutableRawBufferPointer) throws(PadError) {
        var done = 0
        while done < bytes.count {
            if unused.isEmpty { try take() }
            let count = min(unused.count, bytes.count - done)
            Cover.apply(
                UnsafeRawBufferPointer(buffer.bytes), from: unused.lowerBound,
                to: UnsafeMutableRawBufferPointer(rebasing: bytes[done..<done + count]))
            unused = unused.lowerBound + count..<unused.upperBound
            done += count
        }
    }

    /// Moves the next piece from the file into memory.
    private func take() throws(PadError) {
        guard let range = ranges.first else { throw .exhausted(needed: 1, left: 0) }
        let piece = range.lowerBound..<min(range.lowerBound + Self.piece, range.upperBound)
        let bytes = buffer.part(0..<piece.count * Limits.padBlock)
        try file.read(half: half, from: piece.lowerBound, into: bytes)
        try file.destroy(half: half, piece)
        (taken, unused) = (piece, 0..<piece.count * Limits.padCover)
        ranges[0] = piece.upperBound..<range.upperBound
        if ranges[0].isEmpty { ranges.removeFirst() }
    }

    /// Nothing is used any more. Returns the blocks that are still in the file.
    func wipe() -> [Range<UInt64>] {
        buffer.wipe()
        unused = unused.lowerBound..<unused.lowerBound
        defer { ranges = [] }
        return ranges
    }
}
