import ArgumentParser
import PacketFS

/// Where a new seed goes: what the commands share that put one somewhere.
struct VaultFlags: ParsableArguments {
    @Option(
        name: .customLong("vault"),
        help: ArgumentHelp(
            "file:NAME or file:/PATH, keyring:user, keyring:session, pkcs11:… or credential:NAME. Else a place "
                + "like that of the seed before, or a file of the home.",
            valueName: "uri"
        )
    )
    var uri: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Seal the file of the seed with a passphrase, or leave it to its mode 0600 alone. Else it is asked for."
    )
    var passphrase: Bool?

    @Option(help: ArgumentHelp("Seconds after which the kernel forgets a key of keyring:.", valueName: "seconds"))
    var timeout: UInt32?

    @Option(
        help: ArgumentHelp("New file for a seed that systemd is to pass as credential:.", valueName: "file"),
        completion: .file()
    )
    var credentialFile: String?

    func validate() throws {
        // Without a vault, the place of the seed before tells.
        if timeout != nil, uri?.hasPrefix("keyring:") == false {
            throw ValidationError("--timeout goes with a keyring: vault.")
        }
        if credentialFile != nil, uri?.hasPrefix("credential:") != true {
            throw ValidationError("--credential-file goes with a credential: vault.")
        }
    }

    var keeping: SeedKeeping {
        var keeping = SeedKeeping(uri: uri)
        keeping.protection = passphrase.map { $0 ? .passphrase : .modeAlone }
        keeping.seconds = timeout ?? 0
        keeping.credentialFile = credentialFile
        return keeping
    }
}
