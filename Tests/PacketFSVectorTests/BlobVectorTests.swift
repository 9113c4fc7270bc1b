import PacketFSBlob
import PacketFSTestKit
import PacketFSWire
import Testing

/// `Vectors/blob.json`: digests of holdings, what is learned, and where provisioned bytes go.
@Suite("Vectors of logs")
struct BlobVectorTests {
    struct Case: Decodable, Sendable {
        let name: String
        let kind: String
        let log: Hex?
        let digest: Hex?
        let extents: [ExtentFields]?
        let held: [ExtentFields]?
        let ranges: [ExtentFields]?
        let key: Hex?
        let address: UInt64?
        let bytes: UInt64?
        let length: Int?
        let units: [ExtentFields]?
    }

    /// Address, length, and a digest where extents of a log are meant.
    struct ExtentFields: Decodable, Sendable {
        let range: AddressRange
        let digest: [UInt8]

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            range = AddressRange(address: try list.decode(UInt64.self), length: try list.decode(Int.self))
            digest = list.isAtEnd ? [] : try list.decode(Hex.self).bytes
        }
    }

    @Test func whatBothEndsAgreeOn() throws {
        let file = try VectorFile<Case>("blob")
        #expect(file.valid.count == 14)
        for vector in file.valid { #expect(try agrees(vector), "\(vector.name)") }
    }

    @Test func whatIsRefused() throws {
        let file = try VectorFile<Case>("blob")
        #expect(file.invalid.count == 6)
        for vector in file.invalid {
            let error = #expect(throws: (any Error).self, "\(vector.name)") { try agrees(vector) }
            #expect(error is WireError || error is BlobError, "\(vector.name)")
        }
    }

    private func agrees(_ vector: Case) throws -> Bool {
        switch vector.kind {
        case "holdings":
            let extents = try #require(vector.extents).map { Extent(range: $0.range, digest: $0.digest) }
            let holdings = try Holdings(log: LogID(unchecked: #require(vector.log).bytes), extents: extents)
            return holdings.digest == vector.digest?.bytes
        case "extent":
            let (address, length) = (try #require(vector.address), try #require(vector.length))
            let bytes = (0..<length).map { UInt8($0 % 251) }
            let log = LogID(unchecked: try #require(vector.log).bytes)
            return try VectorLog.extent(bytes, at: address, of: log)?.digest == vector.digest?.bytes
        case "learning":
            let (ranges, held) = (try #require(vector.ranges), try #require(vector.held))
            let extents = try VectorLog.extents(of: ranges.map(\.range), held: held.map(\.range))
            return extents == vector.extents?.map(\.range)
        default:
            let (address, bytes) = (try #require(vector.address), try #require(vector.bytes))
            let placement = try Placement(key: #require(vector.key).bytes, address: address, byteCount: bytes)
            return (0..<placement.unitCount).map { placement.range(ofUnit: $0) } == vector.units?.map(\.range)
        }
    }
}
