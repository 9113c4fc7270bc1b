import Glibc

/// Paths of this machine as a user writes them.
enum LocalPath {
    /// Absolute, with `.` and `..` resolved by name; a trailing `/` is kept.
    static func absolute(_ path: String) -> String {
        let full = path.hasPrefix("/") ? path : currentFolder + "/" + path
        var components: [Substring] = []
        for component in full.split(separator: "/") where component != "." {
            if component == ".." { _ = components.popLast() } else { components.append(component) }
        }
        return "/" + components.joined(separator: "/") + (path.hasSuffix("/") && !components.isEmpty ? "/" : "")
    }

    private static var currentFolder: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}
