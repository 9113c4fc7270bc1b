import Foundation
import PacketFSTestKit
import Testing

/// Seeds, as a shell sees them.
@Suite struct SeedProgramTests {
    private static let hasKeyrings = FileManager.default.contents(atPath: "/proc/keys")?.isEmpty == false

    /// Two homes that share a seed.
    private func pair() throws -> Program {
        let program = try Program()
        for home in ["a", "b"] { _ = try program.run(["init", "--home", home]) }
        _ = try program.run(["peer", "new", "b", "--export", "seed", "--home", "a"])
        _ = try program.run(["peer", "import", "seed", "--name", "a", "--home", "b"])
        return program
    }

    private func seeds(_ program: Program, _ home: String) throws -> [[String: Any]] {
        try program.run(["seed", "list", "--home", home, "--json"]).events.filter { $0["event"] as? String == "seed" }
    }

    private func vault(_ program: Program, _ home: String = "a") throws -> String? {
        try seeds(program, home).first?["vault"] as? String
    }

    /// A file that cannot be destroyed, as on a stick that may only be read, is not taken in, unless it is to stay.
    @Test(arguments: ["peer import", "seed rotate"])
    func whatCannotBeDestroyedIsNotTakenIn(_ command: String) throws {
        let program = try (command == "seed rotate" ? pair() : Program())
        for home in ["a", "b"] { _ = try program.run(["init", "--home", home]) }
        try FileManager.default.createDirectory(atPath: program.folder + "/stick", withIntermediateDirectories: true)
        let made = command == "seed rotate" ? ["seed", "rotate", "b"] : ["peer", "new", "b"]
        #expect(try program.run(made + ["--export", "stick/new", "--home", "a"]).code == 0)
        let file = try Data(contentsOf: URL(filePath: program.folder + "/stick/new"))
        let taking =
            command == "seed rotate" ? ["seed", "rotate", "a", "--import"] : ["peer", "import", "--name", "a"]
        let taken = taking + ["stick/new", "--home", "b"]
        try program.setMode(0o500, of: "stick")
        defer { try? program.setMode(0o700, of: "stick") }
        let refused = try program.run(taken, through: Program.bound)
        #expect(refused.code == 3)
        #expect(refused.error.contains("'stick/new' cannot be destroyed: Permission denied"))
        #expect(refused.error.contains("--keep-file"))
        #expect(try Data(contentsOf: URL(filePath: program.folder + "/stick/new")) == file)
        #expect(try seeds(program, "b").count == (command == "seed rotate" ? 1 : 0))
        #expect(try program.run(taken + ["--keep-file"], through: Program.bound).code == 0)
    }

    /// NFS, for one, renames to no name that must be free.
    @Test(.enabled(if: RefusedCall.isPossible, "skipped: Python is not installed"))
    func seedsAreKeptWhereTheFileSystemRenamesOtherwise() throws {
        let program = try Program()
        let starter = RefusedCall.renamingToNew.starter
        for home in ["a", "b"] { _ = try program.run(["init", "--home", home]) }
        #expect(try program.run(["peer", "new", "b", "--export", "seed", "--home", "a"], through: starter).code == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: program.folder).sorted() == ["a", "b", "seed"])
        #expect(try program.run(["peer", "import", "seed", "--name", "a", "--home", "b"], through: starter).code == 0)
        #expect(try program.run(["seed", "move", "b", "--vault", "file:x", "--home", "a"], through: starter).code == 0)
        let folder = program.folder + "/a/state/seeds"
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["lock", "x"])
        let revoked = try program.run(["seed", "revoke", "b", "--yes", "--json", "--home", "a"], through: starter)
        #expect(!revoked.events.contains { $0["event"] as? String == "abandoned" })
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["lock"])
    }

    /// The path, the deed and the reason; where nothing is there, no backup helps.
    @Test func messagesNameTheFile() throws {
        let program = try pair()
        let missing = ["peer import x/s --name c", "seed rotate b --import x/s", "seed restore x/s"]
        let unmade = [
            "peer new c --export x/s", "seed rotate b --export x/s", "seed move b --vault file:/x/s --no-passphrase",
            "seed move b --vault credential:c --credential-file x/s --yes",
        ]
        for (lines, deed) in [(missing, "read"), (unmade, "made")] {
            for line in lines {
                let outcome = try program.run(line.split(separator: " ").map(String.init) + ["--home", "a"])
                #expect(outcome.code == 3, "\(line)")
                #expect(outcome.error.contains("x/s' cannot be \(deed): No such file or directory"), "\(line)")
                #expect(!outcome.error.contains("seed restore"), "\(line)")
            }
        }
        let backup = ["seed", "backup", "b", "x/s", "--secret-fd", "0", "--home", "a"]
        #expect(try program.run(backup, input: "tulip mania").error.contains("'x/s' cannot be made: No such file"))
        let new = ["peer", "new", "c", "--export", "s", "--home", "a"]
        try FileManager.default.createDirectory(atPath: program.folder + "/s", withIntermediateDirectories: true)
        #expect(try program.run(new).error.contains("'s' is there already"))
    }

    @Test func aPassphraseComesFromADescriptorAndNothingElse() throws {
        let program = try pair()
        let move = ["seed", "move", "b", "--vault", "file:", "--passphrase", "--home", "a", "--json"]
        let nobody = try program.run(move)
        #expect(nobody.code == 3)
        #expect(nobody.error.contains("--secret-fd"))
        #expect(try program.run(move + ["--secret-fd", "0"], input: "").code == 3)
        #expect(try program.run(move + ["--secret-fd", "999"]).code == 2)
        #expect(try program.run(move + ["--secret-fd", "0"], input: "tulip mania\n").code == 0)
        let uri = try #require(try vault(program))
        let file = try Data(contentsOf: URL(filePath: program.folder + "/a/state/seeds/" + uri.dropFirst(5)))
        #expect(file.starts(with: Array("PFSSEAL".utf8)))
        let back = ["seed", "move", "b", "--vault", "file:", "--no-passphrase", "--home", "a"]
        #expect(try program.run(back + ["--secret-fd", "0"], input: "tulip\n").code == 3)
        #expect(try program.run(back + ["--secret-fd", "0"], input: "tulip mania").code == 0)
    }

    @Test func whereNobodyCanBeAskedAFileIsUnderItsModeAlone() throws {
        let program = try pair()
        let uri = try #require(try vault(program))
        let file = try Data(contentsOf: URL(filePath: program.folder + "/a/state/seeds/" + uri.dropFirst(5)))
        #expect(file.starts(with: Array("PFSSEED".utf8)) && file.count == 40)
        #expect(try program.run(["peer", "new", "c", "--export", "d", "--passphrase", "--home", "a"]).code == 3)
        #expect(try program.run(["peer", "show", "c", "--home", "a"]).code == 4)
    }

    /// After a leak: there is no place any more like which the new seed could be kept, so somebody is asked.
    @Test func aSeedAfterARevocationIsSealedAsIsSaid() throws {
        let program = try pair()
        #expect(try program.run(["seed", "revoke", "b", "--yes", "--home", "a"]).code == 0)
        let rotate = ["seed", "rotate", "b", "--export", "new", "--secret-fd", "0", "--home", "a"]
        #expect(try program.run(rotate, input: "tulip mania\n").code == 0)
        let uri = try #require(try vault(program))
        let file = try Data(contentsOf: URL(filePath: program.folder + "/a/state/seeds/" + uri.dropFirst(5)))
        #expect(file.starts(with: Array("PFSSEAL".utf8)))
    }

    @Test(.enabled(if: Self.hasKeyrings, "skipped: no keyrings here"))
    func aKeyAfterAnotherHasTheTimeThatIsSaid() throws {
        let program = try pair()
        let first = "keyring:user/packetfs-test-\(UUID().uuidString)"
        #expect(try program.run(["seed", "move", "b", "--vault", first, "--yes", "--home", "a"]).code == 0)
        defer { _ = try? program.run(["seed", "revoke", "b", "--yes", "--home", "a"]) }
        #expect(
            try program.run(["seed", "rotate", "b", "--export", "new", "--timeout", "3600", "--home", "a"]).code == 0)
        let name = try #require(seeds(program, "a").last?["vault"] as? String).dropFirst("keyring:user/".count)
        let keys = try KernelFile.text("/proc/keys")
        let key = try #require(keys.split(separator: "\n").first { $0.contains(name) })
        #expect(key.split(separator: " ")[3] != "perm", "\(key)")
    }

    @Test func aRotationGoesThroughATransfer() throws {
        let pair = try Pair()
        try pair.write(1000, to: "file")
        let program = pair.program
        #expect(try program.run(["seed", "rotate", "b", "--export", "new", "--home", "a"]).code == 0)
        #expect(try seeds(program, "a").map { $0["state"] as? String } == ["current", "next"])
        #expect(try pair.run(["send", "file", "b:one"]).code == 0)
        #expect(try seeds(program, "a").count == 2)
        #expect(try program.run(["seed", "rotate", "a", "--import", "new", "--home", "b"]).code == 0)
        #expect(!pair.exists("new"))
        #expect(try pair.run(["send", "file", "b:two"]).code == 0)
        for home in ["a", "b"] {
            let left = try seeds(program, home)
            #expect(left.count == 1 && left.first?["generation"] as? Int == 1)
        }
        #expect(
            try seeds(program, "a").first?["fingerprint"] as? String
                == seeds(program, "b").first?["fingerprint"] as? String)
        #expect(try pair.run(["send", "file", "b:three"]).code == 0)
        #expect(pair.areEqual("file", "there/three"))
    }

    @Test func revokingEndsASessionThatIsOpen() throws {
        let pair = try Pair()
        try pair.write(200_000_000, to: "file")
        let sending = try pair.program.started(["send", "file", "b:", "--json", "--no-learn", "--home", "a"])
        try #require(sending.wait(for: "progress") { ($0["bytes_done"] as? Int ?? 0) > 4_000_000 } != nil)
        // Held, so that the transfer cannot be over before the seed is gone.
        sending.signal(SIGSTOP)
        let revoked = try pair.program.run(["seed", "revoke", "a", "--yes", "--home", "b", "--json"])
        #expect(revoked.events.last?["seeds"] as? Int == 1)
        #expect(try pair.program.run(["peer", "show", "a", "--home", "b"]).output.contains("revoked"))
        // Another seed, at once, makes the revoked one no better.
        #expect(try pair.program.run(["seed", "rotate", "a", "--export", "new", "--home", "b"]).code == 0)
        let failed = try #require(pair.server.wait(for: "error"))
        #expect(failed["code"] as? String == "refused")
        sending.signal(SIGCONT)
        #expect(sending.outcome().code != 0)
        #expect(!pair.exists("there/file"))
        #expect(try pair.run(["send", "file", "b:"]).code == 6)
        #expect(try pair.program.run(["seed", "revoke", "b", "--home", "a"]).code == 2)
    }

    @Test func aBackupTakesAHomeToAnotherMachine() throws {
        let program = try pair()
        let before = try #require(try seeds(program, "a").first?["fingerprint"] as? String)
        let backup = ["seed", "backup", "b", "safe", "--home", "a"]
        #expect(try program.run(backup).code == 3)
        #expect(try program.run(backup + ["--secret-fd", "0"], input: "tulip\n").code == 0)
        #expect(try program.run(backup + ["--secret-fd", "0"], input: "tulip\n").code == 3)
        _ = try program.run(["init", "--home", "new"])
        let restore = ["seed", "restore", "safe", "--home", "new", "--no-passphrase", "--json", "--secret-fd", "0"]
        #expect(try program.run(restore, input: "rose\n").code == 3)
        let restored = try program.run(restore + ["--allow", "put:in"], input: "tulip\n")
        #expect(restored.code == 0)
        #expect(restored.events.last?["fingerprint"] as? String == before)
        #expect(restored.events.last?["name"] as? String == "b")
    }

    @Test func aCredentialIsReadWhereSystemdPutsIt() throws {
        let program = try pair()
        let folder = program.folder + "/credentials"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let move = [
            "seed", "move", "b", "--vault", "credential:packetfs.b", "--credential-file", folder + "/packetfs.b",
            "--home", "a",
        ]
        #expect(try program.run(move).code == 2)
        #expect(try program.run(move + ["--yes"]).code == 0)
        #expect(try vault(program) == "credential:packetfs.b")
        let backup = ["seed", "backup", "b", "safe", "--home", "a", "--secret-fd", "0"]
        #expect(try program.run(backup, input: "x\n").code == 3)
        #expect(try program.run(backup, input: "x\n", environment: ["CREDENTIALS_DIRECTORY": folder]).code == 0)
    }

    /// Not only the seed goes, but the keys that a server made of it.
    @Test(.enabled(if: Self.hasKeyrings, "skipped: no keyrings here"))
    func aServerForgetsWhatTheKernelForgets() throws {
        let pair = try Pair()
        try pair.write(1000, to: "file")
        let vault = "keyring:user/packetfs-test-\(UUID().uuidString)"
        let move = ["seed", "move", "a", "--vault", vault, "--timeout", "15", "--yes", "--home", "b"]
        #expect(try pair.program.run(move).code == 0)
        #expect(try pair.run(["send", "file", "b:one"]).code == 0)
        Thread.sleep(forTimeInterval: 15.5)
        #expect(try pair.run(["send", "file", "b:two"]).code == 6)
        #expect(!pair.exists("there/two"))
    }

    @Test(.enabled(if: SoftToken.isThere, "skipped: SoftHSM2 is not installed (scripts/bootstrap --tests)"))
    func aTransferGoesWithTheSeedInAToken() throws {
        let pair = try Pair()
        try pair.write(1000, to: "file")
        let token = try SoftToken(in: pair.program.folder)
        let move = ["seed", "move", "b", "--vault", token.uri(object: "ship"), "--yes", "--home", "a"]
        #expect(try pair.program.run(move + ["--secret-fd", "0"], input: "", environment: token.environment).code == 3)
        let moved = try pair.program.run(
            move + ["--secret-fd", "0"], input: "1234\n", environment: token.environment)
        #expect(moved.code == 0)
        #expect(try vault(pair.program) == token.uri(object: "ship"))
        let send = ["send", "file", "b:", "--home", "a"]
        #expect(try pair.program.run(send, environment: token.environment).code == 3)
        #expect(
            try pair.program.run(send + ["--secret-fd", "0"], input: "9999\n", environment: token.environment).code == 3
        )
        #expect(
            try pair.program.run(send + ["--secret-fd", "0"], input: "1234\n", environment: token.environment).code == 0
        )
        #expect(pair.areEqual("file", "there/file"))
        let backup = ["seed", "backup", "b", "safe", "--home", "a", "--secret-fd", "0"]
        #expect(try pair.program.run(backup, input: "1234\n", environment: token.environment).code == 7)
        // The next one goes into the same token.
        let rotate = ["seed", "rotate", "b", "--export", "new", "--home", "a", "--secret-fd", "0"]
        #expect(try pair.program.run(rotate, input: "1234\n", environment: token.environment).code == 0)
        let vaults = try seeds(pair.program, "a").compactMap { $0["vault"] as? String }
        #expect(vaults.count == 2 && vaults.allSatisfy { $0.hasPrefix("pkcs11:") && $0.contains("token=packetfs") })
        #expect(try pair.program.run(["seed", "rotate", "a", "--import", "new", "--home", "b"]).code == 0)
        #expect(
            try pair.program.run(send + ["--secret-fd", "0"], input: "1234\n", environment: token.environment).code == 0
        )
        // The old one goes when somebody gives the PIN again.
        let list = ["seed", "list", "--home", "a", "--json"]
        #expect(abandoned(try pair.program.run(list, environment: token.environment)) == 1)
        let named = list + ["--secret-fd", "0"]
        #expect(abandoned(try pair.program.run(named, input: "1234\n", environment: token.environment)) == 0)
    }

    private func abandoned(_ outcome: Program.Outcome) -> Int {
        outcome.events.count { $0["event"] as? String == "abandoned" }
    }

    /// Nobody takes a seed for destroyed that lies on a stick in a drawer.
    @Test(arguments: [
        "peer remove b --yes", "seed revoke b --yes", "seed backup c safe", "seed rotate c --export next",
    ])
    func whatIsStillToBeDestroyedIsSaid(_ command: String) throws {
        for options in [[], ["--quiet"], ["--json"], ["--json", "--quiet"]] {
            let program = try pair()
            func run(_ words: [String], _ input: String = "") throws -> Program.Outcome {
                try program.run(words + ["--secret-fd", "0", "--home", "a"], input: input)
            }
            let (stick, away) = (program.folder + "/stick", program.folder + "/away")
            try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
            #expect(try run(["peer", "new", "c", "--export", "half", "--no-passphrase"]).code == 0)
            #expect(try run(["seed", "move", "b", "--vault", "file:\(stick)/seed", "--no-passphrase"]).code == 0)
            try FileManager.default.moveItem(atPath: stick, toPath: away)
            if !command.contains("b --yes") { #expect(try run(["seed", "revoke", "b", "--yes"]).code == 0) }
            let outcome = try run(command.split(separator: " ").map(String.init) + options, "rose\n")
            #expect(outcome.code == 0, "\(outcome.error)")
            #expect(abandoned(outcome) == (options.contains("--json") ? 1 : 0), "\(options)")
            let isSaid = outcome.error.contains("still to be destroyed: file:\(stick)/seed")
            #expect(isSaid != options.contains("--json"), "\(options): \(outcome.error)")
        }
    }

    @Test(.enabled(if: SoftToken.isThere, "skipped: SoftHSM2 is not installed (scripts/bootstrap --tests)"))
    func aSeedInATokenThatIsAwayIsDestroyedWhenItIsBack() throws {
        let program = try pair()
        let token = try SoftToken(in: program.folder)
        let move = ["seed", "move", "b", "--vault", token.uri(object: "ship"), "--yes", "--home", "a"]
        let given = ["--secret-fd", "0"]
        #expect(try program.run(move + given, input: "1234\n", environment: token.environment).code == 0)
        #expect(try token.objects() == 1)
        try token.unplug()
        let revoke = ["seed", "revoke", "b", "--yes", "--json", "--home", "a"]
        #expect(abandoned(try program.run(revoke + given, input: "1234\n", environment: token.environment)) == 1)
        try token.plugIn()
        let list = ["seed", "list", "--home", "a", "--json"]
        #expect(abandoned(try program.run(list + given, input: "1234\n", environment: token.environment)) == 0)
        #expect(try token.objects() == 0)
    }

    /// Answers go to the command's own questions, and a passphrase to no token as its PIN.
    @Test(.enabled(if: SoftToken.isThere, "skipped: SoftHSM2 is not installed (scripts/bootstrap --tests)"))
    func whatIsStillToBeDestroyedTakesNoAnswers() throws {
        let program = try pair()
        let token = try SoftToken(in: program.folder)
        func run(_ arguments: [String], _ input: String) throws -> Program.Outcome {
            try program.run(
                arguments + ["--secret-fd", "0", "--json", "--home", "a"], input: input, environment: token.environment)
        }
        #expect(try run(["seed", "move", "b", "--vault", token.uri(object: "ship"), "--yes"], "1234\n").code == 0)
        // That of the command itself is asked for.
        #expect(abandoned(try run(["seed", "revoke", "b", "--yes"], "")) == 1)
        #expect(try run(["peer", "new", "c", "--export", "new"], "\n").code == 0)
        #expect(try run(["seed", "move", "c", "--vault", "file:", "--passphrase"], "tulip mania\nrose\n").code == 0)
        #expect(try run(["seed", "backup", "c", "safe"], "tulip mania\nrose\n").code == 0)
        #expect(abandoned(try run(["seed", "rotate", "b", "--export", "next"], "1234\n")) == 1)
        #expect(try token.objects() == 1)
        let again = ["seed", "move", "b", "--vault", token.uri(object: "boat"), "--yes"]
        #expect(try run(again, "1234\n").code == 0)
        #expect(abandoned(try run(["seed", "revoke", "b", "--yes"], "1234\n")) == 1)
        #expect(try token.objects() == 1)
        #expect(abandoned(try run(["seed", "list"], "1234\n")) == 0)
        #expect(try token.objects() == 0)
    }

    /// Runs a program in a session of its own.
    private static let joining = """
        ctypes, os, sys = map(__import__, ("ctypes", "os", "sys"))
        keyctl = 250 if os.uname().machine == "x86_64" else 219
        if ctypes.CDLL(None).syscall(keyctl, 1, None) < 0: sys.exit("no session")
        os.execvp(sys.argv[1], sys.argv[1:])
        """

    @Test(
        .enabled(
            if: RefusedCall.isPossible && Self.hasKeyrings, "skipped: no keyrings, or no Python, here"))
    func aSeedInTheKeyringOfAnotherLoginIsLeftToIt() throws {
        let program = try pair()
        let other = ["python3", "-c", Self.joining]
        let name = "packetfs-test-\(UUID().uuidString)"
        func isThere() throws -> Bool { try KernelFile.text("/proc/keys").contains(name) }
        let move = ["seed", "move", "b", "--vault", "keyring:session/" + name, "--yes", "--home", "a"]
        #expect(try program.run(move).code == 0)
        try #require(try isThere())
        let revoke = ["seed", "revoke", "b", "--yes", "--json", "--home", "a"]
        #expect(abandoned(try program.run(revoke, through: other)) == 1)
        #expect(try isThere())
        let list = ["seed", "list", "--json", "--home", "a"]
        #expect(abandoned(try program.run(list)) == 0)
        #expect(try !isThere())
        // That of a login which is over went with it, as soon as the kernel has tidied up.
        let rotate = ["seed", "rotate", "b", "--export", "new", "--vault", "keyring:session", "--home", "a"]
        #expect(try program.run(rotate, through: other).code == 0)
        #expect(try program.run(revoke).code == 0)
        let isForgotten = try (0..<100).contains { _ in try abandoned(program.run(list)) == 0 }
        #expect(isForgotten)
    }

    @Test(arguments: [
        "file:a/b", "keyring:group/x", "pkcs11:token=t", "pkcs11:object=o?module-path=/m&pin-value=1234", "ssh:x",
    ])
    func whatNamesNoVaultIsUsage(_ uri: String) throws {
        let program = try pair()
        #expect(try program.run(["seed", "move", "b", "--vault", uri, "--yes", "--home", "a"]).code == 2)
        #expect(try vault(program)?.hasPrefix("file:") == true)
    }
}
