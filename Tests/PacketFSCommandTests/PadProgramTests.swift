import Foundation
import Testing

/// Pads through the program: made, carried, used, refused.
@Suite struct PadProgramTests {
    /// Two homes with a pad between them.
    private func pair(source: String = "noise") throws -> Program {
        let program = try Program()
        for home in ["a", "b"] { _ = try program.run(["init", "--home", home]) }
        var generator = SystemRandomNumberGenerator()
        let noise = Data((0..<1 << 20).map { _ in UInt8.random(in: 0...255, using: &generator) })
        try noise.write(to: URL(filePath: program.folder + "/noise"))
        #expect(try program.run(["pad", "create", "whole", "--size", "1M", "--source", source]).code == 0)
        #expect(try program.run(["pad", "split", "whole", "one", "other"]).code == 0)
        #expect(try program.run(["pad", "import", "one", "--name", "far", "--home", "a"]).code == 0)
        #expect(try program.run(["pad", "import", "other", "--name", "near", "--home", "b"]).code == 0)
        return program
    }

    private func write(_ text: String, to name: String, _ program: Program) throws {
        let path = program.folder + "/" + name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private func text(_ name: String, _ program: Program) -> String? {
        FileManager.default.contents(atPath: program.folder + "/" + name).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func aTreeTravelsUnderThePad() throws {
        let program = try pair()
        try write("the plan of attack", to: "tree/deep/plan.txt", program)
        try write("", to: "tree/empty", program)
        let sealed = try program.run(["pad", "seal", "tree", "--message", "m", "--home", "a", "--json"])
        #expect(sealed.code == 0)
        #expect(sealed.events.last?["event"] as? String == "sealed")
        #expect(sealed.events.last?["bytes"] as? Int == 4113)
        let message = try Data(contentsOf: URL(filePath: program.folder + "/m"))
        #expect(message.range(of: Data("plan".utf8)) == nil)
        let opened = try program.run(["pad", "open", "m", "in", "--home", "b", "--json"])
        #expect(opened.code == 0, "\(opened.error)")
        #expect(text("in/tree/deep/plan.txt", program) == "the plan of attack")
        #expect(text("in/tree/empty", program) == "")
        #expect(try program.run(["pad", "open", "m", "again", "--home", "b"]).code == 7)
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/again"))
    }

    /// Its code says what helps.
    @Test func aMessageForAFullDiskSaysThatItIsFull() throws {
        let program = try pair()
        try write("text", to: "file", program)
        let sealed = try program.run(
            ["pad", "seal", "file", "--home", "a"], through: ["sh", "-c", "exec \"$@\" > /dev/full", "sh"])
        #expect(sealed.code == 11 && sealed.error.contains("No space left"), "\(sealed.error)")
    }

    /// A name is no path: nothing outside of the home's pads is read, written or erased.
    @Test(arguments: ["../../../victim", "a/b", "../x", "..", ""])
    func aPathIsNoPad(_ name: String) throws {
        let program = try pair()
        let victim = program.folder + "/victim.pad"
        let bytes = Data((0..<200).map { UInt8($0) })
        try #require(
            FileManager.default.createFile(atPath: victim, contents: bytes, attributes: [.posixPermissions: 0o600]))
        try write("text", to: "file", program)
        for command in [
            ["pad", "destroy", name, "--yes"], ["pad", "skip", name, "--past", "9"],
            ["pad", "seal", "file", "--message", "m", "--pad", name],
        ] {
            let refused = try program.run(command + ["--home", "a"])
            #expect(refused.code == 2, "\(command): \(refused.error)")
        }
        #expect(FileManager.default.contents(atPath: victim) == bytes)
    }

    @Test func aHomeWithoutAPadSaysSo() throws {
        let program = try Program()
        try write("text", to: "file", program)
        _ = try program.run(["init", "--home", "a"])
        let sealed = try program.run(["pad", "seal", "file", "--message", "m", "--home", "a"])
        #expect(sealed.code == 2)
        #expect(sealed.error.contains("there is no pad"))
    }

    /// Told before anything of the pad is taken, also where only compressing it tells.
    @Test func whatThePadCannotHoldTakesNothingOfIt() throws {
        let program = try pair()
        let noise = try Data(contentsOf: URL(filePath: program.folder + "/noise"))
        try noise.prefix(520_000).write(to: URL(filePath: program.folder + "/big"))
        let refused = try program.run(["pad", "seal", "big", "--message", "m", "--home", "a"])
        #expect(refused.code == 13 && refused.error.contains("524288 bytes left"), "\(refused.error)")
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/m"))
        let status = try program.run(["pad", "status", "--home", "a", "--json"]).events.last
        #expect(status?["left"] as? Int == 1 << 19 && status?["burnt"] as? Int == 0)
        try write(String(repeating: "the same words ", count: 100_000), to: "words", program)
        #expect(try program.run(["pad", "seal", "words", "--message", "m", "--home", "a"]).code == 0)
    }

    @Test func aChangedMessageWritesNothing() throws {
        let program = try pair()
        try write("text", to: "file", program)
        #expect(try program.run(["pad", "seal", "file", "--message", "m", "--home", "a"]).code == 0)
        var message = try Data(contentsOf: URL(filePath: program.folder + "/m"))
        message[message.count / 2] ^= 1
        try message.write(to: URL(filePath: program.folder + "/changed"))
        #expect(try program.run(["pad", "open", "changed", "in", "--home", "b"]).code == 8)
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/in"))
        #expect(try program.run(["pad", "open", "m", "in", "--home", "b"]).code == 0)
        #expect(text("in/file", program) == "text")
    }

    /// A disk that is full amid the message keeps nothing of its text: no row of `status` names it, and it is opened whole.
    @Test(.enabled(if: geteuid() == 0, "mounting a RAM disk needs privilege"))
    func aFullDiskKeepsNothingOfAMessage() throws {
        let program = try pair()
        let noise = try Data(contentsOf: URL(filePath: program.folder + "/noise"))
        try noise.prefix(300_000).write(to: URL(filePath: program.folder + "/file"))
        #expect(try program.run(["pad", "seal", "file", "--message", "m", "--home", "a"]).code == 0)
        try FileManager.default.createDirectory(atPath: program.folder + "/full", withIntermediateDirectories: false)
        let script = "mount -t tmpfs -o size=64k none full && { \"$0\" \"$@\"; code=$?; ls -A full; exit $code; }"
        let opened = try program.run(
            ["pad", "open", "m", "full", "--home", "b"], through: ["unshare", "--mount", "sh", "-c", script])
        #expect(opened.code == 11, "\(opened.error)")
        #expect(opened.output.isEmpty)
        #expect(try program.run(["pad", "open", "m", "in", "--home", "b"]).code == 0)
        #expect(
            FileManager.default.contentsEqual(atPath: program.folder + "/file", andPath: program.folder + "/in/file"))
    }

    /// A quota that is used up is a full disk, too.
    @Test(.enabled(if: RefusedCall.isPossible, "skipped: Python is not installed"))
    func aQuotaEndsAMessageThatComes() throws {
        let program = try pair()
        let noise = try Data(contentsOf: URL(filePath: program.folder + "/noise"))
        try noise.prefix(300_000).write(to: URL(filePath: program.folder + "/file"))
        #expect(try program.run(["pad", "seal", "file", "--message", "m", "--home", "a"]).code == 0)
        let opened = try program.run(
            ["pad", "open", "m", "in", "--home", "b"], through: RefusedCall.writingOfPieces.starter)
        #expect(opened.code == 11, "\(opened.error)")
        #expect(try program.run(["pad", "open", "m", "in", "--home", "b"]).code == 0)
    }

    @Test func aCopiedHomeIsRefused() throws {
        let program = try pair()
        try write("text", to: "file", program)
        try FileManager.default.copyItem(atPath: program.folder + "/a", toPath: program.folder + "/copy")
        let refused = try program.run(["pad", "seal", "file", "--message", "m", "--home", "copy", "--json"])
        #expect(refused.code == 7)
        #expect(refused.events.last?["code"] as? String == "refused")
        let status = try program.run(["pad", "status", "--home", "copy", "--json"])
        #expect(status.events.last?["lock"] as? String == "otherFiles")
        #expect(try program.run(["pad", "seal", "file", "--message", "n", "--home", "a"]).code == 0)
    }

    /// Skipping past the peer's mark is no way out there.
    @Test(.enabled(if: geteuid() == 0, "mounting over a file needs privilege"))
    func aMachineWithoutAnIdIsToldHowToGetOne() throws {
        let program = try pair()
        let script = """
            for id in /etc/machine-id /var/lib/dbus/machine-id; do
                test ! -e $id || mount --bind /dev/null $id || exit
            done
            exec "$0" "$@"
            """
        let status = try program.run(
            ["pad", "status", "--home", "a"], through: ["unshare", "--mount", "sh", "-c", script])
        #expect(status.code == 0)
        let line = try #require(status.output.split(separator: "\n").first { $0.contains(" is locked: ") })
        #expect(line.contains("unknownMachine; `systemd-machine-id-setup`") && !line.contains("skip"))
    }

    /// `cp -a` of a backup over the home, which writes into the files that are there.
    @Test func aBackupThatWasCopiedOverTheHomeIsRefused() throws {
        let program = try pair()
        try write("text", to: "file", program)
        func copy(_ from: String, _ to: String) throws {
            let copying = Process()
            copying.executableURL = URL(filePath: "/bin/cp")
            copying.arguments = ["-a", program.folder + "/" + from, program.folder + "/" + to]
            try copying.run()
            copying.waitUntilExit()
            #expect(copying.terminationStatus == 0)
        }
        try copy("a", "backup")
        #expect(try program.run(["pad", "seal", "file", "--message", "m", "--home", "a"]).code == 0)
        try copy("backup/.", "a")
        let refused = try program.run(["pad", "seal", "file", "--message", "n", "--home", "a"])
        #expect(refused.code == 7 && refused.error.contains("a restored backup"), "\(refused.error)")
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/n"))
    }

    @Test func theKernelsGeneratorMakesNoOneTimePad() throws {
        let program = try pair(source: "system")
        for home in ["a", "b"] {
            let status = try program.run(["pad", "status", "--home", home, "--json"])
            #expect(status.events.last?["source_kind"] as? String == "system")
            #expect((status.events.last?["claim"] as? String)?.hasSuffix("not a one-time pad") == true)
        }
    }

    @Test func aKeptMessageIsTheSameAgainUntilItIsForgotten() throws {
        let program = try pair()
        try write("text", to: "file", program)
        #expect(try program.run(["pad", "seal", "file", "--message", "m", "--home", "a"]).code == 0)
        #expect(try program.run(["pad", "kept", "0", "--message", "again", "--home", "a"]).code == 0)
        #expect(FileManager.default.contentsEqual(atPath: program.folder + "/m", andPath: program.folder + "/again"))
        #expect(try program.run(["pad", "kept", "--forget", "0", "--home", "a"]).code == 0)
        #expect(try program.run(["pad", "kept", "0", "--message", "third", "--home", "a"]).code == 2)
    }

    @Test func aPadIsImportedOnceAndDestroyedForGood() throws {
        let program = try pair()
        try write("text", to: "file", program)
        #expect(try program.run(["pad", "destroy", "far", "--home", "a"]).code == 2)
        #expect(try program.run(["pad", "destroy", "far", "--yes", "--home", "a"]).code == 0)
        #expect(try program.run(["pad", "seal", "file", "--pad", "far", "--message", "m", "--home", "a"]).code == 3)
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/one"))
    }
}
