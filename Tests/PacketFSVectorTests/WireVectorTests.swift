import PacketFSTestKit
import PacketFSWire
import Testing

/// The vectors of what is said in a session. What is accepted encodes to the same bytes again; the meanings beside them are
/// checked by the second implementation, which did not write them.
@Suite("Vectors of messages, records, manifests and leaves")
struct WireVectorTests {
    struct Case: Decodable, Sendable {
        let name: String
        let plane: Int?
        let type: UInt8?
        let payload: Hex?
        let manifest: Hex?
        let record: Hex?
        let stream: Hex?
        let records: [Meaning]?
        let incomplete: Bool?
    }

    /// Only the number of records is read.
    struct Meaning: Decodable, Sendable {
        let type: Int
    }

    @Test func messages() throws {
        let file = try VectorFile<Case>("control")
        #expect(file.valid.count > 20 && file.invalid.count > 50)
        for vector in file.valid {
            #expect(try again(vector) == vector.payload?.bytes, "\(vector.name)")
        }
        for vector in file.invalid {
            #expect(throws: WireError.self, "\(vector.name)") { try again(vector) }
        }
    }

    private func again(_ vector: Case) throws -> [UInt8] {
        let type = try #require(vector.type), payload = try #require(vector.payload).bytes
        let frames =
            vector.plane == 0
            ? try ControlMessage.decode(type: type, payload: payload).encode()
            : try RepairMessage.decode(type: type, payload: payload).encode()
        return frames.count == 1 && frames[0].type == type ? frames[0].payload : []
    }

    @Test func manifests() throws {
        let file = try VectorFile<Case>("manifest")
        #expect(file.valid.count == 3 && file.invalid.count > 30)
        for vector in file.valid {
            let bytes = try #require(vector.manifest).bytes
            #expect(try Manifest(decoding: bytes).encode() == bytes, "\(vector.name)")
        }
        for vector in file.invalid {
            let bytes = try #require(vector.manifest).bytes
            #expect(throws: WireError.self, "\(vector.name)") { try Manifest(decoding: bytes) }
        }
    }

    @Test func leaves() throws {
        let file = try VectorFile<Case>("blueprint")
        #expect(file.valid.count == 8 && file.invalid.count > 20)
        for vector in file.valid {
            let bytes = try #require(vector.record).bytes
            let found = read(bytes)
            #expect(found.failure == nil && found.records.count == 1, "\(vector.name)")
            #expect(try found.records.first?.encode() == bytes, "\(vector.name)")
        }
        for vector in file.invalid {
            let found = read(try #require(vector.record).bytes)
            #expect(found.failure != nil && found.records.isEmpty, "\(vector.name)")
        }
    }

    @Test func streamsOfRecords() throws {
        let file = try VectorFile<Case>("records")
        #expect(file.valid.count == 5 && file.invalid.count > 18)
        for vector in file.valid {
            let bytes = try #require(vector.stream).bytes
            let found = read(bytes)
            #expect(found.failure == nil && found.isWhole, "\(vector.name)")
            #expect(found.records.count == vector.records?.count, "\(vector.name)")
            #expect(try found.records.flatMap { try $0.encode() } == bytes, "\(vector.name)")
        }
        for vector in file.invalid {
            let found = read(try #require(vector.stream).bytes)
            #expect(found.records.count == vector.records?.count, "\(vector.name)")
            #expect((found.failure == nil && !found.isWhole) == (vector.incomplete == true), "\(vector.name)")
        }
    }

    /// The records that come out, up to the first that is refused.
    private func read(_ bytes: [UInt8]) -> (records: [DataRecord], failure: WireError?, isWhole: Bool) {
        var reader = RecordReader()
        var records: [DataRecord] = []
        for byte in bytes {
            do throws(WireError) {
                try reader.append([byte])
                while let raw = reader.next() { records.append(try DataRecord(decoding: raw)) }
            } catch {
                return (records, error, false)
            }
        }
        return (records, nil, reader.isAtBoundary)
    }
}
