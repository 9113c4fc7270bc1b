import ArgumentParser
import PacketFS

/// What protects a transfer besides the session's AEAD, as `--protection` names it.
enum ProtectionArgument: String, CaseIterable, ExpressibleByArgument {
    case aead
    case keystream
    case streamCipher = "stream-cipher"
    case otp
}

/// How the payloads are protected: what `send` and `get` share.
struct ProtectionFlags: ParsableArguments {
    @Option(
        help: """
            aead: the session's cipher suite. keystream: bytes of a pad, each used once, and the suite. stream-cipher: \
            XChaCha20 keyed from the seed, and the suite; computed bytes, not a pad. otp (send only): one message under \
            a one-time pad.
            """
    )
    var protection = ProtectionArgument.aead

    @Option(help: ArgumentHelp("The pad; may be left out if there is only one.", valueName: "name"))
    var pad: String?

    @Option(help: ArgumentHelp("otp: round the message's length up to a multiple of this.", valueName: "size"))
    var padTo: ByteCountArgument?

    func validate() throws {
        if padTo != nil, protection != .otp { throw ValidationError("--pad-to goes with --protection otp.") }
        if pad != nil, protection == .aead || protection == .streamCipher {
            throw ValidationError("--pad goes with --protection keystream or otp.")
        }
    }

    func apply(to options: inout SendOptions, _ context: CommandContext, _ home: Home) throws {
        switch protection {
        case .aead, .otp: options.protection = .aead
        case .streamCipher: options.protection = .streamCipher
        case .keystream: options.protection = .keystream(pad: try context.padName(pad, in: home))
        }
    }
}
