import ArgumentParser
import PacketFS
import Testing

@testable import packetfs

@Suite struct ParsingTests {
    @Test(arguments: [
        "init", "peer new a --export f --allow put:/x --allow get:/y --reached-at h:1", "peer import f --name n",
        "peer list", "peer show a", "peer set a --address h:1 --max-sessions 3", "peer set a --allow put,special:/x,y",
        "peer remove a --yes",
        "serve --listen [::]:0 --max-connections 3", "send a b p:d --delete --dry-run", "get p:a p:b d --checksum",
        "status --json", "blob add a --peer p", "blob list", "blob verify", "blob trim --to 20G", "blob forget a/b",
        "plan --explain a p:", "completions zsh", "exit-codes", "send a p: --home /h --config c.json --quiet",
        "seed list", "seed list a --json", "seed move a --vault file: --no-passphrase", "seed revoke a --yes",
        "seed move a --vault keyring:user --timeout 60 --yes", "seed rotate a --export f", "seed rotate a --import f",
        "seed rotate a --export f --timeout 60",
        "seed rotate a --cancel", "seed backup a f --secret-fd 3", "seed restore f --name a --allow put:/x",
        "peer new a --export f --vault pkcs11:token=t", "peer import f --passphrase",
    ])
    func takes(_ line: String) throws {
        let command = try Root.parseAsRoot(line.split(separator: " ").map(String.init))
        #expect(!(command is Root))
    }

    @Test(arguments: [
        "send", "send a", "send a b", "send p:d", "send a :d", "send a ./b:c", "get p:a", "get a b", "get p:a q:b d",
        "peer new a", "peer set a", "peer set a --max-sessions 0", "peer set a --allow run:/x",
        "peer set a --allow put:",
        "peer set a --allow special:/x", "peer set a --allow put:/a,special:/b", "peer set a --allow put:/a,get:/b",
        "peer set a --allow put,,get:/x", "serve --max-connections 0", "serve --stop-timeout -1", "blob trim",
        "blob trim --to many", "plan a", "completions csh", "send a p: --suite rot13", "send a p: --padding some",
        "send a p: --connect-timeout -1", "frobnicate",
        "seed move a", "seed rotate a", "seed rotate a --export f --cancel", "seed rotate a --export f --keep-file",
        "seed move a --vault file: --timeout 5", "seed move a --vault file: --credential-file f", "seed backup a",
        "seed restore", "seed list --secret-fd x", "seed list --passphrase tulip",
    ])
    func refuses(_ line: String) {
        #expect(throws: (any Error).self) {
            try Root.parseAsRoot(line.split(separator: " ").map(String.init))
        }
    }

    @Test func readsEachTransferOption() throws {
        let line = [
            "send", "a", "p:", "--delete", "-n", "--keep-special-modes", "--digest", "--no-compress", "--no-match",
            "--no-learn", "--offset-only", "--exclude", "*.o", "--checksum", "--suite", "xchacha20-poly1305",
            "--padding",
            "none", "--connect-timeout", "2.5",
        ]
        let send = try #require(try Root.parseAsRoot(line) as? SendCommand)
        var options = send.coding.options(Settings())
        send.session.apply(to: &options, Settings())
        send.destination.apply(to: &options)
        #expect(options.deletes && options.isDryRun && options.keepsSpecialModes && options.digests)
        #expect(!options.compresses && !options.matches && !options.learns && options.offsetOnly && options.checksums)
        #expect(options.excludes == ["*.o"] && options.suite == .xchacha20poly1305 && options.padding == .none)
        #expect(options.connectTimeout == 2.5)
    }

    @Test func flagsComeBeforeSettings() throws {
        var settings = Settings()
        settings.compress = false
        settings.learn = false
        settings.exclude = ["*~"]
        let plain = try #require(try Root.parseAsRoot(["send", "a", "p:"]) as? SendCommand)
        #expect(!plain.coding.options(settings).compresses)
        #expect(plain.coding.options(settings).matches)
        let flagged = try #require(
            try Root.parseAsRoot(["send", "a", "p:", "--compress", "--exclude", "*.o"]) as? SendCommand
        )
        #expect(flagged.coding.options(settings).compresses)
        #expect(!flagged.coding.options(settings).learns)
        #expect(flagged.coding.options(settings).excludes == ["*~", "*.o"])
    }

    @Test func readsGrants() throws {
        let grants = try GrantArgument.adding(
            ["put:/in", "get:/out", "get:/in"].compactMap(GrantArgument.init),
            to: [Grant(root: "/first", verbs: [.get])]
        )
        #expect(
            grants == [
                Grant(root: "/first", verbs: [.get]), Grant(root: "/in", verbs: [.put, .get]),
                Grant(root: "/out", verbs: [.get]),
            ]
        )
    }

    @Test(arguments: ["in", "./in", "in/", "x/../in"])
    func givesAFolderOneSpelling(_ path: String) throws {
        let folder = try LocalPath.absolute(".")
        #expect(folder.hasPrefix("/"))
        let grants = try GrantArgument.adding(["put:" + path].compactMap(GrantArgument.init))
        #expect(grants.map(\.root) == [folder == "/" ? "/in" : folder + "/in"])
        #expect(try LocalPath.absolute("/../a//b/.") == "/a/b")
    }

    @Test(arguments: CompletionsCommand.Shell.allCases)
    func writesCompletions(_ shell: CompletionsCommand.Shell) {
        let script = CompletionsCommand.script(for: shell)
        #expect(script.contains("packetfs") && script.contains("offset-only") && script.contains("trim"))
    }

    @Test func everyCommandHasExamplesOrNeedsNone() {
        let short: Set<String> = ["list", "show", "remove", "verify", "exit-codes", "help"]
        for command in Self.commands(Root.self) where !short.contains(command.configuration.commandName ?? "") {
            #expect(command.configuration.discussion.contains("Examples:"), "\(command)")
        }
    }

    private static func commands(_ root: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
        [root] + root.configuration.subcommands.flatMap(commands)
            + root.configuration.groupedSubcommands.flatMap { $0.subcommands.flatMap(commands) }
    }
}
