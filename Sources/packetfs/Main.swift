import ArgumentParser
import PacketFS

/// The root command; `Entry` runs it.
struct Root: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "packetfs",
        abstract: "Move files between machines that share a secret, sending only what the other side lacks.",
        discussion: """
            Two machines share a seed (a secret of 256 bits) and a blob (bytes that both hold, learned from earlier \
            transfers). The sender sends a sealed list of copies out of the blob, and only the bytes that the blob \
            lacks. The receiver rebuilds, verifies, repairs what fails, and commits each file atomically.

            Examples:
              packetfs init
              packetfs peer new harbour --export harbour.seed
              packetfs serve --listen '[::]:4747'
              packetfs send ./release/ harbour:incoming/release
              packetfs status
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(name: "Set up", subcommands: [InitCommand.self, PeerCommand.self, SeedCommand.self]),
            CommandGroup(
                name: "Move files",
                subcommands: [SendCommand.self, GetCommand.self, ServeCommand.self, PlanCommand.self]
            ),
            CommandGroup(name: "Carry pads", subcommands: [PadCommand.self]),
            CommandGroup(name: "Look after", subcommands: [StatusCommand.self, BlobCommand.self, DoctorCommand.self]),
            CommandGroup(name: "Help", subcommands: [ExitCodesCommand.self, CompletionsCommand.self]),
        ]
    )
}

@main enum Entry {
    static func main() async {
        ProcessGuard.keepFreedMemory()
        if !ProcessGuard.harden() {
            Console.error.write("packetfs: warning: not all that keeps memory out of core dumps could be had")
        }
        refuseForeignArguments()
        do {
            var command = try Root.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            leave(after: error)
        }
    }

    /// What is named on the command line is text. Else it would be read as another name, of no file or of a wrong one.
    private static func refuseForeignArguments() {
        for number in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[number], String(validatingCString: argument) == nil else {
                continue
            }
            Console.error.write(
                "packetfs: argument \(number) is not UTF-8; files of such names travel with the folder that holds them")
            Root.exit(withError: ExitCode(ExitStatus.code(for: .usage)))
        }
    }

    /// Help and version requests leave with 0, what the parser refuses with the code of `usage`.
    private static func leave(after error: any Error) -> Never {
        if let code = error as? ExitCode { Root.exit(withError: code) }
        guard Root.exitCode(for: error) != .success else { Root.exit(withError: error) }
        Console.error.write(Root.fullMessage(for: error))
        Root.exit(withError: ExitCode(ExitStatus.code(for: .usage)))
    }
}
