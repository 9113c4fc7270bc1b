import Glibc

/// Folders as the system gives them: a simulation lists, copies and removes some thousands in a second.
package enum Folder {
    /// The names in a folder; none where there is no folder, or a link to one.
    package static func names(in path: String) -> [String] {
        let file = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0, let folder = fdopendir(file) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(entry.pointee.d_reclen)) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Copies files and folders with their modes; `target` must not exist.
    static func copy(_ source: String, to target: String) throws(SystemFault) {
        let status = try status(of: source)
        guard status.st_mode & S_IFMT == S_IFDIR else { return try copyFile(source, to: target, status) }
        guard mkdir(target, status.st_mode & 0o7777) == 0 else { throw SystemFault() }
        for name in names(in: source) { try copy("\(source)/\(name)", to: "\(target)/\(name)") }
    }

    /// Removes what stands at a path, if anything does.
    static func remove(_ path: String) throws(SystemFault) {
        if unlink(path) == 0 || errno == ENOENT { return }
        for name in names(in: path) { try remove("\(path)/\(name)") }
        guard rmdir(path) == 0 else { throw SystemFault() }
    }

    private static func status(of path: String) throws(SystemFault) -> stat {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw SystemFault() }
        return status
    }

    private static func copyFile(_ source: String, to target: String, _ status: stat) throws(SystemFault) {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        defer { close(input) }
        let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, status.st_mode & 0o7777)
        defer { close(output) }
        var left = Int(status.st_size)
        while left > 0 {
            let count = sendfile(output, input, nil, left)
            guard count > 0 else { throw SystemFault() }
            left -= count
        }
        guard input >= 0, output >= 0 else { throw SystemFault() }
    }
}

/// A call that the system refused.
struct SystemFault: Error {
    let number = errno
}
