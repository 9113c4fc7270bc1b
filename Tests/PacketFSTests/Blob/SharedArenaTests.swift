import PacketFSBlob
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// Replicas that are kept in memory.
@Suite struct SharedArenaTests {
    /// A peer says where its extents lie.
    @Test func onePeerKeepsNoServerFromStarting() throws {
        let pair = try TestPair()
        let log = LogID(unchecked: [UInt8](repeating: 7, count: LogID.byteCount))
        let range = AddressRange(address: 1 << 50, length: 1 << 20)
        let replica = try pair.right.domain(of: pair.right.record(named: TestPair.peer)).openReplica(of: log)
        try replica.log.write([UInt8](repeating: 1, count: range.length), at: range.address)
        let extent = Extent(range: range, digest: [UInt8](repeating: 0, count: Limits.digest))
        try replica.insert([(extent: extent, first: [], last: [])], transfer: nil)
        var residency = BlobResidency()
        residency.lock = .attempt
        let home = try Home.open(at: pair.right.location, residency: residency)
        #expect(try home.makeResident().isEmpty)
        let opened = try home.domain(of: home.record(named: TestPair.peer)).openReplica(of: log)
        #expect(try opened.holdings().extents == [extent])
        #expect(opened.log.bytes(range).allSatisfy { $0 == 1 })
        residency.lock = .require
        let demanding = try Home.open(at: pair.right.location, residency: residency)
        _ = try pair.right.newPeer("third", exportingTo: pair.folder + "/third")
        let failures = try demanding.makeResident()
        #expect(failures.map(\.peer) == [TestPair.peer] && failures.map(\.error.code) == [.limit])
        // It has no session in which it would send.
        #expect(throws: BlobError.unattainable(.memory)) {
            try demanding.domain(of: demanding.record(named: TestPair.peer)).openReplica(of: log).holdings()
        }
    }

    /// A peer that knows the id of another's log says that it is its own, too.
    @Test func peersWithOneLogIDShareNoBytes() throws {
        let pair = try TestPair()
        _ = try pair.right.newPeer("stranger", exportingTo: pair.folder + "/seed")
        var residency = BlobResidency()
        residency.transparentHugePages = .attempt
        let home = try Home.open(at: pair.right.location, residency: residency)
        let log = LogID(unchecked: [UInt8](repeating: 7, count: LogID.byteCount))
        let range = AddressRange(address: 0, length: 1 << 20)
        var replicas: [ReplicaLog] = []
        for (number, name) in [TestPair.peer, "stranger"].enumerated() {
            let replica = try home.domain(of: home.record(named: name)).openReplica(of: log)
            try replica.log.write([UInt8](repeating: UInt8(number + 1), count: range.length), at: 0)
            let extent = Extent(range: range, digest: [UInt8](repeating: 0, count: Limits.digest))
            try replica.insert([(extent: extent, first: [], last: [])], transfer: nil)
            #expect(try replica.holdings().extents == [extent])
            replicas.append(replica)
        }
        for (number, replica) in replicas.enumerated() {
            #expect(replica.log.bytes(range).allSatisfy { $0 == UInt8(number + 1) })
        }
    }
}
