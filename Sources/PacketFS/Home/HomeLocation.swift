/// Where a home keeps its files. Everything is 0700 and 0600.
public struct HomeLocation: Sendable, Equatable {
    /// Folder of identity, peers, seeds, journals and stat caches.
    public var state: String
    /// Folder of the blob: logs and indexes.
    public var data: String

    /// A home in two given folders.
    public init(state: String, data: String) {
        self.state = state
        self.data = data
    }

    /// A home that lies in one folder.
    public init(folder: String) {
        self.init(state: folder + "/state", data: folder + "/data")
    }

    /// The XDG base folders: `$XDG_STATE_HOME/packetfs` (else `~/.local/state/packetfs`) and
    /// `$XDG_DATA_HOME/packetfs` (else `~/.local/share/packetfs`). Relative values are ignored, as the XDG
    /// specification says.
    public static func standard(environment: [String: String]) -> HomeLocation {
        let home = environment["HOME"] ?? "/"
        func base(_ name: String, _ fallback: String) -> String {
            if let value = environment[name], value.hasPrefix("/") { value } else { home + fallback }
        }
        return HomeLocation(
            state: base("XDG_STATE_HOME", "/.local/state") + "/packetfs",
            data: base("XDG_DATA_HOME", "/.local/share") + "/packetfs"
        )
    }
}
