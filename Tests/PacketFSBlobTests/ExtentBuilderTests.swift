import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFSBlob

extension ExtentBuilder {
    mutating func append(_ bytes: [UInt8], at address: UInt64) throws {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(BlobError) in try append(bytes, at: address) }
        }
        try result.get()
    }

    mutating func fill(_ bytes: [UInt8], at address: UInt64) throws {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(BlobError) in try fill(bytes, at: address) }
        }
        try result.get()
    }
}

@Suite struct ExtentBuilderTests {
    private let scratch: Scratch
    private let log: Log

    init() throws {
        scratch = try Scratch()
        log = try scratch.log()
    }

    private func extent(_ address: UInt64, _ bytes: [UInt8]) throws -> Extent {
        try Extent(
            range: AddressRange(address: address, length: bytes.count), digest: digest(bytes, at: Int(address)))
    }

    @Test func rangesThatContinueAreOneExtent() throws {
        let bytes = randomBytes(1000)
        var builder = ExtentBuilder(log: log)
        try builder.append(Array(bytes[..<300]), at: 50)
        try builder.append(Array(bytes[300..<301]), at: 350)
        try builder.append(Array(bytes[301...]), at: 351)
        #expect(try builder.finish() == [extent(50, bytes)])
        #expect(log.bytes(AddressRange(address: 50, length: 1000)) == bytes)
    }

    @Test func aCutBeginsANewExtent() throws {
        let bytes = randomBytes(90)
        var builder = ExtentBuilder(log: log)
        builder.cut()
        try builder.append(Array(bytes[..<30]), at: 0)
        try builder.append(Array(bytes[30..<40]), at: 30)
        builder.cut()
        try builder.append(Array(bytes[40..<50]), at: 40)
        try builder.append(Array(bytes[50...]), at: 50)
        #expect(try builder.finish() == [extent(0, Array(bytes[..<40])), extent(40, Array(bytes[40...]))])
    }

    @Test func aGapBeginsANewExtent() throws {
        let bytes = randomBytes(100)
        var builder = ExtentBuilder(log: log)
        try builder.append(Array(bytes[..<40]), at: 0)
        try builder.append(Array(bytes[40...]), at: 41)
        #expect(try builder.finish() == [extent(0, Array(bytes[..<40])), extent(41, Array(bytes[40...]))])
    }

    @Test func aLeafIsNeverCut() throws {
        let leaf = Limits.leaf
        let bytes = randomBytes(5 * leaf - 1)
        var builder = ExtentBuilder(log: log)
        // Three leaves and a short one leave one byte of room: the next leaf does not fit and opens a new extent.
        let cuts = [0, leaf, 2 * leaf, 3 * leaf, 4 * leaf - 1, 5 * leaf - 1]
        for (start, end) in zip(cuts, cuts.dropFirst()) {
            try builder.append(Array(bytes[start..<end]), at: UInt64(start))
        }
        let first = Array(bytes[..<(4 * leaf - 1)])
        #expect(try builder.finish() == [extent(0, first), extent(UInt64(first.count), Array(bytes[first.count...]))])
    }

    @Test func anExtentMayBeExactlyFull() throws {
        let bytes = randomBytes(Limits.extent + 1)
        var builder = ExtentBuilder(log: log)
        for start in stride(from: 0, to: Limits.extent, by: Limits.leaf) {
            try builder.append(Array(bytes[start..<start + Limits.leaf]), at: UInt64(start))
        }
        try builder.append([bytes[Limits.extent]], at: UInt64(Limits.extent))
        let expected = try [extent(0, Array(bytes.dropLast())), extent(UInt64(Limits.extent), [bytes[Limits.extent]])]
        #expect(try builder.finish() == expected)
    }

    @Test(arguments: UInt64(0)..<20)
    func bytesMayComeInAnyOrder(_ seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        let bytes = randomBytes(10_000, seed: seed)
        let cuts = [0] + (0..<20).map { _ in Int.random(in: 1..<9999, using: &generator) }.sorted() + [10_000]
        let pieces = zip(cuts, cuts.dropFirst()).filter { $0 < $1 }.shuffled(using: &generator)
        var builder = ExtentBuilder(log: log)
        try builder.reserve(AddressRange(address: 500, length: 6000))
        try builder.reserve(AddressRange(address: 6500, length: 4000))
        #expect(builder.missing == 10_000)
        for (start, end) in pieces { try builder.fill(Array(bytes[start..<end]), at: 500 + UInt64(start)) }
        #expect(builder.missing == 0)
        #expect(try builder.finish() == [extent(500, bytes)])
    }

    @Test func anEarlierExtentMayBeFilledLater() throws {
        let bytes = randomBytes(300)
        var builder = ExtentBuilder(log: log)
        try builder.reserve(AddressRange(address: 0, length: 100))
        try builder.append(Array(bytes[100...]), at: 1000)
        try builder.fill(Array(bytes[..<100]), at: 0)
        #expect(try builder.finish() == [extent(0, Array(bytes[..<100])), extent(1000, Array(bytes[100...]))])
    }

    /// However many a peer leaves incomplete.
    @Test(arguments: UInt64(0)..<10)
    func whatIsIncompleteBehindAnotherHoldsNoBytes(_ seed: UInt64) throws {
        var generator = SeededRandom(seed: seed)
        var builder = ExtentBuilder(log: log)
        var expected: [Extent] = []
        var late: [(bytes: [UInt8], address: UInt64)] = []
        for number in 0..<6 {
            let start = UInt64(number) << 20
            let bytes = randomBytes(Int.random(in: 2...900_000, using: &generator), seed: seed << 8 + UInt64(number))
            let between = (0..<4).map { _ in Int.random(in: 0...bytes.count, using: &generator) }
            let cuts = [0] + between.sorted() + [bytes.count]
            try builder.reserve(AddressRange(address: start, length: bytes.count))
            late += zip(cuts, cuts.dropFirst()).map { (Array(bytes[$0..<$1]), start + UInt64($0)) }
            if number.isMultiple(of: 2) { late.shuffle(using: &generator) }
            for _ in 0..<Int.random(in: 0...late.count, using: &generator) {
                let piece = late.removeFirst()
                try builder.fill(piece.bytes, at: piece.address)
            }
            #expect(builder.open.dropLast().allSatisfy { $0.digest.begun.isEmpty && $0.missing > 0 })
            #expect(builder.open.allSatisfy { $0.ahead.count <= 5 })
            expected.append(try extent(start, bytes))
        }
        for piece in late { try builder.fill(piece.bytes, at: piece.address) }
        #expect(builder.missing == 0)
        #expect(try builder.finish() == expected)
    }

    @Test func anExtentWithBytesMissingIsNone() throws {
        var builder = ExtentBuilder(log: log)
        try builder.reserve(AddressRange(address: 0, length: 100))
        try builder.fill(randomBytes(99), at: 0)
        try builder.append([1, 2], at: 200)
        #expect(builder.missing == 1)
        #expect(try builder.finish() == [extent(200, [1, 2])])
    }

    @Test func nothingLearnedIsNoExtent() throws {
        var builder = ExtentBuilder(log: log)
        try builder.append([], at: 5)
        #expect(try builder.finish() == [])
        #expect(log.end == 0)
    }

    @Test(arguments: [
        AddressRange(address: 0, length: 0), AddressRange(address: 0, length: -1),
        AddressRange(address: 0, length: Limits.extent + 1), AddressRange(address: Limits.address, length: 1),
        AddressRange(address: .max, length: 1), AddressRange(address: 0, length: .max),
    ])
    func rangesBeyondLimitsAreRefused(_ range: AddressRange) {
        var builder = ExtentBuilder(log: log)
        #expect(throws: BlobError.outOfBounds) { try builder.reserve(range) }
    }

    @Test func addressesAreNeverUsedTwice() throws {
        let held = RunSet([AddressRange(address: 1000, length: 100), AddressRange(address: 5000, length: 10)])
        var builder = ExtentBuilder(log: log, held: held)
        for address: UInt64 in [999, 1000, 1099, 901] {
            #expect(throws: BlobError.overlap) { try builder.reserve(AddressRange(address: address, length: 100)) }
        }
        #expect(throws: BlobError.overlap) { try builder.reserve(AddressRange(address: 4000, length: 2000)) }
        try builder.append(randomBytes(100), at: 1100)
        #expect(throws: BlobError.overlap) { try builder.reserve(AddressRange(address: 1199, length: 1)) }
        #expect(throws: BlobError.overlap) { try builder.reserve(AddressRange(address: 0, length: 1)) }
        #expect(throws: BlobError.overlap) { try builder.fill([1], at: 1150) }
        #expect(try builder.finish().count == 1)
    }

    @Test func onlyReservedBytesAreWritten() throws {
        var builder = ExtentBuilder(log: log)
        try builder.reserve(AddressRange(address: 100, length: 10))
        for (address, count) in [(UInt64(99), 2), (109, 2), (110, 1), (0, 1), (.max, 1)] {
            #expect(throws: BlobError.outOfBounds) {
                try builder.fill([UInt8](repeating: 1, count: count), at: address)
            }
        }
        try builder.fill([1, 2, 3], at: 104)
        for (address, count) in [(UInt64(104), 1), (106, 1), (103, 2), (106, 2), (100, 10)] {
            #expect(throws: BlobError.overlap) { try builder.fill([UInt8](repeating: 1, count: count), at: address) }
        }
        #expect(builder.missing == 7)
    }
}
