import CLinux
import Glibc
import PacketFSWire

extension FileCalls {
    func setMode(_ mode: UInt16, of file: OpenFile) throws(FileFault) {
        try gate.pass(.metadata)
        _ = try check(fchmod(file.descriptor, mode_t(mode)))
    }

    /// Of what is open as a place alone, which `fchmod` refuses.
    func setMode(_ mode: UInt16, ofPlace place: OpenFile) throws(FileFault) {
        try gate.pass(.metadata)
        _ = try checkShim(pfs_set_mode(place.descriptor, UInt32(mode)))
    }

    func setModified(_ time: FileTime, of file: OpenFile) throws(FileFault) {
        try gate.pass(.metadata)
        var times = [timespec(tv_sec: 0, tv_nsec: FileCalls.leaveTime), time.timespec]
        _ = try check(futimens(file.descriptor, &times))
    }

    /// The time of a link itself.
    func setModified(_ time: FileTime, ofLink name: Name, in folder: Folder) throws(FileFault) {
        try gate.pass(.metadata)
        let times = [timespec(tv_sec: 0, tv_nsec: FileCalls.leaveTime), time.timespec]
        let result = name.withCString { utimensat(folder.descriptor, $0, times, AT_SYMLINK_NOFOLLOW) }
        _ = try check(result)
    }

    func setOwner(_ owner: UInt32, group: UInt32, of file: OpenFile) throws(FileFault) {
        try gate.pass(.metadata)
        _ = try check(fchown(file.descriptor, owner, group))
    }

    func setOwner(_ owner: UInt32, group: UInt32, ofLink name: Name, in folder: Folder) throws(FileFault) {
        try gate.pass(.metadata)
        let result = name.withCString { fchownat(folder.descriptor, $0, owner, group, AT_SYMLINK_NOFOLLOW) }
        _ = try check(result)
    }

    func setAttribute(_ attribute: ExtendedAttribute, of file: OpenFile) throws(FileFault) {
        try gate.pass(.metadata)
        let result = withTerminated(Array(attribute.name.utf8) + [0]) { name in
            attribute.value.withUnsafeBytes { pfs_set_attribute(file.descriptor, name, $0.baseAddress, $0.count) }
        }
        // It says so also of one attribute that is too large; if the disk is full, the next write says so.
        guard result != -ENOSPC, result != -EDQUOT else { throw .system(E2BIG) }
        _ = try checkShim(result)
    }

    func removeAttribute(_ name: String, of file: OpenFile) throws(FileFault) {
        try gate.pass(.metadata)
        _ = try checkShim(withTerminated(Array(name.utf8) + [0]) { pfs_remove_attribute(file.descriptor, $0) })
    }

    /// `UTIME_OMIT`.
    private static let leaveTime = (1 << 30) - 2
}

extension OpenFile {
    /// The attributes of the `user.` namespace, by name; none where the file system knows none.
    func attributes() throws(FileFault) -> [String: [UInt8]] {
        var list = [UInt8](repeating: 0, count: 65_536)
        let size = list.withUnsafeMutableBytes {
            pfs_list_attributes(descriptor, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
        }
        if size == -EOPNOTSUPP { return [:] }
        var found: [String: [UInt8]] = [:]
        for bytes in list.prefix(Int(try checkShim(size))).split(separator: 0) {
            guard let name = String(validating: bytes, as: UTF8.self), name.hasPrefix("user.") else { continue }
            found[name] = try attribute(named: name)
        }
        return found
    }

    private func attribute(named name: String) throws(FileFault) -> [UInt8] {
        var value = [UInt8](repeating: 0, count: Limits.attributeValue)
        let size = withTerminated(Array(name.utf8) + [0]) { name in
            value.withUnsafeMutableBytes { pfs_get_attribute(descriptor, name, $0.baseAddress, $0.count) }
        }
        return Array(value.prefix(Int(try checkShim(size))))
    }
}
