import ArgumentParser

/// Options that every command has.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folder of the home; else PACKETFS_HOME, the setting 'home', or the XDG state and data folders.",
            valueName: "dir"
        ),
        completion: .directory
    )
    var home: String?

    @Option(
        help: ArgumentHelp(
            "Settings file; else PACKETFS_CONFIG, or packetfs/config.json in the XDG configuration folder.",
            valueName: "file"
        ),
        completion: .file(extensions: ["json"])
    )
    var config: String?

    @Option(
        help: ArgumentHelp(
            "File descriptor with passphrases and PINs, one a line in the order in which they are needed; the last one "
                + "answers all that follow. Else they are asked for on the terminal.",
            valueName: "number"
        )
    )
    var secretFd: Int32?

    @Flag(help: "Write events to standard output, one JSON object a line.")
    var json = false

    @Flag(name: .shortAndLong, help: "Show errors and warnings only.")
    var quiet = false

    @Flag(help: "Run even if keys and pads cannot be locked into memory and may be swapped out.")
    var allowSecretsInSwap = false

    var output: Output { Output(isJSON: json, isQuiet: quiet) }
}
