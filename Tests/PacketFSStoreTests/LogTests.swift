import PacketFSStore
import PacketFSWire
import Testing

@Suite struct LogTests {
    private func storeWithPeer() throws -> (scratch: Scratch, store: Store, log: LogRecord) {
        let scratch = Scratch()
        let store = try scratch.store()
        try store.add(peer(1))
        return (scratch, store, try store.ownLog(for: party(1)))
    }

    @Test func ownLogIsMadeOnce() throws {
        let (scratch, store, log) = try storeWithPeer()
        #expect(log == LogRecord(peer: party(1), role: .own, id: log.id, next: 0))
        #expect(try store.ownLog(for: party(1)) == log)
        #expect(try scratch.store().ownLog(for: party(1)) == log)
        #expect(try store.log(for: party(1), role: .replica) == nil)
        #expect(try store.logs() == [log])
    }

    @Test func everyPeerHasALogOfItsOwn() throws {
        let (_, store, log) = try storeWithPeer()
        try store.add(peer(2))
        #expect(try store.log(for: party(2), role: .own) == nil)
        let other = try store.ownLog(for: party(2))
        #expect(other.peer == party(2) && other.id != log.id)
        #expect(try store.ownLog(for: party(1)) == log)
        #expect(try store.logs() == [log, other])
    }

    @Test func reservationsFollowEachOtherAndSurviveReopening() throws {
        let (scratch, store, log) = try storeWithPeer()
        #expect(try store.reserve(bytes: 10, in: log) == AddressRange(address: 0, length: 10))
        #expect(try scratch.store().reserve(bytes: 5, in: log) == AddressRange(address: 10, length: 5))
        #expect(try store.ownLog(for: party(1)).next == 15)
    }

    @Test func reservationsNeverOverlap() async throws {
        let (scratch, store, log) = try storeWithPeer()
        let stores = [store, try scratch.store()]
        let ranges = try await withThrowingTaskGroup(of: [AddressRange].self) { group in
            for task in 0..<24 {
                group.addTask {
                    try (1...8).map { try stores[task % 2].reserve(bytes: $0 + task, in: log) }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let sorted = ranges.sorted { $0.address < $1.address }
        #expect(sorted.count == 24 * 8)
        for (one, next) in zip(sorted, sorted.dropFirst()) { #expect(one.end == next.address) }
        #expect(try store.ownLog(for: party(1)).next == sorted.last?.end)
    }

    @Test func anUnusedTailCanBeReleased() throws {
        let (_, store, log) = try storeWithPeer()
        let range = try store.reserve(bytes: 100, in: log)
        #expect(try store.release(AddressRange(address: 40, length: 60), in: log))
        #expect(try store.reserve(bytes: 10, in: log) == AddressRange(address: 40, length: 10))
        // Others were reserved since, so these addresses are burnt.
        #expect(try !store.release(AddressRange(address: range.address, length: 40), in: log))
        #expect(try store.ownLog(for: party(1)).next == 50)
    }

    @Test func aReservationWithExtentsIsNotReleased() throws {
        let (_, store, log) = try storeWithPeer()
        _ = try store.reserve(bytes: 100, in: log)
        try store.insert([record(extent(10, 20))], in: log)
        #expect(try !store.release(AddressRange(address: 29, length: 71), in: log))
        #expect(try store.release(AddressRange(address: 30, length: 70), in: log))
    }

    @Test(arguments: [(0, 1), (1 << 56, 1), (.max, 1), (50, .max)] as [(UInt64, Int)])
    func releaseOfOtherAddressesDoesNothing(_ address: UInt64, _ length: Int) throws {
        let (_, store, log) = try storeWithPeer()
        _ = try store.reserve(bytes: 100, in: log)
        #expect(try !store.release(AddressRange(address: address, length: length), in: log))
        #expect(try store.ownLog(for: party(1)).next == 100)
    }

    @Test func addressesRunOut() throws {
        let (_, store, log) = try storeWithPeer()
        _ = try store.reserve(bytes: Int(Limits.address) - 1, in: log)
        #expect(throws: StoreError.logExhausted) { try store.reserve(bytes: 2, in: log) }
        #expect(throws: StoreError.logExhausted) { try store.reserve(bytes: .max, in: log) }
        #expect(throws: StoreError.invalidValue) { try store.reserve(bytes: 0, in: log) }
        #expect(throws: StoreError.invalidValue) { try store.reserve(bytes: -1, in: log) }
        #expect(try store.reserve(bytes: 1, in: log).end == Limits.address)
    }

    @Test func aReplicaIsReplacedWhenThePeersLogIsAnother() throws {
        let (_, store, own) = try storeWithPeer()
        let (first, nothing) = try store.adopt(log: logID(1), of: party(1))
        #expect(nothing == nil)
        #expect(first == LogRecord(peer: party(1), role: .replica, id: logID(1), next: 0))
        try store.insert([record(extent(5, 5), .held)], in: first)

        let (same, stillNothing) = try store.adopt(log: logID(1), of: party(1))
        #expect(stillNothing == nil)
        #expect(same.next == 10)

        let (second, replaced) = try store.adopt(log: logID(2), of: party(1))
        #expect(replaced == same)
        #expect(second.next == 0)
        #expect(try store.extents(in: second).isEmpty)
        #expect(throws: StoreError.staleLog) { try store.insert([record(extent(0, 1), .held)], in: first) }
        #expect(try store.ownLog(for: party(1)) == own)
    }

    @Test func aPeersLogIDDoesNotReachAnotherLog() throws {
        let (_, store, own) = try storeWithPeer()
        try store.add(peer(2))
        // A hostile peer names our own log as its own.
        let (replica, _) = try store.adopt(log: own.id, of: party(2))
        try store.insert([record(extent(0, 9), .held)], in: replica)
        #expect(try store.extents(in: own).isEmpty)
        #expect(try store.usage(of: replica) == LogUsage(extents: 1, bytes: 9))
    }

    @Test func onlyOwnLogsAreAllocated() throws {
        let (_, store, _) = try storeWithPeer()
        let (replica, _) = try store.adopt(log: logID(1), of: party(1))
        #expect(throws: StoreError.invalidValue) { try store.reserve(bytes: 1, in: replica) }
        #expect(throws: StoreError.invalidValue) {
            try store.release(AddressRange(address: 0, length: 1), in: replica)
        }
        #expect(throws: StoreError.invalidValue) { try store.acknowledge([], in: replica) }
    }
}
