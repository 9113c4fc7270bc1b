internal import Glibc

/// A folder of pads, ledgers or messages.
package enum Folder {
    /// What is in it; nothing if it is not there.
    package static func names(in path: String) throws(PadError) -> [String] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw PadError(errno: errno)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }
}
