import PacketFSChannel
import PacketFSRebuild
import PacketFSTestKit
import PacketFSWire
import Testing

/// `Vectors/rebuild.json`: leaves, rebuilt against a log.
@Suite("Vectors of rebuilt leaves")
struct RebuildVectorTests {
    struct File: Decodable {
        let inputs: VectorInputs
        let transfer: Hex
        let log: Hex
        let gap: [Int]
        let valid: [Case]
        let invalid: [Case]

        func receiver() throws -> VectorReceiver {
            let session = try VectorSession(inputs)
            let key = session.initiator.integrity.key(for: TransferID(unchecked: transfer.bytes))
            return try VectorReceiver(log: log.bytes, gap: gap[0]..<gap[1], key: key)
        }
    }

    struct Case: Decodable {
        let name: String
        let records: [Hex]
        let leaves: [Hex]?
        let learned: [Hex]?
        let failure: String?
    }

    @Test func leavesAndWhatIsLearned() throws {
        let file = try File(vectors: "rebuild")
        #expect(file.valid.count == 8)
        for vector in file.valid {
            let receiver = try file.receiver()
            let found = try vector.records.map { try receiver.rebuild($0.bytes) }
            #expect(found.map(\.leaf) == vector.leaves?.map(\.bytes), "\(vector.name)")
            #expect(found.map(\.learned) == vector.learned?.map(\.bytes), "\(vector.name)")
        }
    }

    @Test func leavesThatAreRefused() throws {
        let file = try File(vectors: "rebuild")
        #expect(file.invalid.count == 15)
        for vector in file.invalid {
            let receiver = try file.receiver()
            let error = #expect(throws: (any Error).self, "\(vector.name)") {
                for record in vector.records { _ = try receiver.rebuild(record.bytes) }
            }
            switch vector.failure {
            case "tag": #expect(error is VectorReceiver.WrongTag, "\(vector.name)")
            default: #expect(error is WireError || error is RebuildError, "\(vector.name)")
            }
        }
    }
}
