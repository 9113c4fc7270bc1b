import Foundation
import Testing

/// The program itself, as a shell sees it.
@Suite struct ProgramTests {
    private struct Outcome {
        var code: Int32
        var output: String
        var error: String

        var events: [[String: Any]] {
            output.split(separator: "\n").compactMap {
                try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
        }
    }

    private final class Scratch {
        let path = FileManager.default.temporaryDirectory.path + "/packetfs program \(UUID().uuidString)"

        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Runs the program that was built beside this test, out of reach of the settings of whoever runs it.
    private func run(_ arguments: [String], in scratch: Scratch) throws -> Outcome {
        let process = Process()
        let tests = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        process.executableURL = tests.deletingLastPathComponent().appending(path: "packetfs")
        process.arguments = arguments
        process.environment = ["HOME": scratch.path, "PATH": "/usr/bin:/bin"]
        process.currentDirectoryURL = URL(filePath: scratch.path)
        let (output, error) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = error
        try process.run()
        let errorData = error.fileHandleForReading
        let outputText = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let errorText = String(decoding: errorData.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Outcome(code: process.terminationStatus, output: outputText, error: errorText)
    }

    @Test(arguments: [["frobnicate"], ["send", "a", "b"], ["peer", "set", "x"], ["blob", "trim", "--to", "many"]])
    func whatTheParserRefusesIsUsage(_ arguments: [String]) throws {
        let outcome = try run(arguments, in: Scratch())
        #expect(outcome.code == 2)
        #expect(outcome.output.isEmpty)
        #expect(outcome.error.contains("Usage: packetfs"))
    }

    @Test(arguments: [["--help"], ["help", "exit-codes"], ["--version"], ["exit-codes"], ["completions", "fish"]])
    func helpIsSuccess(_ arguments: [String]) throws {
        let outcome = try run(arguments, in: Scratch())
        #expect(outcome.code == 0)
        #expect(!outcome.output.isEmpty)
        #expect(outcome.error.isEmpty)
    }

    @Test func withoutAHomeEverythingSaysSo() throws {
        let scratch = try Scratch()
        for arguments in [["status"], ["peer", "list"], ["blob", "list"], ["send", ".", "x:"], ["serve"]] {
            let outcome = try run(arguments + ["--json"], in: scratch)
            #expect(outcome.code == 3, "\(arguments)")
            #expect(outcome.events.last?["event"] as? String == "error")
            #expect(outcome.events.last?["code"] as? String == "state")
            #expect(outcome.events.last?["exit_code"] as? Int == 3)
            #expect(outcome.error.hasPrefix("packetfs: "))
        }
    }

    @Test func aHomeIsMadeOnceAndIsPrivate() throws {
        let scratch = try Scratch()
        let first = try run(["init", "--home", "a home", "--json"], in: scratch)
        #expect(first.code == 0)
        #expect(first.events.last?["state"] as? String == scratch.path + "/a home/state")
        #expect(try run(["init", "--home", "a home"], in: scratch).code == 3)
        for folder in ["/a home/state", "/a home/data"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path + folder)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
        #expect(try run(["status", "--home", "a home"], in: scratch).code == 0)
    }

    @Test func aPeerIsMadeShownChangedAndRemoved() throws {
        let scratch = try Scratch()
        _ = try run(["init"], in: scratch)
        let made = try run(["peer", "new", "far", "--export", "far.seed", "--allow", "put:in", "--json"], in: scratch)
        #expect(made.code == 0)
        let fingerprint = try #require(made.events.last?["fingerprint"] as? String)
        let mode =
            try FileManager.default.attributesOfItem(atPath: scratch.path + "/far.seed")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try run(["peer", "new", "far", "--export", "other.seed"], in: scratch).code != 0)
        #expect(try run(["peer", "set", "far", "--disallow", "/elsewhere"], in: scratch).code == 2)
        let set = try run(["peer", "set", "far", "--allow", "get:in", "--address", "h:1", "--json"], in: scratch)
        #expect(set.events.last?["address"] as? String == "h:1")
        let grants = set.events.last?["grants"] as? [[String: Any]]
        #expect(grants?.count == 1)
        #expect(grants?.first?["verbs"] as? [String] == ["get", "put"])
        #expect(try run(["peer", "show", "far"], in: scratch).output.contains(fingerprint))
        #expect(try run(["peer", "show", "near"], in: scratch).code == 4)
        #expect(try run(["peer", "remove", "far"], in: scratch).code == 2)
        #expect(try run(["peer", "remove", "far", "--yes"], in: scratch).code == 0)
        #expect(try run(["peer", "list", "--json"], in: scratch).output.isEmpty)
    }

    @Test func theSecondMachinePrintsTheSameFingerprint() throws {
        let scratch = try Scratch()
        _ = try run(["init", "--home", "a"], in: scratch)
        _ = try run(["init", "--home", "b"], in: scratch)
        let made = try run(["peer", "new", "b", "--export", "s", "--home", "a", "--json"], in: scratch)
        #expect(try run(["peer", "import", "s", "--name", "self", "--home", "a"], in: scratch).code != 0)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: scratch.path + "/s")
        #expect(try run(["peer", "import", "s", "--name", "a", "--home", "b"], in: scratch).code == 3)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: scratch.path + "/s")
        let taken = try run(["peer", "import", "s", "--name", "a", "--home", "b", "--json"], in: scratch)
        #expect(taken.code == 0)
        #expect(taken.events.last?["fingerprint"] as? String == made.events.last?["fingerprint"] as? String)
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/s"))
    }

    @Test func anUnreachablePeerIsAConnectionError() throws {
        let scratch = try Scratch()
        _ = try run(["init"], in: scratch)
        _ = try run(["peer", "new", "far", "--export", "s"], in: scratch)
        #expect(try run(["send", ".", "far:"], in: scratch).code == 4)
        _ = try run(["peer", "set", "far", "--address", "127.0.0.1:1"], in: scratch)
        #expect(try run(["send", ".", "far:"], in: scratch).code == 5)
        #expect(try run(["send", ".", "near:"], in: scratch).code == 4)
    }
}
