import GRDB

/// Why the store could not do what it was asked. It then changed nothing.
package enum StoreError: Error, Equatable, Sendable {
    /// The state folder was written by a newer version of this program.
    case newerVersion
    /// The database is damaged, or is not ours.
    case corrupted
    /// The state folder cannot be made, entered or written.
    case notWritable
    /// The state folder belongs to someone else, or others may write to it, or it holds other things and is not 0700.
    case notPrivate
    /// Another process held the database for longer than `Store.patience`.
    case busy
    case diskFull
    case inputOutput
    /// SQLite does not give the durability asked for (`synchronous=FULL`, write-ahead log).
    case notDurable
    /// Any other refusal of SQLite, by its primary result code.
    case database(code: Int32)

    /// The peer is not in the store (or was removed meanwhile).
    case unknownPeer
    /// Another peer has this name or this party.
    case duplicatePeer
    /// The party is this store's own.
    case ownIdentity
    /// Not 1 to 64 letters, digits, `-`, `_`, `.` of ASCII that begin with a letter, digit or `_`.
    case invalidName
    /// A field is beyond its bounds: a negative count, a wrong digest length, an empty range, an inverted path range.
    case invalidValue

    /// No such seed: it was revoked, withdrawn or replaced meanwhile.
    case unknownSeed
    /// The peer has this very seed already.
    case duplicateSeed
    /// The seed is older than one that the peer has, or was revoked.
    case staleSeed
    /// The peer has `Store.seedBound` seeds.
    case tooManySeeds
    /// The peer has no seed beside the current one.
    case noRotation
    /// The peer may have given up every older seed.
    case seedInUse
    /// A seed is at that place already.
    case placeInUse

    /// The log is not the peer's current one: it was made anew, or replaced, since the record was read.
    case staleLog
    /// No addresses are left below `Limits.address`.
    case logExhausted
    /// An extent overlaps one that the log has.
    case overlappingExtent
    /// An extent of an own log lies beyond what was reserved.
    case notReserved
    /// The log would have more than `Limits.extents`.
    case tooManyExtents

    case unknownTransfer
    case duplicateTransfer
}

extension StoreError {
    init(_ error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(error)
        // What is left are rows that do not decode.
        default: self = .corrupted
        }
    }

    private init(_ error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_MISMATCH: self = .corrupted
        case .SQLITE_FULL: self = .diskFull
        case .SQLITE_IOERR: self = .inputOutput
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: self = .notWritable
        case .SQLITE_CONSTRAINT where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY: self = .unknownPeer
        // Our statements are right for our schema, so a statement that fails to compile means another schema.
        case .SQLITE_ERROR, .SQLITE_CONSTRAINT: self = .corrupted
        default: self = .database(code: error.resultCode.rawValue)
        }
    }
}
