import Foundation
import Testing

/// The program itself, as a shell sees it.
@Suite struct ProgramTests {
    @Test(arguments: [["frobnicate"], ["send", "a", "b"], ["peer", "set", "x"], ["blob", "trim", "--to", "many"]])
    func whatTheParserRefusesIsUsage(_ arguments: [String]) throws {
        let outcome = try Program().run(arguments)
        #expect(outcome.code == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.contains("Usage: packetfs"))
    }

    @Test(arguments: [["--help"], ["help", "exit-codes"], ["--version"], ["exit-codes"], ["completions", "fish"]])
    func helpIsSuccess(_ arguments: [String]) throws {
        let outcome = try Program().run(arguments)
        #expect(outcome.code == 0)
        #expect(!outcome.output.isEmpty)
        #expect(outcome.error.isEmpty)
    }

    @Test func withoutAHomeEverythingSaysSo() throws {
        let program = try Program()
        for arguments in [["status"], ["peer", "list"], ["blob", "list"], ["send", ".", "x:"], ["serve"]] {
            let outcome = try program.run(arguments + ["--json"])
            #expect(outcome.code == 3, "\(arguments)")
            #expect(outcome.events.last?["event"] as? String == "error")
            #expect(outcome.events.last?["code"] as? String == "state")
            #expect(outcome.events.last?["exit_code"] as? Int == 3)
            #expect(outcome.error.hasPrefix("packetfs: "))
        }
    }

    @Test func aHomeIsMadeOnceAndIsPrivate() throws {
        let program = try Program()
        let first = try program.run(["init", "--home", "a home", "--json"])
        #expect(first.code == 0)
        #expect(first.events.last?["state"] as? String == program.folder + "/a home/state")
        #expect(try program.run(["init", "--home", "a home"]).code == 3)
        for folder in ["/a home/state", "/a home/data"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: program.folder + folder)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
        #expect(try program.run(["status", "--home", "a home"]).code == 0)
    }

    @Test func aPeerIsMadeShownChangedAndRemoved() throws {
        let program = try Program()
        _ = try program.run(["init"])
        let made = try program.run(["peer", "new", "far", "--export", "far.seed", "--allow", "put:in", "--json"])
        #expect(made.code == 0)
        let missing = "\(program.folder)/in"
        #expect(
            made.error
                == "packetfs: warning: \(missing) is not there, and is not made for the peer; `mkdir -p '\(missing)'`\n"
        )
        let fingerprint = try #require(made.events.last?["fingerprint"] as? String)
        let mode =
            try FileManager.default.attributesOfItem(atPath: program.folder + "/far.seed")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try program.run(["peer", "new", "far", "--export", "other.seed"]).code != 0)
        #expect(try program.run(["peer", "set", "far", "--disallow", "/elsewhere"]).code == 2)
        let set = try program.run(["peer", "set", "far", "--allow", "get:in", "--address", "h:1", "--json"])
        #expect(set.events.last?["address"] as? String == "h:1")
        let grants = set.events.last?["grants"] as? [[String: Any]]
        #expect(grants?.count == 1)
        #expect(grants?.first?["verbs"] as? [String] == ["get", "put"])
        #expect(try program.run(["peer", "show", "far"]).output.contains(fingerprint))
        #expect(try program.run(["peer", "show", "near"]).code == 4)
        #expect(try program.run(["peer", "remove", "far"]).code == 2)
        #expect(try program.run(["peer", "remove", "far", "--yes"]).code == 0)
        #expect(try program.run(["peer", "list", "--json"]).output.isEmpty)
    }

    @Test func theSecondMachinePrintsTheSameFingerprint() throws {
        let program = try Program()
        _ = try program.run(["init", "--home", "a"])
        _ = try program.run(["init", "--home", "b"])
        let made = try program.run(["peer", "new", "b", "--export", "s", "--home", "a", "--json"])
        #expect(try program.run(["peer", "import", "s", "--name", "self", "--home", "a"]).code != 0)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: program.folder + "/s")
        #expect(try program.run(["peer", "import", "s", "--name", "a", "--home", "b"]).code == 3)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: program.folder + "/s")
        let taken = try program.run(["peer", "import", "s", "--name", "a", "--home", "b", "--json"])
        #expect(taken.code == 0)
        #expect(taken.events.last?["fingerprint"] as? String == made.events.last?["fingerprint"] as? String)
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/s"))
    }

    /// Nobody can be reached at these: they are refused where they are said, and do not travel in a seed's file.
    @Test(arguments: ["", "127.0.0.1:99999", "a b:1", "[::1", ":0", "h:0", "http://h:1", "h:"])
    func whatIsNoAddressIsRefused(_ address: String) throws {
        let program = try Program()
        _ = try program.run(["init"])
        #expect(try program.run(["peer", "new", "far", "--export", "far.seed"]).code == 0)
        for arguments in [
            ["peer", "set", "far", "--address", address],
            ["peer", "new", "near", "--export", "s", "--address", address],
            ["peer", "new", "near", "--export", "s", "--reached-at", address],
        ] {
            let outcome = try program.run(arguments)
            #expect(outcome.code == 2, "\(arguments)")
            #expect(outcome.error.contains("'\(address)' is no address"), "\(arguments)")
        }
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/s"))
        for fine in ["h", "h:1", "[::1]:1", "::1", "192.0.2.1:65535"] {
            #expect(try program.run(["peer", "set", "far", "--address", fine]).code == 0, "\(fine)")
        }
    }

    /// Patterns that are none are a mistake of this side, and said before anybody is called.
    @Test func patternsThatAreNoneAreUsage() throws {
        let program = try Program()
        _ = try program.run(["init"])
        _ = try program.run(["peer", "new", "far", "--export", "s", "--address", "127.0.0.1:1"])
        let many = (0..<1025).flatMap { ["--exclude", "\($0)"] }
        let large = (0..<20).flatMap { ["--exclude", String(repeating: "x", count: 4000) + "\($0)"] }
        for command in [
            ["send", ".", "far:"], ["get", "far:x", "."], ["plan", ".", "far:"], ["blob", "add", ".", "--peer", "far"],
        ] {
            for patterns in [
                ["--exclude", ""], ["--exclude", "/"], ["--exclude", String(repeating: "x", count: 4097)], many, large,
            ] {
                let outcome = try program.run(command + patterns)
                #expect(outcome.code == 2, "\(command) \(patterns.count)")
                #expect(outcome.error.contains("left out"), "\(command) \(patterns.count)")
            }
            #expect(try program.run(command, environment: ["PACKETFS_EXCLUDE": "*.o,"]).code == 2)
        }
    }

    /// A name that is no text is refused where it is named, and travels beneath a folder.
    @Test func anArgumentThatIsNoTextIsRefused() throws {
        let program = try Program()
        let script = "touch \"$(printf 'x\\377')\"; exec \"$0\" \"$@\" \"$(printf 'x\\377')\" far:"
        let outcome = try program.run(["send"], through: ["/bin/sh", "-c", script])
        #expect(outcome.code == 2)
        #expect(outcome.error.contains("argument 2 is not UTF-8"))
        _ = try program.run(["init"])
        _ = try program.run(["peer", "new", "far", "--export", "s"])
        let plan = try program.run(["plan", ".", "far:", "--explain", "--json", "--exclude", "s", "--exclude", ".*"])
        #expect(plan.code == 0)
        #expect(plan.events.contains { ($0["path"] as? String) == "x\\xff" })
    }

    @Test func anUnreachablePeerIsAConnectionError() throws {
        let program = try Program()
        _ = try program.run(["init"])
        _ = try program.run(["peer", "new", "far", "--export", "s"])
        #expect(try program.run(["send", ".", "far:"]).code == 4)
        _ = try program.run(["peer", "set", "far", "--address", "127.0.0.1:1"])
        #expect(try program.run(["send", ".", "far:"]).code == 5)
        #expect(try program.run(["send", ".", "near:"]).code == 4)
    }
}
