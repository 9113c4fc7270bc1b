import Foundation
import PacketFS

/// Paths on this machine, as they were typed.
enum LocalPath {
    /// The path from the root on, with `.` and `..` resolved by name, so that one folder has one spelling. Symbolic
    /// links are left as they are. Throws `usage` for an empty one.
    static func absolute(_ path: String) throws -> String {
        guard !path.isEmpty else { throw PacketFSError(.usage, "a path is empty") }
        let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        var components: [Substring] = []
        for component in full.split(separator: "/") where component != "." {
            if component == ".." { _ = components.popLast() } else { components.append(component) }
        }
        return "/" + components.joined(separator: "/")
    }
}
