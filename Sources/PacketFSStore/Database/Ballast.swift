import Glibc

/// Space that is set aside in the state folder. On a full disk, giving it up lets the store open, and drop what takes space.
struct Ballast {
    private static let size = 1 << 20

    private let folder: String
    private var path: String { folder + "/ballast" }

    init(in folder: String) {
        self.folder = folder
    }

    /// Sets it aside unless it is there, or the disk is so full that somebody may just have given it up.
    func make() {
        guard free >= 2 * UInt64(Self.size) else { return }
        let file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        var status = stat()
        if fstat(file, &status) == 0, status.st_size >= off_t(Self.size) { return }
        if posix_fallocate(file, 0, off_t(Self.size)) != 0 { unlink(path) }
    }

    /// Runs `body`, and again without the ballast if that finds the disk full, or fails as it may on a disk that is.
    func spend<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        do throws(StoreError) {
            return try body()
        } catch {
            guard error == .diskFull || error.mayBeOfFullDisk, unlink(path) == 0 else { throw error }
            return try body()
        }
    }

    /// Whether there is no space for a file of a size that SQLite may need. Tried, for a file system may count as free
    /// what it gives to nobody.
    fileprivate var isNeeded: Bool {
        let trial = path + ".trial"
        let file = open(trial, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return Self.isFull(errno) }
        defer { close(file) }
        unlink(trial)
        return Self.isFull(posix_fallocate(file, 0, off_t(Self.size / 4)))
    }

    private static func isFull(_ number: Int32) -> Bool { number == ENOSPC || number == EDQUOT }

    /// Bytes that the disk says are left.
    private var free: UInt64 {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return .max }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }
}

extension StoreError {
    /// What it comes from, if that is a full disk.
    func meaning(_ ballast: Ballast) -> StoreError {
        mayBeOfFullDisk && ballast.isNeeded ? .diskFull : self
    }

    /// SQLite says in several ways that there is no space.
    fileprivate var mayBeOfFullDisk: Bool {
        switch self {
        case .inputOutput, .notWritable, .database: true
        default: false
        }
    }
}
