import Foundation
import PacketFS

/// The environment variables that PacketFS looks at.
struct Environment: Sendable {
    static let prefix = "PACKETFS_"
    private static let secretWords: Set<Substring> = ["SEED", "KEY", "SECRET", "PASSPHRASE", "PASSWORD", "PAD", "PSK"]

    var variables: [String: String]

    static var current: Environment { Environment(variables: ProcessInfo.processInfo.environment) }

    /// The values of `PACKETFS_*`, without the prefix. Throws `usage` for one whose name promises a secret: every
    /// process of the same user can read an environment, so nothing secret is ever taken from there.
    func settings() throws -> [String: String] {
        var found: [String: String] = [:]
        for (name, value) in variables where name.hasPrefix(Self.prefix) {
            guard Self.secretWords.isDisjoint(with: name.split(separator: "_")) else {
                throw PacketFSError(
                    .usage, "\(name) is set, but secrets are not taken from the environment",
                    hint: "unset it; seeds travel in files of mode 0600 (packetfs peer import)"
                )
            }
            found[String(name.dropFirst(Self.prefix.count))] = value
        }
        return found
    }

    /// `$XDG_CONFIG_HOME/packetfs/config.json`, else `~/.config/packetfs/config.json`.
    var standardSettingsFile: String {
        if let folder = variables["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return folder + "/packetfs/config.json" }
        return (variables["HOME"] ?? "/") + "/.config/packetfs/config.json"
    }
}
