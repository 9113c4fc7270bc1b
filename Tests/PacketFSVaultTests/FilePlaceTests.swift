import Foundation
import PacketFSSecrets
import Synchronization
import Testing

@testable import PacketFSVault

/// What is peculiar to files; `ConformanceTests` has the rest.
@Suite("File place")
struct FilePlaceTests {
    private let scratch: Scratch
    private let site: VaultSite

    init() throws {
        scratch = try Scratch()
        site = VaultSite(seeds: scratch.folder.path, credentials: nil, ask: nil)
    }

    private func place(_ name: String = "seed") -> any SeedPlace { site.place(.file(name)) }

    @Test
    func `the file is private, and is all that is left in its folder`() throws {
        _ = try place().keep(testSeed())
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.path("seed"))[.posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o600)
        #expect(scratch.names == ["seed"])
    }

    @Test
    func `names lie in the folder of seeds, and paths where they say`() throws {
        let elsewhere = try Scratch()
        _ = try site.place(.file(elsewhere.path("seed"))).keep(testSeed())
        #expect(elsewhere.names == ["seed"] && scratch.names.isEmpty)
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o601, 0o644, 0o666])
    func `a file that others can reach is refused`(mode: Int) throws {
        _ = try place().keep(testSeed())
        try scratch.setMode(mode, of: "seed")
        #expect(throws: VaultError.readableByOthers) { _ = try place().open() }
    }

    @Test(.enabled(if: geteuid() == 0, "skipped: only root can give a file away"))
    func `a file of another user is refused`() throws {
        _ = try place().keep(testSeed())
        #expect(chown(scratch.path("seed"), 65_534, 65_534) == 0)
        #expect(throws: VaultError.foreignOwner) { _ = try place().open() }
    }

    @Test
    func `links, folders, pipes and second names are refused`() throws {
        _ = try place().keep(testSeed())
        try FileManager.default.createSymbolicLink(atPath: scratch.path("link"), withDestinationPath: "seed")
        try FileManager.default.createDirectory(atPath: scratch.path("folder"), withIntermediateDirectories: false)
        #expect(mkfifo(scratch.path("pipe"), 0o600) == 0)
        for name in ["link", "folder", "pipe"] {
            #expect(throws: VaultError.notAPlainFile) { _ = try place(name).open() }
        }
        try FileManager.default.linkItem(atPath: scratch.path("seed"), toPath: scratch.path("second"))
        #expect(throws: VaultError.notAPlainFile) { _ = try place().open() }
    }

    @Test
    func `a folder that is missing is said to be missing`() throws {
        #expect(throws: VaultError.notFound) {
            _ = try site.place(.file(scratch.path("no/seed"))).keep(testSeed())
        }
    }

    @Test
    func `every cut of the file, and a byte too many, is refused`() throws {
        _ = try place().keep(testSeed())
        let whole = try scratch.bytes("seed")
        for count in 0..<whole.count {
            _ = try scratch.write(Array(whole.prefix(count)), to: "cut")
            #expect(throws: VaultError.malformed) { _ = try place("cut").open() }
        }
        _ = try scratch.write(whole + [0], to: "long")
        #expect(throws: VaultError.malformed) { _ = try place("long").open() }
    }

    @Test
    func `another format and a newer version are told apart`() throws {
        _ = try place().keep(testSeed())
        var bytes = try scratch.bytes("seed")
        bytes[7] = 2
        _ = try scratch.write(bytes, to: "newer")
        #expect(throws: VaultError.unknownVersion) { _ = try place("newer").open() }
        bytes[0] ^= 1
        _ = try scratch.write(bytes, to: "other")
        #expect(throws: VaultError.malformed) { _ = try place("other").open() }
    }

    @Test
    func `a file that is not private is not destroyed either`() throws {
        _ = try place().keep(testSeed())
        try scratch.setMode(0o644, of: "seed")
        #expect(throws: VaultError.readableByOthers) { try place().destroy() }
        #expect(scratch.names == ["seed"])
    }

    @Test
    func `what a crash left of making the file goes with it, or with the next one`() throws {
        // The name is the specification's, computed by another program.
        let left = ".packetfs-19b25856e1c150ca.new"
        _ = try scratch.write([1], to: left)
        #expect(throws: VaultError.notFound) { try place().destroy() }
        #expect(scratch.names.isEmpty)
        _ = try scratch.write([1], to: left)
        _ = try place().keep(testSeed())
        #expect(scratch.names == ["seed"])
    }

    /// Where a file cannot be renamed to a name that must be free, it has both names for a moment.
    @Test
    func `a file that a crash left with both names is destroyed`() throws {
        _ = try place().keep(testSeed())
        let left = TemporaryName.beside(scratch.path("seed"))
        try FileManager.default.linkItem(atPath: scratch.path("seed"), toPath: left)
        let handle = try FileHandle(forReadingFrom: scratch.folder.appending(path: "seed"))
        try place().destroy()
        #expect(scratch.names.isEmpty)
        #expect(try handle.readToEnd()?.allSatisfy { $0 == 0 } == true)
    }

    @Test(arguments: ["seed.new", ".seed.new", "seed.tmp", "seeds"])
    func `no file beside is touched, however near its name`(name: String) throws {
        _ = try scratch.write([1], to: name)
        _ = try place().keep(testSeed())
        try place().destroy()
        #expect(try scratch.names == [name] && scratch.bytes(name) == [1])
    }

    @Test
    func `the longest name is kept`() throws {
        let name = String(repeating: "n", count: 255)
        _ = try place(name).keep(testSeed())
        try place(name).destroy()
        #expect(scratch.names.isEmpty)
    }

    /// A peer file, a backup of one, what is longer, shorter or empty, and what only looks random.
    @Test(arguments: [
        Array("PFSPEER\u{1}".utf8) + [UInt8](repeating: 1, count: 32), SealedFile.magic + [2] + [UInt8](0..<96),
        SealedFile.magic + [1] + [UInt8](0..<97), SeedFile.magic + [UInt8](0..<33), SeedFile.magic, [], [0],
        [UInt8](repeating: 7, count: 40), [UInt8](repeating: 0, count: 41), [UInt8](repeating: 7, count: 5000),
    ])
    func `what is no seed is not destroyed as one`(bytes: [UInt8]) throws {
        _ = try scratch.write(bytes, to: "seed")
        #expect(throws: VaultError.notFound) { try place().destroy() }
        #expect(try scratch.bytes("seed") == bytes)
    }

    @Test(arguments: [
        SealedFile.magic + [1] + [UInt8](0..<96), [UInt8](repeating: 0, count: 40), [UInt8](repeating: 0, count: 105),
    ])
    func `a sealed seed, and one that is overwritten already, is destroyed`(bytes: [UInt8]) throws {
        _ = try scratch.write(bytes, to: "seed")
        try place().destroy { _ throws(VaultError) in false }
        #expect(scratch.names.isEmpty)
    }

    @Test
    func `destroying overwrites the bytes in place`() throws {
        _ = try place().keep(testSeed())
        let handle = try FileHandle(forReadingFrom: scratch.folder.appending(path: "seed"))
        try place().destroy()
        let left = try #require(try handle.readToEnd())
        #expect(left.count == 40 && left.allSatisfy { $0 == 0 })
    }

    /// Somebody opens the file while it is made, and something comes to be at its name before it is whole.
    @Test
    func `what cannot be made leaves no bytes in a file that somebody has open`() throws {
        let taken = try scratch.write([1], to: "seed")
        let watcher = Watcher(TemporaryName.beside(taken))
        for _ in 0..<10_000 where watcher.file == nil {
            #expect(throws: VaultError.alreadyExists) { _ = try place().keep(testSeed()) }
        }
        watcher.stop()
        let file = FileHandle(fileDescriptor: try #require(watcher.file), closeOnDealloc: true)
        let left = try #require(try file.readToEnd())
        #expect(left.count == 40 && left.allSatisfy { $0 == 0 })
        #expect(try scratch.names == ["seed"] && scratch.bytes("seed") == [1])
    }
}

/// Opens a file as soon as it is there.
private final class Watcher: Sendable {
    private let seen = Mutex<Int32?>(nil)
    private let isOver = Atomic(false)

    init(_ path: String) {
        Thread.detachNewThread { [self] in
            while !isOver.load(ordering: .relaxed), file == nil {
                let file = open(path, O_RDONLY)
                if file >= 0 { seen.withLock { $0 = file } }
            }
        }
    }

    var file: Int32? { seen.withLock(\.self) }

    func stop() { isOver.store(true, ordering: .relaxed) }
}
