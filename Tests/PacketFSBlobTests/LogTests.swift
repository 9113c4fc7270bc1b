import Glibc
import PacketFSBlob
import PacketFSWire
import Testing

@Suite struct LogTests {
    @Test func givesBackWhatWasWrittenAtItsAddress() throws {
        let scratch = try Scratch()
        let log = try scratch.log()
        let bytes = randomBytes(10_000)
        try log.write(bytes, at: 1 << 33)
        #expect(log.end == 1 << 33 + 10_000)
        #expect(log.bytes(AddressRange(address: 1 << 33, length: 10_000)) == bytes)
        let reopened = try Log(file: scratch.file("log"), id: someLog(1), create: false)
        #expect(reopened.bytes(AddressRange(address: 1 << 33 + 5000, length: 10)) == Array(bytes[5000..<5010]))
    }

    @Test func isSparse() throws {
        let scratch = try Scratch()
        try scratch.log().write([1], at: 1 << 33)
        var status = stat()
        #expect(stat(scratch.file("log"), &status) == 0)
        #expect(status.st_blocks * 512 < 1 << 20)
    }

    @Test func bytesNeverWrittenAreZeros() throws {
        let log = try Scratch().log()
        try log.write([7], at: 100)
        let bytes = log.bytes(AddressRange(address: 98, length: 5))
        #expect(bytes == [0, 0, 7, 0, 0])
        #expect(log.bytes(AddressRange(address: 1 << 40, length: 3)) == [0, 0, 0])
    }

    @Test func readLeavesTheRestOfTheBufferAlone() throws {
        let log = try Scratch().log()
        var buffer = [UInt8](repeating: 9, count: 6)
        buffer.withUnsafeMutableBytes { log.read(AddressRange(address: 0, length: 4), into: $0) }
        #expect(buffer == [0, 0, 0, 0, 9, 9])
    }

    @Test(arguments: [
        AddressRange(address: .max, length: 8), AddressRange(address: Limits.address, length: 1),
        AddressRange(address: .max - 3, length: 3), AddressRange(address: 0, length: -5),
        AddressRange(address: Limits.address + 1, length: 0), AddressRange(address: 5, length: .min),
    ])
    func rangesBeyondLimitsReadAsZerosAndMapToNothing(_ range: AddressRange) throws {
        let log = try Scratch().log()
        try log.write(randomBytes(64), at: 0)
        var buffer = [UInt8](repeating: 9, count: 8)
        buffer.withUnsafeMutableBytes { log.read(range, into: $0) }
        let count = max(0, min(8, range.length))
        #expect(buffer == [UInt8](repeating: 0, count: count) + [UInt8](repeating: 9, count: 8 - count))
        #expect(log.withMapped(range) { $0.count } == 0)
        if range.length != 0 || range.address > Limits.address {
            #expect(throws: BlobError.outOfBounds) { try log.punch(range) }
        }
    }

    @Test(arguments: [Limits.address, Limits.address - 1, UInt64.max, UInt64.max - 1])
    func writesBeyondLimitsAreRefused(_ address: UInt64) throws {
        let log = try Scratch().log()
        #expect(throws: BlobError.outOfBounds) { try log.write([1, 2], at: address) }
        #expect(log.end == 0)
    }

    @Test func aFullDiskIsAnError() throws {
        let full = open("/dev/full", O_RDWR)
        try #require(full >= 0)
        defer { close(full) }
        let outcome = randomBytes(16).withUnsafeBytes { bytes in
            Result { () throws(BlobError) in try FileBytes.write(bytes, to: full, at: 0) }
        }
        #expect(throws: BlobError.diskFull) { try outcome.get() }
    }

    @Test func punchedBytesAreZerosAndTheirNeighboursStay() throws {
        let log = try Scratch().log()
        let bytes = randomBytes(64 << 10)
        try log.write(bytes, at: 0)
        try log.punch(AddressRange(address: 5000, length: 40_000))
        let expected = Array(bytes[..<5000]) + [UInt8](repeating: 0, count: 40_000) + Array(bytes[45_000...])
        #expect(log.bytes(AddressRange(address: 0, length: bytes.count)) == expected)
        #expect(log.end == UInt64(bytes.count))
    }

    @Test func syncSucceeds() throws {
        let scratch = try Scratch()
        let log = try scratch.log()
        try log.write([1], at: 0)
        try log.sync()
        try log.sync()
        #expect(try Log(file: scratch.file("log"), id: someLog(1), create: false).end == 1)
    }
}

@Suite struct LogMappingTests {
    @Test func mapsInPlaceAndClipsAtTheEnd() throws {
        let log = try Scratch().log()
        let bytes = randomBytes(20_000)
        try log.write(bytes, at: 4096)
        #expect(log.withMapped(AddressRange(address: 4100, length: 50)) { Array($0) } == Array(bytes[4..<54]))
        #expect(log.withMapped(AddressRange(address: 24_000, length: 1 << 30)) { Array($0) } == Array(bytes[19_904...]))
        #expect(log.withMapped(AddressRange(address: 1 << 30, length: 10)) { $0.count } == 0)
    }

    @Test func seesWhatIsWrittenLater() throws {
        let log = try Scratch().log()
        try log.write([1], at: 0)
        #expect(log.withMapped(AddressRange(address: 0, length: 2)) { Array($0) } == [1])
        try log.write([2, 3], at: 0)
        #expect(log.withMapped(AddressRange(address: 0, length: 2)) { Array($0) } == [2, 3])
    }

    @Test func mapsBeyondItsFirstMapping() throws {
        let log = try Scratch().log()
        try log.write([1], at: 0)
        #expect(log.withMapped(AddressRange(address: 0, length: 1)) { Array($0) } == [1])
        let far: UInt64 = 100 << 30
        try log.write([5, 6], at: far)
        #expect(log.withMapped(AddressRange(address: far, length: 2)) { Array($0) } == [5, 6])
        #expect(log.withMapped(AddressRange(address: 0, length: 1)) { Array($0) } == [1])
    }

    @Test(arguments: [0, 1, 4095, 4096, 4097, 100_000])
    func aTruncatedFileIsShorterNotACrash(_ length: Int) throws {
        let scratch = try Scratch()
        let log = try scratch.log()
        let bytes = randomBytes(200_000)
        let whole = AddressRange(address: 0, length: bytes.count)
        try log.write(bytes, at: 0)
        #expect(log.withMapped(whole) { $0.count } == bytes.count)
        #expect(truncate(scratch.file("log"), length) == 0)
        #expect(log.withMapped(whole) { Array($0) } == Array(bytes[..<length]))
        let rest = [UInt8](repeating: 0, count: bytes.count - length)
        #expect(log.bytes(whole) == Array(bytes[..<length]) + rest)
    }
}

@Suite struct PrivateFileTests {
    @Test func aNewLogIsPrivate() throws {
        let scratch = try Scratch()
        _ = try scratch.log()
        #expect(try mode(of: scratch.file("log")) == 0o600)
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o601, 0o610, 0o777])
    func aFileOpenToOthersIsRefused(_ mode: mode_t) throws {
        let scratch = try Scratch()
        _ = try scratch.log()
        #expect(chmod(scratch.file("log"), mode) == 0)
        #expect(throws: BlobError.notPrivate) { try scratch.log() }
        #expect(throws: BlobError.notPrivate) { try MatchIndex(file: scratch.file("log"), log: someLog(1)) }
    }

    @Test func aLinkIsNotFollowed() throws {
        let scratch = try Scratch()
        _ = try scratch.log("real")
        #expect(symlink(scratch.file("real"), scratch.file("log")) == 0)
        #expect(throws: BlobError.notAFile) { try scratch.log() }
        #expect(throws: BlobError.notAFile) { try MatchIndex(file: scratch.file("log"), log: someLog(1)) }
    }

    @Test func onlyARegularFileWillDo() throws {
        let scratch = try Scratch()
        #expect(mkdir(scratch.file("folder"), 0o700) == 0)
        #expect(mkfifo(scratch.file("pipe"), 0o600) == 0)
        #expect(throws: BlobError.notAFile) { try scratch.log("folder") }
        #expect(throws: BlobError.notAFile) { try scratch.log("pipe") }
    }

    @Test func aMissingFileIsOnlyMadeOnRequest() throws {
        let scratch = try Scratch()
        #expect(throws: BlobError.missing) { try Log(file: scratch.file("log"), id: someLog(1), create: false) }
        #expect(throws: BlobError.missing) {
            try Log(file: scratch.file("no/such/folder"), id: someLog(1), create: true)
        }
    }
}
