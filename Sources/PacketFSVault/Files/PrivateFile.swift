internal import CLinux
internal import Glibc
internal import PacketFSSecrets

/// Files that hold secrets: mode 0600, ours, plain, with one name.
enum PrivateFile {
    /// Runs `body` with the contents, which are wiped afterwards.
    ///
    /// - Throws: `malformed` if the file is longer than `bound` bytes.
    static func read<R: ~Copyable>(
        _ path: String, atMost bound: Int, _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        let file = try OpenFile(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        try file.requirePrivate()
        return try contents(of: file, atMost: bound, body)
    }

    /// The same for a credential, which systemd may have given to root, with an entry for us in its access list.
    static func readCredential<R: ~Copyable>(
        _ path: String, atMost bound: Int, _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        let file = try OpenFile(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        try file.requireCredential()
        return try contents(of: file, atMost: bound, body)
    }

    static func exists(_ path: String) throws(VaultError) -> Bool {
        var status = stat()
        if lstat(path, &status) == 0 { return true }
        guard errno == ENOENT else { throw VaultError(errno) }
        return false
    }

    /// Whether both are there and are one file.
    static func isSame(_ one: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard lstat(one, &first) == 0, lstat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    private static func contents<R: ~Copyable>(
        of file: borrowing OpenFile, atMost bound: Int, _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R
    ) throws(VaultError) -> R {
        // One byte more than allowed, so that a longer file is seen.
        return try SecretBytes.withTemporary(bound + 1) { buffer throws(VaultError) in
            let count = try file.readAll(into: buffer)
            guard count <= bound else { throw .malformed }
            return try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Makes a file that was not there, durably: written beside under a temporary name, then given its own.
    static func create(_ path: String, contents: UnsafeRawBufferPointer) throws(VaultError) {
        var name = TemporaryName.beside(path)
        clear(name)
        let file = try OpenFile(opening: name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)
        do throws(VaultError) {
            try file.write(contents)
            let result = pfs_rename_new(name, path)
            guard result == 0 else { throw VaultError(-result) }
            name = path
            try syncFolder(of: path)
        } catch {
            try? file.overwrite()
            unlink(name)
            throw error
        }
    }

    /// Overwrites and removes the file, and what a crash left of making it.
    static func destroy(_ path: String) throws(VaultError) {
        clear(TemporaryName.beside(path))
        try remove(path)
    }

    /// The same if `check` throws nothing over the contents.
    ///
    /// - Throws: `malformed` if the file is longer than `bound` bytes.
    static func destroy(
        _ path: String, atMost bound: Int, _ check: (UnsafeRawBufferPointer) throws(VaultError) -> Void
    ) throws(VaultError) {
        clear(TemporaryName.beside(path))
        try remove(path) { file throws(VaultError) in try contents(of: file, atMost: bound, check) }
    }

    /// What tells the folder of the file from every other that may stand under its name, also after a restart.
    static func identityOfFolder(of path: String) throws(VaultError) -> String {
        try OpenFile(opening: folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC).identity()
    }

    /// Throws what would keep `destroy` from its work, as far as that can be known before.
    static func requireDestroyable(_ path: String) throws(VaultError) {
        try OpenFile(opening: path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC).requirePrivate()
        guard faccessat(AT_FDCWD, folder(of: path), W_OK | X_OK, AT_EACCESS) == 0 else { throw VaultError(errno) }
    }

    /// Destroys what a crash left under a temporary name; of a file that has its own name already, this one alone.
    private static func clear(_ temporary: String) {
        do {
            try remove(temporary)
        } catch .notAPlainFile {
            unlink(temporary)
        } catch {
        }
    }

    private static func remove(
        _ path: String, _ check: (borrowing OpenFile) throws(VaultError) -> Void = { _ in }
    ) throws(VaultError) {
        let file = try OpenFile(opening: path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        try file.requirePrivate()
        try check(file)
        try file.overwrite()
        guard unlink(path) == 0 else { throw VaultError(errno) }
        try syncFolder(of: path)
    }

    private static func syncFolder(of path: String) throws(VaultError) {
        try OpenFile(opening: folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC).sync()
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }
}

extension VaultError {
    init(_ code: Int32) {
        self =
            switch code {
            case ENOENT: .notFound
            case EEXIST: .alreadyExists
            case ELOOP: .notAPlainFile
            default: .system(code)
            }
    }
}
