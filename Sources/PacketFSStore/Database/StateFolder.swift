import Glibc

/// The folder that holds the database: private to its owner, and locked while a store opens in it.
struct StateFolder {
    static let databaseName = "state.db"

    let path: String
    var database: String { path + "/" + Self.databaseName }

    /// Makes the folder (its parents too) with mode 0700, or tightens one that is ours.
    init(path: String) throws(StoreError) {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw .notWritable }
        self.path = path
        try Self.make(path)
        try secure()
    }

    /// Runs `body` while no other process, and no other thread, opens a store here.
    func locked<Result>(
        patience: Double, _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .notWritable }
        defer { close(folder) }
        let pause: UInt32 = 5_000
        var tries = Int(patience * 1e6) / Int(pause)
        while flock(folder, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, tries > 0 else { throw .busy }
            tries -= 1
            usleep(pause)
        }
        return try body()
    }

    /// Makes the database file before SQLite does, so that it and its companions are 0600 from the first byte on.
    ///
    /// A file that stands there is never opened here: closing it would drop the locks that SQLite has on it in this
    /// process.
    func prepareDatabase() throws(StoreError) {
        let file = open(database, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if file >= 0 {
            close(file)
            return
        }
        guard errno == EEXIST else { throw errno == ENOSPC ? .diskFull : .notWritable }
        var status = stat()
        guard lstat(database, &status) == 0 else { throw .notWritable }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid() else { throw .notPrivate }
        if status.st_mode & 0o177 != 0 {
            guard chmod(database, 0o600) == 0 else { throw .notPrivate }
        }
    }

    private static func make(_ path: String) throws(StoreError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT else { throw errno == ENOSPC ? .diskFull : .notWritable }
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { throw .notWritable }
        try make(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .notWritable }
    }

    private func secure() throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { throw .notWritable }
        guard status.st_uid == geteuid(), status.st_mode & 0o1022 == 0 else { throw .notPrivate }
        guard status.st_mode & 0o077 != 0 else { return }
        // A folder that others may read is closed to them only if it is for us alone.
        guard try isOursAlone(), chmod(path, 0o700) == 0 else { throw .notPrivate }
    }

    private func isOursAlone() throws(StoreError) -> Bool {
        if access(database, F_OK) == 0 { return true }
        guard let folder = opendir(path) else { throw .notWritable }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count <= 2
    }
}
