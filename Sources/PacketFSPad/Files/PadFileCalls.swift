internal import CLinux
internal import Glibc

/// Every call by which this room changes a disk, each behind the gate.
struct PadFileCalls: Sendable {
    let gate: any PadGate

    /// Makes a new file that only we may read or write; throws `alreadyExists` for one that is there.
    func create(_ path: String) throws(PadError) -> PrivateFile {
        try gate.pass(.create(path))
        return try PrivateFile(path, O_RDWR | O_CREAT | O_EXCL)
    }

    func write(_ bytes: UnsafeRawBufferPointer, to file: PrivateFile, at offset: UInt64) throws(PadError) {
        try gate.pass(.write(file.descriptor, offset: offset, length: UInt64(bytes.count)))
        let result = pfs_write_all(file.descriptor, bytes.baseAddress, bytes.count, Int64(offset), pwrite)
        guard result == 0 else { throw PadError(errno: -result) }
    }

    func write(_ bytes: [UInt8], to file: PrivateFile, at offset: UInt64) throws(PadError) {
        try bytes.withRawBytes { bytes throws(PadError) in try write(bytes, to: file, at: offset) }
    }

    func truncate(_ file: PrivateFile, to length: UInt64) throws(PadError) {
        try gate.pass(.truncate(file.descriptor, to: length))
        _ = try check(ftruncate(file.descriptor, off_t(length)))
    }

    func sync(_ file: PrivateFile) throws(PadError) {
        try gate.pass(.sync(file.descriptor))
        _ = try check(fsync(file.descriptor))
    }

    /// Gives the blocks of a range back. Where the file system has no holes, the zeros stay.
    func punch(_ file: PrivateFile, at offset: UInt64, length: UInt64) throws(PadError) {
        try gate.pass(.punch(file.descriptor, offset: offset, length: length))
        let result = pfs_punch_hole(file.descriptor, Int64(offset), Int64(length))
        guard result == 0 || result == -EOPNOTSUPP || result == -ENOSYS else { throw PadError(errno: -result) }
    }

    /// What is given back at once when much is destroyed: a disk that is full is so no longer than that.
    private static let step = 1 << 24
    private static let zeros = [UInt8](repeating: 0, count: 1 << 18)

    /// Overwrites a range with zeros, durably, gives its space back, and reads it again to see that it is gone. What is a
    /// hole already stays one: filling it would take space that may not be there.
    func erase(_ file: PrivateFile, _ range: Range<UInt64>) throws(PadError) {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.step) {
            let step = start..<min(start + UInt64(Self.step), range.upperBound)
            var rest = step
            while let stored = file.stored(in: rest) {
                try overwrite(file, stored)
                rest = stored.upperBound..<step.upperBound
            }
            try sync(file)
            // What is lasting are the zeros: a hole that a crash takes back costs space, and tells nothing.
            try punch(file, at: step.lowerBound, length: UInt64(step.count))
            guard try file.isZero(step) else { throw .notDestroyed }
        }
    }

    /// Writes zeros.
    func overwrite(_ file: PrivateFile, _ range: Range<UInt64>) throws(PadError) {
        try Self.zeros.withRawBytes { zeros throws(PadError) in
            for offset in stride(from: range.lowerBound, to: range.upperBound, by: zeros.count) {
                let count = Int(min(UInt64(zeros.count), range.upperBound - offset))
                try write(UnsafeRawBufferPointer(rebasing: zeros[..<count]), to: file, at: offset)
            }
        }
    }

    func rename(_ old: String, to new: String) throws(PadError) {
        try gate.pass(.rename(old, to: new))
        _ = try check(Glibc.rename(old, new))
        try syncFolder(of: new)
    }

    /// The same, but never replaces anything. Throws `alreadyExists`.
    func renameNew(_ old: String, to new: String) throws(PadError) {
        try gate.pass(.rename(old, to: new))
        let result = pfs_rename_new(old, new)
        guard result == 0 else { throw PadError(errno: -result) }
        try syncFolder(of: new)
    }

    func remove(_ path: String) throws(PadError) {
        try gate.pass(.remove(path))
        _ = try check(unlink(path))
        try syncFolder(of: path)
    }

    /// Makes a folder that only we may enter, content with one being there.
    func makeFolder(_ path: String) throws(PadError) {
        try gate.pass(.makeFolder(path))
        guard mkdir(path, 0o700) != 0 else { return try syncFolder(of: path) }
        guard errno == EEXIST else { throw PadError(errno: errno) }
    }

    func syncFolder(of path: String) throws(PadError) {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        try gate.pass(.syncFolder(folder))
        let descriptor = try check(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        defer { close(descriptor) }
        _ = try check(fsync(descriptor))
    }
}

extension PadError {
    package init(errno number: Int32) {
        self =
            switch number {
            case ENOENT: .notFound
            case EEXIST: .alreadyExists
            case ELOOP: .notAPlainFile
            case ENOSPC, EDQUOT: .diskFull
            default: .system(number)
            }
    }
}

/// Turns the result of a call that sets `errno` into a value or an error.
@inline(__always)
func check<T: SignedInteger>(_ result: T) throws(PadError) -> T {
    guard result >= 0 else { throw PadError(errno: errno) }
    return result
}
