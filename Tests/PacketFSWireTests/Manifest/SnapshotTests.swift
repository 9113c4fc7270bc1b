import PacketFSTestKit
import PacketFSWire
import Testing

@Suite("Snapshot")
struct SnapshotTests {
    private func snapshot(_ random: inout SeededRandom) -> Snapshot {
        let versions: [TransferID] = (0..<3).map { _ in random.identifier() }
        let files = random.tree(40).entries.filter { $0.kind == .file }
        return Snapshot(
            entries: files.map { file in
                let stat = StatKey(
                    device: random.oneIn(5) ? random.next() : 66, inode: random.number(below: .max),
                    size: random.number(below: .max), modified: time(&random), changed: time(&random))
                return Snapshot.Entry(
                    path: file.path, stat: stat, version: versions[random.number(below: 2)],
                    confirmed: versions[random.number(below: 3)])
            })
    }

    /// Any seconds at all: a snapshot is only ever compared.
    private func time(_ random: inout SeededRandom) -> FileTime {
        let seconds = random.oneIn(9) ? Int64(bitPattern: random.next()) : 1_700_000_000
        return FileTime(seconds: seconds, nanoseconds: UInt32(random.number(below: 1_000_000_000)))
    }

    @Test(arguments: 0..<40)
    func comesBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            let snapshot = snapshot(&random)
            let bytes = try snapshot.encode()
            #expect(try Snapshot(decoding: bytes) == snapshot)
        }
        #expect(try Snapshot(decoding: Snapshot().encode()) == Snapshot())
    }

    @Test(arguments: 0..<10)
    func damaged(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bytes = try snapshot(&random).encode()
        for index in bytes.indices {
            #expect(throws: WireError.self) { try Snapshot(decoding: Array(bytes.prefix(index))) }
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                guard let read = try? Snapshot(decoding: flipped) else { continue }
                #expect(try read.encode() == flipped)
            }
        }
        #expect(throws: WireError.trailingBytes) { try Snapshot(decoding: bytes + [0]) }
    }

    private func entry(_ path: String, nanoseconds: UInt32 = 0) -> Snapshot.Entry {
        let time = FileTime(seconds: 0, nanoseconds: nanoseconds)
        return Snapshot.Entry(
            path: Array(path.utf8), stat: StatKey(device: 1, inode: 2, size: 3, modified: time, changed: time),
            version: TransferID(unchecked: [UInt8](repeating: 1, count: 16)),
            confirmed: TransferID(unchecked: [UInt8](repeating: 2, count: 16)))
    }

    /// A file system that is mounted again may have another device number.
    @Test func aFileIsTheSameOnADeviceOfAnotherNumber() {
        let then = entry("a").stat
        var now = then
        now.device = 9
        #expect(now.isUnchanged(since: then))
        for change in [\StatKey.inode, \.size] {
            var other = then
            other[keyPath: change] += 1
            #expect(!other.isUnchanged(since: then))
        }
        for change in [\StatKey.modified, \.changed] {
            var other = then
            other[keyPath: change].nanoseconds += 1
            #expect(!other.isUnchanged(since: then))
        }
    }

    @Test func aTreeStandsAfterTheTransferThatChangedItLast() {
        let (one, other) = (entry("a").version, entry("a").confirmed)
        let now = TransferID(unchecked: [UInt8](repeating: 3, count: 16))
        #expect([Origin.sent].standing(after: now) == now)
        #expect([Origin.kept(one), .kept(one)].standing(after: now) == one)
        #expect([Origin.kept(one), .kept(other)].standing(after: now) == now)
        #expect([Origin.kept(one), .sent].standing(after: now) == now)
        #expect([Origin.sent, .kept(one), .kept(one)].standing(after: now) == now)
        #expect([Origin]().standing(after: now) == now)
        #expect(entry("a").stood(after: one) && entry("a").stood(after: other) && !entry("a").stood(after: now))
    }

    /// Parents are not listed, but order and names are as in a manifest.
    @Test func rules() throws {
        let fine = Snapshot(entries: [entry(""), entry("a/b/c"), entry("a/b/d"), entry("a-"), entry("b/.c")])
        #expect(try Snapshot(decoding: fine.encode()) == fine)
        for (paths, error) in [
            (["a", ""], .inconsistent), (["../a"], .forbiddenName), (["/a"], .forbiddenName),
            (["a/../b"], .forbiddenName),
            (["b", "a"], .inconsistent), (["a", "a"], .inconsistent), (["a-", "a/b"], .inconsistent),
        ] as [([String], WireError)] {
            #expect(throws: error) { try Snapshot(entries: paths.map { entry($0) }).encode() }
        }
        #expect(throws: WireError.inconsistent) {
            try Snapshot(entries: [entry("a", nanoseconds: 1_000_000_000)]).encode()
        }
    }

    @Test func hostileFiles() {
        let one: [UInt8] = [2, 1, 0, 97, 0]
        let version = [1] + [UInt8](repeating: 1, count: 16)
        let rest: [UInt8] = [1, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let cases: [([UInt8], WireError)] = [
            ([1, 0], .unknown), ([2, 0xff, 0xff, 0xff, 0x7f], .tooLarge), ([2, 0x80, 0x80, 0x40], .truncated),
            (one + [0] + rest, .inconsistent),
            (one + [2] + version.dropFirst() + version.dropFirst() + [0, 0, 0, 0] + rest, .inconsistent),
            (one + version + [1, 0, 0, 0] + rest, .tooLarge), (one + version + [0, 1, 0, 0] + rest, .tooLarge),
            (one + version + [0, 0, 1, 0] + rest, .tooLarge), (one + version + [0, 0, 0, 1] + rest, .tooLarge),
            (one + [0x81, 0x80, 0x04], .tooLarge), (one + [0x80, 0x80, 0x04], .truncated),
        ]
        for (index, (bytes, error)) in cases.enumerated() {
            #expect(throws: error, "case \(index)") { try Snapshot(decoding: bytes) }
        }
        #expect(throws: Never.self) { try Snapshot(decoding: one + version + [0, 0, 0, 0] + rest) }
    }
}
