import PacketFSWire
import Testing

@Suite struct ExcludePatternTests {
    struct Case: Sendable {
        let pattern: String
        let path: String
        var isFolder = false
        let matches: Bool
    }

    @Test(arguments: [
        Case(pattern: "*.o", path: "main.o", matches: true),
        Case(pattern: "*.o", path: "a/b/main.o", matches: true),
        Case(pattern: "*.o", path: "main.o/x", matches: false),
        Case(pattern: "*.o", path: "main.oo", matches: false),
        Case(pattern: "build", path: "a/build", isFolder: true, matches: true),
        Case(pattern: "build", path: "a/rebuild", matches: false),
        Case(pattern: "build/", path: "a/build", isFolder: true, matches: true),
        Case(pattern: "build/", path: "a/build", matches: false),
        Case(pattern: "/build", path: "build", matches: true),
        Case(pattern: "/build", path: "a/build", matches: false),
        Case(pattern: "/a/*", path: "a/b", matches: true),
        Case(pattern: "/a/*", path: "a/b/c", matches: false),
        Case(pattern: "/a/**", path: "a/b/c", matches: true),
        Case(pattern: "a/b", path: "x/a/b", matches: true),
        Case(pattern: "a/b", path: "xa/b", matches: false),
        Case(pattern: "a/**/z", path: "a/b/c/z", matches: true),
        Case(pattern: "**/z", path: "q/a/z", matches: true),
        Case(pattern: "a?c", path: "abc", matches: true),
        Case(pattern: "/a?c", path: "a/c", matches: false),
        Case(pattern: "[a-c]x", path: "bx", matches: true),
        Case(pattern: "[!a-c]x", path: "bx", matches: false),
        Case(pattern: "[]x]", path: "]", matches: true),
        Case(pattern: "[z-a]", path: "b", matches: false),
        Case(pattern: "[a", path: "[a", matches: true),
        Case(pattern: "\\*", path: "*", matches: true),
        Case(pattern: "\\*", path: "x", matches: false),
        Case(pattern: "*a*b*", path: "xxaxxbxx", matches: true),
        Case(pattern: "*a*b*", path: "xxbxxaxx", matches: false),
        Case(pattern: "a*", path: "a", matches: true),
    ])
    func meansWhatRsyncMeans(_ test: Case) throws {
        let pattern = try ExcludePattern(test.pattern)
        #expect(pattern.matches(path: Array(test.path.utf8), isFolder: test.isFolder) == test.matches)
    }

    @Test func refusesEmptyAndTooLong() {
        #expect(throws: WireError.inconsistent) { try ExcludePattern("") }
        #expect(throws: WireError.inconsistent) { try ExcludePattern("/") }
        #expect(throws: WireError.tooLarge) { try ExcludePattern(String(repeating: "a", count: Limits.pattern + 1)) }
        #expect(throws: WireError.tooLarge) {
            try ExcludeList([String](repeating: "a", count: Limits.patterns + 1))
        }
    }

    /// A backtracking matcher would not come back from this one.
    @Test(.timeLimit(.minutes(15))) func hostilePatternsTakeBoundedTime() throws {
        let pattern = try ExcludePattern("/" + String(repeating: "*a**a", count: 60) + "b")
        #expect(!pattern.matches(path: [UInt8](repeating: UInt8(ascii: "a"), count: 1000), isFolder: false))
    }

    @Test(arguments: ["a/[*]?\\x", "d/ü", "**", "!a", "]"])
    func aPathIsNamedByItsPatternAlone(_ text: String) throws {
        let pattern = try ExcludePattern(ExcludePattern.naming(Array(text.utf8)))
        #expect(pattern.matches(path: Array(text.utf8), isFolder: false))
        for other in [text + "x", "x/" + text, "x" + text.dropFirst(), "a/[bc]?x"] {
            #expect(!pattern.matches(path: Array(other.utf8), isFolder: false), "\(other)")
        }
    }

    @Test func whatIsNotTextIsNamedToo() throws {
        let path: [UInt8] = [0x61, 0xff, 0xc3, 0xa4]
        let pattern = try ExcludePattern(ExcludePattern.naming(path))
        #expect(pattern.matches(path: path, isFolder: false))
        #expect(!pattern.matches(path: Array("b12".utf8), isFolder: false))
    }
}
