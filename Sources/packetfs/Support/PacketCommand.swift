import ArgumentParser
import PacketFS

/// A command that runs in a context, and whose errors become a message and an exit code.
protocol PacketCommand: AsyncParsableCommand {
    var common: CommonOptions { get }

    func run(in context: CommandContext) async throws
}

extension PacketCommand {
    func run() async throws {
        let output = common.output
        do {
            try await run(in: CommandContext(common, output: output))
        } catch let code as ExitCode {
            throw code
        } catch {
            let failure = Self.failure(error)
            output.failure(failure)
            throw ExitCode(ExitStatus.code(for: failure.code))
        }
    }

    private static func failure(_ error: any Error) -> PacketFSError {
        switch error {
        case let error as PacketFSError: error
        case is CancellationError: PacketFSError(.interrupted, "interrupted")
        default: PacketFSError(.internal, "an error that no part of PacketFS explained: \(error)", cause: error)
        }
    }
}

/// What every command works with.
struct CommandContext: Sendable {
    let output: Output
    let settings: Settings
    let location: HomeLocation
    private let mayBeSwapped: Bool
    private let secrets: SecretAnswering?

    init(_ common: CommonOptions, output: Output) async throws {
        self.output = output
        secrets = try Secrets.source(descriptor: common.secretFd)
        let environment = Environment.current
        settings = try await Settings.load(file: common.config, environment: environment)
        mayBeSwapped = common.allowSecretsInSwap || settings.allowSecretsInSwap == true
        if let folder = common.home ?? settings.home {
            location = HomeLocation(folder: try LocalPath.absolute(folder))
        } else {
            location = .standard(environment: environment.variables)
        }
    }

    /// Opens the home; on a full disk only where the command `makesRoom`.
    func home(_ residency: BlobResidency = BlobResidency(), makesRoom: Bool = false) throws -> Home {
        try requireLockedMemory()
        let error = output.error
        return try Home.open(at: location, residency: residency, answering: secrets, makesRoom: makesRoom) {
            error.write("packetfs: warning: \($0)")
        }
    }

    /// To be called before anything secret is touched.
    func requireLockedMemory() throws {
        guard !mayBeSwapped else { return ProcessGuard.allowSecretsInSwap() }
        try ProcessGuard.requireLockedMemory()
    }
}
