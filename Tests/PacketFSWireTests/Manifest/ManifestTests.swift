import PacketFSTestKit
import PacketFSWire
import Testing

@Suite("Manifest")
struct ManifestTests {
    @Test(arguments: 0..<60)
    func comesBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<30 {
            let manifest = random.tree(60)
            let bytes = try manifest.encode()
            #expect(try Manifest(decoding: bytes) == manifest)
            #expect(try manifest.encode() == bytes)
        }
    }

    @Test func emptyTree() throws {
        let bytes = try Manifest(entries: []).encode()
        #expect(bytes == [1, 0])
        #expect(try Manifest(decoding: bytes) == Manifest(entries: []))
    }

    @Test(arguments: 0..<10)
    func truncated(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bytes = try random.tree(20).encode()
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) { try Manifest(decoding: Array(bytes.prefix(length))) }
        }
        #expect(throws: WireError.trailingBytes) { try Manifest(decoding: bytes + [0]) }
    }

    /// Whatever is read has the one encoding that was read: nothing can be said in two ways.
    @Test(arguments: 0..<10)
    func flippedBits(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let bytes = try random.tree(12).encode()
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                guard let read = try? Manifest(decoding: flipped) else { continue }
                #expect(try read.encode() == flipped)
            }
        }
    }

    @Test(arguments: 0..<10)
    func noise(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let noise = [1, UInt8(random.number(below: 5))] + random.bytes(upTo: 60).map { $0 & 0x4f }
            guard let read = try? Manifest(decoding: noise) else { continue }
            #expect(try read.encode() == noise)
        }
    }

    @Test(arguments: [0, 2, 255] as [UInt8])
    func otherVersions(version: UInt8) {
        #expect(throws: WireError.unknown) { try Manifest(decoding: [version, 0]) }
    }

    @Test func constantColumnsAreNextToNothing() throws {
        var tree = sourceTree(2000)
        let bytes = try tree.encode().count
        for index in tree.entries.indices {
            tree.entries[index].modified = FileTime(seconds: 1_700_000_000, nanoseconds: 1)
            if tree.entries[index].kind == .file { tree.entries[index].size = 1 }
        }
        let paths = tree.entries.reduce(0) { $0 + $1.path.count }
        let constant = try tree.encode().count
        // Two or three bytes of size and seven or so of time are gone from each; what is left is names.
        #expect(constant < bytes - 2000 * 7)
        #expect(constant < paths)
        for index in tree.entries.indices { tree.entries[index].owner = 70_000 }
        #expect(try tree.encode().count <= constant + 2)
        let attribute = ExtendedAttribute(name: "user.checked", value: Array("yes".utf8))
        for index in tree.entries.indices { tree.entries[index].attributes = [attribute] }
        #expect(try tree.encode().count < constant + 25)
    }

    /// Bytes of `new` that are in no stretch of 12 bytes which `old` has as well.
    private func fresh(_ new: [UInt8], _ old: [UInt8]) -> Int {
        let window = 12
        var known: Set<ArraySlice<UInt8>> = []
        for start in 0...old.count - window { known.insert(old[start..<start + window]) }
        var covered = 0
        var fresh = 0
        for index in new.indices {
            if index + window <= new.count, known.contains(new[index..<index + window]) { covered = index + window }
            if index >= covered { fresh += 1 }
        }
        return fresh
    }

    @Test func oneChangedFileIsFewBytes() throws {
        var tree = sourceTree(1500)
        let old = try tree.encode()
        tree.entries[700].size = 77_777_777
        tree.entries[700].modified = FileTime(seconds: 1_800_000_000, nanoseconds: 123_456_789)
        #expect(fresh(try tree.encode(), old) < 60)
    }

    @Test func oneNewFileIsFewBytes() throws {
        var tree = sourceTree(1500)
        let old = try tree.encode()
        var added = tree.entries[700]
        added.path += Array("-more.swift".utf8)
        tree.entries.insert(added, at: 701)
        #expect(fresh(try tree.encode(), old) < 80)
        tree.entries.remove(at: 701)
        tree.entries.remove(at: 600)
        #expect(fresh(try tree.encode(), old) < 80)
    }
}
