/// Why a pad cannot be made, used or believed. Carries no pad byte.
package enum PadError: Error, Equatable, Sendable {
    /// No pad of that name is here.
    case notFound
    /// A file or pad of that name is there already; pads are never overwritten.
    case alreadyExists
    /// This home has, or had, a copy of this very pad: a pad is imported once.
    case alreadyImported
    /// A file of the pad is not ours alone to read and write.
    case notPrivate
    /// A link, folder or device, or a file with more names than one.
    case notAPlainFile
    /// The file is not a pad, or its header was damaged.
    case notAPad
    /// The file is of a pad that nobody has split yet, or of one side's copy where the whole is needed.
    case wrongHolder
    /// The pad file is shorter or longer than its header says.
    case wrongLength
    /// The pad file has holes where there must be bytes.
    case sparse
    /// A block's check value does not hold: half and block.
    case damaged(half: Int, block: UInt64)
    /// A block has 32 zero bytes in a row, so it was destroyed or never filled.
    case zeros(half: Int, block: UInt64)
    /// Another process uses the pad.
    case busy
    /// The ledger is missing, cut, or has a record that does not match its check value or contradicts others.
    case ledgerDamaged
    /// This machine has no id, so that no pad here can be told from its copy on another one.
    case unknownMachine
    /// The pad was brought to another machine, or the machine has another id.
    case otherMachine
    /// Pad file or ledger is not the one that was bound: a copy, or a restored backup.
    case otherFiles
    /// The peer has seen blocks beyond those that our ledger knows of: the ledger was rolled back.
    case rolledBack(mark: UInt64)
    /// Fewer blocks are left than are needed. No block was used.
    case exhausted(needed: UInt64, left: UInt64)
    /// The pad was destroyed.
    case retired
    /// A position that does not lie beyond every block that was, or may have been, used.
    case positionTooLow(atLeast: UInt64)
    /// A position beyond the end of the half.
    case positionTooHigh(atMost: UInt64)
    /// A locked pad is to go on, and it is not said what of the peer's half was spent.
    case receivedUnknown
    /// Blocks of a message are spent already.
    case spent
    /// This very message was opened before.
    case opened
    /// Another message was opened with this block: the peer's ledger was rolled back, and it used blocks twice.
    case reused(block: UInt64)
    /// A message of another pad, or one that this side sent.
    case otherPad
    /// No authentic message: changed, cut, or made by somebody without the pad. Nothing was spent.
    case notAuthentic
    /// As many tries were made for this place of the pad as are allowed.
    case tooManyTries
    /// An authentic message that breaks the format.
    case malformedMessage
    /// No kept message begins at this block.
    case noSuchMessage
    /// The source repeats itself more than a fit one does: the test that failed, and the sample at which it did.
    case unhealthy(HealthTest, sample: UInt64)
    /// The source ended before the pad was full.
    case sourceTooShort
    /// A source that is neither a device nor a plain file, or cannot be read.
    case sourceUnusable(errno: Int32)
    /// What was overwritten can still be read.
    case notDestroyed
    /// A size of no blocks, or of too many.
    case badSize
    case diskFull
    /// The memory that blocks are used in cannot be locked.
    case noLockedMemory
    /// A simulated crash.
    case crashed
    /// The system refused, with this errno.
    case system(Int32)
}

/// The two health tests of SP 800-90B §4.4.
package enum HealthTest: String, Sendable {
    case repetitionCount
    case adaptiveProportion
}
