import Testing

@testable import PacketFSRebuild

@Suite struct NameTests {
    @Test(arguments: ["", ".", "..", "a/b", "/", "a\0b", "/etc", String(repeating: "x", count: 256)])
    func refuses(_ text: String) {
        #expect(Name(text.utf8) == nil)
    }

    @Test(arguments: ["a", "...", ".a", "a b", "\u{fc}", String(repeating: "x", count: 255)])
    func accepts(_ text: String) throws {
        let name = try #require(Name(text.utf8))
        #expect(Array(name.bytes) == Array(text.utf8))
    }

    @Test func splitsPaths() throws {
        let path = try #require(EntryPath(Array("a/b/c".utf8)))
        #expect(path.folder == Array("a/b".utf8))
        #expect(Array(path.name.bytes) == Array("c".utf8))
        #expect(EntryPath([]) == nil)
        #expect(EntryPath(Array("a/..".utf8)) == nil)
        #expect(EntryPath(Array("a/".utf8)) == nil)
    }
}
