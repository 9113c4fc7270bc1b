import CLinux
import Glibc
import PacketFSWire

/// Every call by which this room changes a disk, each behind the gate.
struct FileCalls {
    let gate: any WriteGate

    /// Makes a new file that only we may read or write. A file of this name that is already there is removed first.
    func create(_ name: Name, in folder: Folder) throws(FileFault) -> OpenFile {
        try gate.pass(.create)
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW
        let made = name.withCString { pfs_openat(folder.descriptor, $0, flags, 0o600) }
        guard made == -EEXIST else { return OpenFile(try checkShim(made)) }
        try remove(name, in: folder)
        return OpenFile(try checkShim(name.withCString { pfs_openat(folder.descriptor, $0, flags, 0o600) }))
    }

    /// A file without a name, for what must not survive us. Where the file system has none, a name is made and removed.
    func createScratch(_ name: Name, in folder: Folder) throws(FileFault) -> OpenFile {
        try gate.pass(.create)
        let made = pfs_open_unnamed(folder.descriptor, 0o600)
        guard made < 0, made == -EOPNOTSUPP || made == -EISDIR || made == -ENOENT || made == -EINVAL else {
            return OpenFile(try checkShim(made))
        }
        let file = try create(name, in: folder)
        try remove(name, in: folder)
        return file
    }

    func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile, at offset: UInt64) throws(FileFault) {
        try gate.pass(.write)
        _ = try checkShim(pfs_write_all(file.descriptor, bytes.baseAddress, bytes.count, Int64(offset), pwrite))
    }

    /// Into a new file, where holes stay holes. Throws `EBUSY` if the source has fewer bytes now.
    func copyAll(of source: OpenFile, bytes: UInt64, to file: OpenFile) throws(FileFault) {
        try gate.pass(.write)
        let copied = try checkShim(pfs_copy_file(source.descriptor, file.descriptor, Int64(bytes)))
        guard copied == Int64(bytes) else { throw .system(EBUSY) }
    }

    func truncate(_ file: OpenFile, to length: UInt64) throws(FileFault) {
        try gate.pass(.truncate)
        _ = try check(ftruncate(file.descriptor, Int(length)))
    }

    /// Makes a run of zeros a hole. `false` where the file system has no holes.
    func punch(_ file: OpenFile, at offset: UInt64, length: Int) throws(FileFault) -> Bool {
        try gate.pass(.write)
        let result = pfs_punch_hole(file.descriptor, Int64(offset), Int64(length))
        if result == -EOPNOTSUPP { return false }
        _ = try checkShim(result)
        return true
    }

    func rename(_ old: Name, to new: Name, in folder: Folder) throws(FileFault) {
        try gate.pass(.rename)
        let result = old.withCString { old in
            new.withCString { new in renameat(folder.descriptor, old, folder.descriptor, new) }
        }
        _ = try check(result)
    }

    /// Swaps a temporary name with another at once; where the file system cannot, by way of a third name.
    func exchange(_ one: Name, with other: Name, in folder: Folder) throws(FileFault) {
        try gate.pass(.exchange)
        let result = one.withCString { one in
            other.withCString { other in pfs_exchange(folder.descriptor, one, folder.descriptor, other) }
        }
        guard result == -EINVAL || result == -ENOSYS || result == -EOPNOTSUPP else {
            _ = try checkShim(result)
            return
        }
        try exchangeInSteps(one, with: other, in: folder)
    }

    /// A crash behind the first step leaves nothing under `other`, until `Leftovers` finds the third name.
    func exchangeInSteps(_ one: Name, with other: Name, in folder: Folder) throws(FileFault) {
        guard let third = Name(Array(one.bytes) + UnfinishedName.displaced.utf8) else { throw .system(ENAMETOOLONG) }
        try rename(other, to: third, in: folder)
        do throws(FileFault) {
            try rename(one, to: other, in: folder)
        } catch {
            if error != .crash { try rename(third, to: other, in: folder) }
            throw error
        }
        try rename(third, to: one, in: folder)
    }

    func remove(_ name: Name, in folder: Folder, isFolder: Bool = false) throws(FileFault) {
        try gate.pass(.remove)
        _ = try check(name.withCString { unlinkat(folder.descriptor, $0, isFolder ? AT_REMOVEDIR : 0) })
    }

    /// As `remove`, content with nothing being there.
    func removeIfAny(_ name: Name, in folder: Folder) throws(FileFault) {
        do {
            try remove(name, in: folder)
        } catch {
            guard error.isAbsence else { throw error }
        }
    }

    /// Makes a folder that only we may enter, until its own mode is set.
    ///
    /// - Parameter mode: less the umask, for one that has none of its own.
    func makeFolder(_ name: Name, in folder: Folder, mode: mode_t = 0o700) throws(FileFault) {
        try gate.pass(.makeFolder)
        _ = try check(name.withCString { mkdirat(folder.descriptor, $0, mode) })
    }

    func makeSymlink(_ name: Name, to target: [UInt8], in folder: Folder) throws(FileFault) {
        try gate.pass(.link)
        let result = name.withCString { name in
            withTerminated(target + [0]) { symlinkat($0, folder.descriptor, name) }
        }
        _ = try check(result)
    }

    /// Another name of `source`; if that is a symbolic link, of the link itself.
    func makeLink(_ name: Name, in folder: Folder, to source: Name, in home: Folder) throws(FileFault) {
        try gate.pass(.link)
        let result = source.withCString { source in
            name.withCString { linkat(home.descriptor, source, folder.descriptor, $0, 0) }
        }
        _ = try check(result)
    }

    func sync(_ file: OpenFile) throws(FileFault) {
        try gate.pass(.sync)
        _ = try check(fsync(file.descriptor))
    }

    /// What it lost may be any file's, and it says so only once: no failure concerns one entry alone.
    func syncFileSystem(of file: OpenFile) throws(FileFault) {
        do throws(FileFault) {
            try gate.pass(.sync)
            _ = try checkShim(pfs_sync_file_system(file.descriptor))
        } catch {
            throw error.fatal == nil ? .system(EIO) : error
        }
    }
}
