import Foundation
import PacketFS

/// Paths on this machine, as they were typed.
enum LocalPath {
    /// The path from the root on. Symbolic links are left as they are. Throws `usage` for an empty one.
    static func absolute(_ path: String) throws -> String {
        guard !path.isEmpty else { throw PacketFSError(.usage, "a path is empty") }
        guard !path.hasPrefix("/") else { return path }
        return FileManager.default.currentDirectoryPath + "/" + path
    }
}
