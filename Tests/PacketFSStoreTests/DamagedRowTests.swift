import GRDB
import PacketFSStore
import PacketFSWire
import Testing

/// Rows that SQLite still reads, with values that were never stored: they throw, whoever reads them.
@Suite struct DamagedRowTests {
    private let scratch = Scratch()
    private let store: Store
    private let log: LogRecord

    init() throws {
        store = try scratch.store()
        try store.add(peer(1))
        try store.add(seed(1))
        try store.reserve(AbandonedPlace(vaultURI: "file:gone"))
        log = try store.adopt(log: logID(9), of: party(1)).log
        try store.insert([record(extent(100, 10), .held), record(extent(200, 10), .held)], in: log)
    }

    private func damage(_ sql: String) throws {
        try DatabaseQueue(path: scratch.database).writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA ignore_check_constraints = ON; UPDATE " + sql)
        }
    }

    @Test(arguments: [
        "length = 0", "length = -10", "length = 10 | 1 << 40", "length = 1 << 63", "length = x'ff'",
        "address = -1", "address = 200 | 1 << 62", "address = 1 << 63", "address = x'ff'",
    ])
    func ranges(_ damage: String) throws {
        try self.damage("extents SET \(damage) WHERE address = 200")
        #expect(throws: StoreError.corrupted) { try store.extents(in: log) }
        #expect(throws: StoreError.corrupted) { try store.holdings(of: log) }
        #expect(throws: StoreError.corrupted) { try store.occupied(in: log) }
        #expect(throws: StoreError.corrupted) { try store.oldest(beyond: 0, in: log) }
        _ = try? store.usage(of: log)
        _ = try? store.insert([record(extent(300, 10), .held)], in: log)
    }

    @Test func overlaps() throws {
        try damage("extents SET address = 105 WHERE address = 200")
        #expect(throws: StoreError.corrupted) { try store.occupied(in: log) }
        #expect(throws: StoreError.corrupted) { try store.holdings(of: log) }
    }

    @Test(arguments: ["digest = x'ff'", "state = 9", "transfer = x'ff'", "learnedAt = x'ff'"])
    func otherColumns(_ damage: String) throws {
        try self.damage("extents SET \(damage) WHERE address = 200")
        #expect(throws: StoreError.corrupted) { try store.extents(in: log) }
        #expect(throws: StoreError.corrupted) { try store.oldest(beyond: 0, in: log) }
    }

    @Test(arguments: ["name", "address"])
    func textOfPeers(_ column: String) throws {
        try damage("peers SET \(column) = x'ff'")
        #expect(throws: StoreError.corrupted) { try store.peers() }
    }

    @Test(arguments: ["vault", "holder", "fingerprint"])
    func textOfSeeds(_ column: String) throws {
        try damage("seeds SET \(column) = x'ff'")
        #expect(throws: StoreError.corrupted) { try store.seeds() }
        try damage("abandoned SET \(column) = x'ff'")
        #expect(throws: StoreError.corrupted) { try store.abandonedPlaces() }
    }
}
