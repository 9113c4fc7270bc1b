import Glibc
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// Modes of folders that a transfer goes into.
@Suite struct RootModeTests {
    private func mode(_ path: String) throws -> mode_t {
        var raw = stat()
        try #require(lstat(path, &raw) == 0)
        return raw.st_mode & 0o7777
    }

    /// As whoever makes them by hand would have them: no entry of the tree says what their modes are.
    @Test func foldersAboveTheTreeAreForWhomTheUmaskLets() throws {
        let yard = try Playground()
        let sender = TestSender([.file("a", "one")])
        let root = try DestinationRoot.open(base: yard.destination, relative: Array("new/deep".utf8), creates: true)
        let setup = RebuildSetup(transfer: sender.transfer, options: TransferOptions())
        #expect(try sender.run(Rebuilder(root: root, setup: setup, tagger: TestTagger())) != nil)
        #expect(mkdir(yard.path + "/mine", 0o777) == 0)
        let expected = try mode(yard.path + "/mine")
        for name in ["new", "new/deep"] { #expect(try mode(yard.destination + "/" + name) == expected) }
    }

    /// Nobody sees files through it that its own mode keeps out.
    @Test func aRootIsNarrowedBeforeAnythingIsInIt() throws {
        let yard = try Playground()
        #expect(chmod(yard.destination, 0o2755) == 0)
        let sender = TestSender([.folder("", mode: 0o750), .file("a", TestRandom.bytes(Limits.leaf + 1, seed: 1))])
        #expect(try sender.run(yard.rebuilder(sender), limit: 4) == nil)
        #expect(try mode(yard.destination) == 0o2750)
    }

    /// A file that is whole has its own mode while others come, which may take days.
    @Test func aRootThatHoldsSomethingIsNarrowedFirst() throws {
        let yard = try Playground()
        #expect(chmod(yard.destination, 0o755) == 0)
        try yard.write("served", to: "old")
        let sender = TestSender([.folder("", mode: 0o750), .file("a", TestRandom.bytes(Limits.leaf + 1, seed: 1))])
        let rebuilder = try yard.rebuilder(sender)
        var meanwhile: mode_t?
        let finished = try sender.run(rebuilder) { if $0 == 4 { meanwhile = try mode(yard.destination) } }
        #expect(finished != nil && meanwhile == 0o750)
        #expect(try mode(yard.destination) == 0o750)
    }
}
