import Glibc

/// Folders that only we may enter.
enum PrivateFolder {
    /// Makes the folder with mode 0700, and its parents as they come, or checks the one that is there.
    static func make(_ path: String) throws {
        var missing: [String] = []
        var current = path
        while mkdir(current, 0o700) != 0 {
            if errno == EEXIST { break }
            guard errno == ENOENT, let slash = current.lastIndex(of: "/"), slash != current.startIndex else {
                throw PacketFSError(.state, "the folder \(current) cannot be made: \(String(cString: strerror(errno)))")
            }
            missing.append(current)
            current = String(current[..<slash])
        }
        for folder in missing.reversed() where mkdir(folder, 0o700) != 0 && errno != EEXIST {
            throw PacketFSError(.state, "the folder \(folder) cannot be made: \(String(cString: strerror(errno)))")
        }
        try check(path)
    }

    static func check(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw PacketFSError(.state, "\(path) is not a folder")
        }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw PacketFSError(
                .state, "\(path) is open to other users", hint: "chown it to yourself and chmod it to 0700")
        }
    }

    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Removes a folder of plain files.
    static func remove(_ path: String) {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            unlink(path + "/" + name)
        }
        closedir(folder)
        rmdir(path)
    }
}
