import Foundation
import Testing

/// Passphrases that a person types.
@Suite(
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script"),
        "skipped: there is no script(1) to make a terminal with"))
struct TerminalTests {
    private func program() throws -> Program {
        let program = try Program()
        _ = try program.run(["init", "--home", "a"])
        return program
    }

    private func magic(_ program: Program) throws -> String? {
        let seeds = program.folder + "/a/state/seeds"
        let name = try FileManager.default.contentsOfDirectory(atPath: seeds).first { $0.hasSuffix(".seed") }
        return try name.map {
            String(decoding: try Data(contentsOf: URL(filePath: seeds + "/" + $0)).prefix(7), as: UTF8.self)
        }
    }

    @Test func aPassphraseIsTypedTwiceAndNeverShown() throws {
        let program = try program()
        let terminal = try Terminal(program, ["peer", "new", "b", "--export", "half", "--home", "a"])
        #expect(try terminal.type("tulip mania", after: "protects it): "))
        #expect(try terminal.type("tulip manic", after: "again: "))
        #expect(try terminal.type("tulip mania", after: "protects it): "))
        #expect(try terminal.type("tulxx\u{7f}\u{7f}ip mania", after: "again: "))
        #expect(terminal.end() == 0)
        #expect(terminal.shown.contains("They differ."))
        #expect(!terminal.shown.contains("tul"))
        #expect(try magic(program) == "PFSSEAL")
        let opened = try program.run(
            ["seed", "backup", "b", "safe", "--home", "a", "--secret-fd", "0"], input: "tulip mania\n")
        #expect(opened.code == 0)
    }

    @Test func anEmptyAnswerLeavesTheFileUnderItsMode() throws {
        let program = try program()
        let terminal = try Terminal(program, ["peer", "new", "b", "--export", "half", "--home", "a"])
        #expect(try terminal.type("", after: "protects it): "))
        #expect(terminal.end() == 0)
        #expect(try magic(program) == "PFSSEED")
    }

    @Test func controlCAtAPromptLeavesNothingBehind() throws {
        let program = try program()
        let terminal = try Terminal(program, ["peer", "new", "b", "--export", "half", "--home", "a"])
        #expect(try terminal.type("tul\u{3}", after: "protects it): "))
        #expect(terminal.end() == 130)
        #expect(try magic(program) == nil)
        #expect(try program.run(["peer", "show", "b", "--home", "a"]).code == 4)
    }
}
