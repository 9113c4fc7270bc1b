import ArgumentParser

struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Write the completion script of a shell to standard output.",
        discussion: """
            Examples:
              packetfs completions bash > ~/.local/share/bash-completion/completions/packetfs
              packetfs completions zsh > "${fpath[1]}/_packetfs"
              packetfs completions fish > ~/.config/fish/completions/packetfs.fish
            """
    )

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash
        case zsh
        case fish
    }

    @Argument(help: "The shell.")
    var shell: Shell

    func run() {
        Console.output.write(Self.script(for: shell))
    }

    static func script(for shell: Shell) -> String {
        switch shell {
        case .bash: Root.completionScript(for: .bash)
        case .zsh: Root.completionScript(for: .zsh)
        case .fish: Root.completionScript(for: .fish)
        }
    }
}
