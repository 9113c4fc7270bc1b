import Testing

@testable import PacketFS

@Suite struct GrantsTests {
    private let grants = Grants(roots: ["/srv/one", "/srv/two"])

    @Test(arguments: [
        ("", "/srv/one", ""), ("a/./b/", "/srv/one", "a/b/"), ("/srv/two", "/srv/two", ""),
        ("//srv/two/a", "/srv/two", "a"), ("...", "/srv/one", "..."),
        ("/srv/two/\u{301}a", "/srv/two", "\u{301}a"),
    ]) func pathsBeneathARootAreFound(path: String, root: String, relative: String) throws {
        let found = try #require(grants.resolve(path))
        #expect(found.root == root && found.relative == relative)
    }

    @Test(arguments: [
        "..", "a/..", "/srv/one/../two", "/", "/srv", "/srv/onemore", "a\0", "\0", "/srv/one\0/a", "../\u{301}a",
        "a/../\u{301}", "/\u{301}a",
    ])
    func othersAreNot(path: String) {
        #expect(grants.resolve(path) == nil)
    }

    @Test func withoutRootsNothingIsFound() {
        #expect(Grants(roots: []).resolve("a") == nil)
    }
}
