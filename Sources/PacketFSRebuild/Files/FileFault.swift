import Glibc
package import PacketFSWire

/// Why a call to the file system did not happen.
package enum FileFault: Error, Equatable, Sendable {
    /// The system refused, with this errno.
    case system(Int32)
    /// A simulated crash: nothing may be written from here on.
    case crash

    /// The errno; 0 for none.
    var number: Int32 {
        if case .system(let number) = self { number } else { 0 }
    }

    /// A fault that no other entry of the transfer would escape, or `nil` if it concerns one entry only.
    var fatal: RebuildError? {
        switch self {
        case .crash: .crashed
        case .system(ENOSPC), .system(EDQUOT): .diskFull
        case .system(EROFS): .readOnly
        case .system(EIO): .inputOutput
        case .system(EMFILE), .system(ENFILE), .system(ENOMEM): .outOfResources
        case .system: nil
        }
    }

    /// What to tell the peer about an entry that met this fault.
    package var entryFailure: EntryFailure {
        switch self {
        case .system(EACCES), .system(EPERM): .permission
        case .system(ELOOP), .system(EXDEV): .confinement
        case .system(ENOTDIR), .system(EISDIR), .system(ENOTEMPTY), .system(EEXIST), .system(EBUSY): .occupied
        case .system, .crash: .fileSystem
        }
    }

    /// Whether nothing stands at the name asked for.
    var isAbsence: Bool { self == .system(ENOENT) }

    /// Whether a file or a link stands where a folder was asked for.
    var isNoFolder: Bool { self == .system(ENOTDIR) || self == .system(ELOOP) }
}

/// Turns the result of a call that sets `errno` into a value or a fault.
@inline(__always)
func check<T: SignedInteger>(_ result: T) throws(FileFault) -> T {
    guard result >= 0 else { throw .system(errno) }
    return result
}

/// Turns the result of a shim that returns `-errno` into a value or a fault.
@inline(__always)
func checkShim<T: FixedWidthInteger & SignedInteger>(_ result: T) throws(FileFault) -> T {
    guard result >= 0 else { throw .system(Int32(-result)) }
    return result
}
