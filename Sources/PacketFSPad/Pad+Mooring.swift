internal import CLinux
internal import Crypto
internal import Glibc
internal import PacketFSWire

/// What tells a pad from a copy of itself: inode and birth of pad file, ledger and **mooring**, an empty file that every
/// opening makes anew. A backup that is written into the old files has their inodes, but tells of another mooring
/// (`Specs/pads.md` §5).
extension PadPlace {
    var mooring: String { ledger + ".mooring" }
    /// A mooring that was made and has not got its name yet.
    var newMooring: String { mooring + ".new" }
}

extension Pad {
    /// Whether the files are those of the last binding.
    func isMoored() throws(PadError) -> Bool {
        if try isBound(to: place.mooring) { return true }
        return try isBound(to: place.newMooring)
    }

    private func isBound(to mooring: String) throws(PadError) -> Bool {
        guard access(mooring, F_OK) == 0 else { return false }
        return try state.files == Self.identity(of: file.file, ledger.file, mooring: mooring)
    }

    /// Binds the pad to this machine and its files, under a new mooring. Sending goes on at `next`.
    func moor(_ machine: MachineIdentity, next: UInt64) throws(PadError) {
        // A crash may have left the mooring that counts under its first name.
        if try isBound(to: place.newMooring) { try calls.rename(place.newMooring, to: place.mooring) }
        try Self.makeMooring(place, calls)
        let files = try Self.identity(of: file.file, ledger.file, mooring: place.newMooring)
        try ledger.append(.bound(machine: machine.digest, files: files, next: next))
        try calls.rename(place.newMooring, to: place.mooring)
    }

    /// Makes a mooring, durably, under its first name.
    static func makeMooring(_ place: PadPlace, _ calls: PadFileCalls) throws(PadError) {
        if access(place.newMooring, F_OK) == 0 { try calls.remove(place.newMooring) }
        try calls.sync(calls.create(place.newMooring))
        try calls.syncFolder(of: place.newMooring)
    }

    static func identity(of pad: PrivateFile, _ ledger: PrivateFile, mooring: String) throws(PadError) -> UInt64 {
        var hash = SHA256()
        for word in try pad.identity() + ledger.identity() + identity(ofPath: mooring) {
            withUnsafeBytes(of: word.bigEndian) { hash.update(bufferPointer: $0) }
        }
        return hash.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func identity(ofPath path: String) throws(PadError) -> [UInt64] {
        let descriptor = try check(Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC))
        defer { close(descriptor) }
        return try PrivateFile.identity(of: descriptor)
    }
}
