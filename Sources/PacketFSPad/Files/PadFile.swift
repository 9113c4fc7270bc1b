internal import Glibc
internal import PacketFSSecrets
internal import PacketFSWire

/// Where things lie in a pad file (`Specs/pads.md` §3): header, check values of both halves, half 0, half 1. Every part
/// begins at a multiple of the block size.
struct PadLayout: Equatable {
    static let block = UInt64(Limits.padBlock)
    static let check = 16

    let blocks: UInt64

    func checkOffset(half: Int, block: UInt64) -> UInt64 {
        Self.block + (UInt64(half) * blocks + block) * UInt64(Self.check)
    }

    private var dataStart: UInt64 {
        let table = 2 * blocks * UInt64(Self.check)
        return Self.block + (table + Self.block - 1) / Self.block * Self.block
    }

    func offset(half: Int, block: UInt64) -> UInt64 {
        dataStart + (UInt64(half) * blocks + block) * Self.block
    }

    /// The bytes of blocks.
    func data(half: Int, _ range: Range<UInt64>) -> Range<UInt64> {
        offset(half: half, block: range.lowerBound)..<offset(half: half, block: range.upperBound)
    }

    /// The bytes of their check values.
    func checks(half: Int, _ range: Range<UInt64>) -> Range<UInt64> {
        checkOffset(half: half, block: range.lowerBound)..<checkOffset(half: half, block: range.upperBound)
    }

    var fileSize: UInt64 { dataStart + 2 * blocks * Self.block }
}

/// The key of a pad's check values, which stands in the pad file.
enum PadCheck: KeyPurpose {}
/// The key of one block's check value.
enum PadBlock: KeyPurpose {}

/// An open pad file: checked blocks out of it, and their destruction. What may be used is the ledger's word, not its.
final class PadFile {
    /// Blocks that are read and checked at once.
    static let chunk: UInt64 = 64

    let header: PadHeader
    let file: PrivateFile
    let layout: PadLayout
    let checks: BlockChecks
    private let calls: PadFileCalls

    /// Opens and locks the file. Throws `busy` while another process has it, `notAPad` or `wrongLength` for what it does
    /// not say of itself rightly.
    init(_ path: String, calls: PadFileCalls) throws(PadError) {
        file = try PrivateFile(path, O_RDWR)
        try file.lock()
        let head = SecretBuffer(byteCount: Limits.padBlock)
        guard try file.read(into: head.bytes, at: 0) == head.bytes.count else { throw .notAPad }
        (header, checks) = try PadHeader.read(head)
        layout = PadLayout(blocks: header.blocks)
        guard try file.size() == layout.fileSize else { throw .wrongLength }
        self.calls = calls
    }

    /// Fills `buffer` with whole blocks from `block` on. Throws `zeros` or `damaged` for the first one that is not as it
    /// was made.
    func read(half: Int, from block: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(PadError) {
        // Part by part, so that what is checked is in the processor's cache.
        for part in Self.parts(of: block..<block + UInt64(buffer.count / Limits.padBlock)) {
            let start = Int(part.lowerBound - block) * Limits.padBlock
            let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + part.count * Limits.padBlock])
            guard try file.read(into: bytes, at: layout.offset(half: half, block: part.lowerBound)) == bytes.count
            else {
                throw .wrongLength
            }
            try check(UnsafeRawBufferPointer(bytes), half: half, part)
        }
    }

    private func check(_ bytes: UnsafeRawBufferPointer, half: Int, _ part: Range<UInt64>) throws(PadError) {
        for (block, start) in zip(part, stride(from: 0, to: bytes.count, by: Limits.padBlock)) {
            let isEmpty = ZeroRun.isIn(UnsafeRawBufferPointer(rebasing: bytes[start..<start + Limits.padBlock]))
            guard !isEmpty else { throw .zeros(half: half, block: block) }
        }
        let values = checks.values(of: bytes, half: half, from: part.lowerBound)
        let expected = try file.bytes(values.count, at: layout.checkOffset(half: half, block: part.lowerBound))
        guard values.count == expected.count else { throw .wrongLength }
        guard SecretBytes.areEqual(values, expected) else {
            let equal = zip(values, expected).prefix { $0 == $1 }.count
            throw .damaged(half: half, block: part.lowerBound + UInt64(equal / PadLayout.check))
        }
    }

    /// Overwrites blocks and their check values with zeros, gives the blocks' space back, and reads all again to see that
    /// they are gone.
    func destroy(half: Int, _ range: Range<UInt64>) throws(PadError) {
        guard !range.isEmpty else { return }
        // They are durable with the blocks.
        try calls.overwrite(file, layout.checks(half: half, range))
        try calls.erase(file, layout.data(half: half, range))
        guard try file.isZero(layout.checks(half: half, range)) else { throw .notDestroyed }
    }

    /// Whether nothing but zeros is there.
    func isDestroyed(half: Int, _ range: Range<UInt64>) throws(PadError) -> Bool {
        guard try file.isZero(layout.data(half: half, range)) else { return false }
        return try file.isZero(layout.checks(half: half, range))
    }

    /// The range in pieces of at most `chunk` blocks.
    static func parts(of range: Range<UInt64>) -> [Range<UInt64>] {
        stride(from: range.lowerBound, to: range.upperBound, by: Int(chunk)).map {
            $0..<min($0 + chunk, range.upperBound)
        }
    }
}

/// Looks for what no pad has: 32 zero bytes in a row, from an offset that is a multiple of eight.
enum ZeroRun {
    static func isIn(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let words = bytes.count / 8
        func isZero(_ word: Int) -> Bool { bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self) == 0 }
        // Of four words in a row, one has a number that is three beyond a multiple of four.
        return stride(from: 3, to: words, by: 4).contains { word in
            guard isZero(word) else { return false }
            var first = word
            while first > 0, isZero(first - 1) { first -= 1 }
            var end = word + 1
            while end < words, isZero(end) { end += 1 }
            return end - first >= 4
        }
    }
}
