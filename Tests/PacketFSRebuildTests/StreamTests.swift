import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// How streams are cut: into leaves, and leaves into files.
@Suite struct StreamTests {
    private let leaf = UInt64(Limits.leaf)

    @Test func takesLeavesInOrderOnceEach() throws {
        var sequence = LeafSequence(length: leaf + 10)
        #expect(throws: RebuildError.outOfOrder) { try sequence.take(1) }
        #expect(try sequence.take(0) == LeafSequence.Place(run: 0, offset: 0, length: Limits.leaf))
        #expect(throws: RebuildError.outOfOrder) { try sequence.take(0) }
        #expect(!sequence.isExhausted)
        #expect(throws: RebuildError.outOfOrder) { try sequence.extend(by: 5) }
        #expect(try sequence.take(1) == LeafSequence.Place(run: 0, offset: leaf, length: 10))
        #expect(sequence.isExhausted)
        #expect(throws: RebuildError.outOfOrder) { try sequence.take(2) }
        try sequence.extend(by: leaf)
        #expect(try sequence.take(2) == LeafSequence.Place(run: 1, offset: 0, length: Limits.leaf))
        #expect(sequence.place(of: 1)?.length == 10)
        #expect(sequence.place(of: 3) == nil)
    }

    @Test func anEmptyStreamHasNoLeaf() throws {
        var sequence = LeafSequence(length: 0)
        #expect(sequence.isExhausted)
        #expect(throws: RebuildError.outOfOrder) { try sequence.take(0) }
    }

    private func manifest(_ sizes: [UInt64]) -> Manifest {
        Manifest(
            entries: sizes.enumerated().map { index, size in
                ManifestEntry(
                    path: Array("f\(index)".utf8), kind: .file, mode: 0, modified: FileTime(seconds: 0, nanoseconds: 0),
                    size: size)
            })
    }

    @Test func findsTheFilesOfEachByte() throws {
        let sizes: [UInt64] = [3, 0, 5, 1, 0, 0, 4]
        let map = try StreamMap([0, 1, 2, 3, 6], in: manifest(sizes))
        #expect(map.length == 13)
        for offset in 0..<13 {
            for count in 1...(13 - offset) {
                let segments = map.segments(at: UInt64(offset), count: count)
                let flat = segments.flatMap { segment in
                    segment.range.map {
                        [UInt64(segment.entry), segment.offset + UInt64($0 - segment.range.lowerBound)]
                    }
                }
                let all = [0, 2, 3, 6].flatMap { entry in (0..<sizes[entry]).map { [UInt64(entry), $0] } }
                #expect(flat == Array(all[offset..<offset + count]))
                #expect(segments.map(\.range.count).reduce(0, +) == count)
            }
        }
        #expect(map.segments(at: 13, count: 1) == [])
    }

    @Test func refusesSizesThatOverflow() {
        #expect(throws: RebuildError.wrongLength) { try StreamMap([0], in: manifest([1 << 63])) }
        #expect(throws: RebuildError.wrongLength) { try StreamMap([0], in: manifest([Limits.fileSize + 1])) }
        let many = [UInt64](repeating: Limits.fileSize, count: 200)
        #expect(throws: RebuildError.wrongLength) { try StreamMap(Array(0..<200), in: manifest(many)) }
    }

    @Test func cutsSparseRunsAtBlocks() {
        var bytes = [UInt8](repeating: 0, count: 20_000)
        bytes[9_000] = 1
        let runs = bytes.withUnsafeBytes { SparseWriter.runs($0, at: 100) }
        // The first block of the file lies not whole in these bytes, nor does the last.
        #expect(
            runs == [
                SparseWriter.Run(range: 0..<3_996, isHole: false), SparseWriter.Run(range: 3_996..<8_092, isHole: true),
                SparseWriter.Run(range: 8_092..<12_188, isHole: false),
                SparseWriter.Run(range: 12_188..<16_284, isHole: true),
                SparseWriter.Run(range: 16_284..<20_000, isHole: false),
            ])
    }

    @Test(
        arguments: [
            ([], [0..<10]), ([0..<10], []), ([2..<4], [0..<2, 4..<10]), ([0..<3, 3..<5, 9..<10], [5..<9]),
        ] as [([Range<Int>], [Range<Int>])])
    func findsGaps(_ ranges: [Range<Int>], _ gaps: [Range<Int>]) {
        #expect(FileWriter.gaps(between: ranges, upTo: 10) == gaps)
    }

    @Test func keepsDescriptorsInWords() {
        let descriptors: [Descriptor] = [
            .copy(address: Limits.address, length: Limits.leaf), .fill(byte: 255, length: 1), .literal(length: 2),
            .held(length: 3), .copy(address: 0, length: 1),
        ]
        #expect(DescriptorWords.decode(DescriptorWords.encode(descriptors)) == descriptors)
        #expect(DescriptorWords.decode([]) == [])
    }

    @Test func namesTemporaryFilesByTransferAndEntry() throws {
        let transfer = TransferID(unchecked: (0..<16).map { $0 * 17 })
        let name = TempNames(transfer).name(of: 42)
        #expect(String(decoding: name.bytes, as: UTF8.self) == ".packetfs-0011223344556677-42")
        #expect(UnfinishedName.matches(name.bytes))
        #expect(UnfinishedName.matches(TempNames(transfer).displaced(by: 42).bytes))
        #expect(UnfinishedName.matches(TempNames(transfer).scratch(1).bytes))
        for other in [
            ".packetfs-", ".packetfs-0011223344556677", ".packetfs-0011223344556677-", ".packetfs-001122334455667-42",
            ".packetfs-0011223344556677-4x", "packetfs-0011223344556677-42", ".packetfs-00112233445566GG-42",
            ".packetfs-0011223344556677-42-ol", ".packetfs-0011223344556677-old", ".packetfs-0011223344556677--old",
        ] {
            #expect(!UnfinishedName.matches(other.utf8))
        }
    }

    @Test func learnsPiecesInStreamOrder() {
        let descriptors: [Descriptor] = [
            .literal(length: 2), .copy(address: 0, length: 10), .literal(length: 3), .held(length: 4),
            .literal(length: 1), .fill(byte: 0, length: 5), .held(length: 6),
        ]
        typealias Piece = LearnedPieces.Piece
        let both = LearnedPieces(descriptors, .lacked, at: 100, literals: true, others: true).pieces
        #expect(
            both == [
                Piece(offset: 0, address: 100, length: 2), Piece(offset: 12, address: 102, length: 8),
                Piece(offset: 25, address: 110, length: 6),
            ])
        let held = LearnedPieces(descriptors, .lacked, at: 100, literals: false, others: true).pieces
        #expect(held == [Piece(offset: 15, address: 105, length: 4), Piece(offset: 25, address: 110, length: 6)])
        let packed = LearnedPieces(descriptors, .lacked, at: 100, literals: true, others: false).pieces
        #expect(packed.map(\.address) == [100, 109])
        #expect(packed.map(\.length) == [5, 1])
        let whole = LearnedPieces(descriptors, .whole, at: 100, literals: false, others: true).pieces
        #expect(
            whole == [
                Piece(offset: 2, address: 102, length: 10), Piece(offset: 15, address: 115, length: 4),
                Piece(offset: 20, address: 120, length: 11),
            ])
    }
}
