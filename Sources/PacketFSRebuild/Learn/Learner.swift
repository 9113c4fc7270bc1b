import PacketFSBlob
import PacketFSWire

/// Keeps the bytes that the replica lacked. Literals are as authentic as the frame that brought them and, where they lie
/// in few pieces, are written at once, also for a leaf that then fails; everything else once the leaf was verified.
struct Learner {
    /// Pieces that may be written of a leaf which then fails: each is remembered until it is repaired.
    static let pieces = 64

    private(set) var builder: ExtentBuilder
    private let gate: any WriteGate

    init(_ builder: ExtentBuilder, gate: any WriteGate) {
        self.builder = builder
        self.gate = gate
    }

    /// What follows begins a new extent.
    mutating func cut() {
        builder.cut()
    }

    mutating func reserve(_ range: AddressRange) throws(RebuildError) {
        do { try builder.reserve(range) } catch { throw RebuildError(error) }
    }

    /// The leaf's literals, before its tag was checked; `false` if they are to be learned with the rest.
    mutating func learn(
        literals: UnsafeRawBufferPointer, of descriptors: [Descriptor], _ learning: Learning, at address: UInt64
    ) throws(RebuildError) -> Bool {
        guard !literals.isEmpty else { return true }
        let pieces = LearnedPieces(descriptors, learning, at: address, literals: true, others: false).pieces
        guard pieces.count <= Self.pieces else { return false }
        try pass()
        var taken = 0
        for piece in pieces {
            try fill(literals.part(taken..<taken + piece.length), at: piece.address)
            taken += piece.length
        }
        return true
    }

    /// What was not learned before: all but the literals of a verified leaf, and these unless they were learned.
    mutating func learn(
        verified leaf: UnsafeRawBufferPointer, descriptors: [Descriptor], _ learning: Learning, at address: UInt64,
        literalsLearned: Bool
    ) throws(RebuildError) {
        let pieces = LearnedPieces(descriptors, learning, at: address, literals: !literalsLearned, others: true).pieces
        guard !pieces.isEmpty else { return }
        try pass()
        for piece in pieces {
            try fill(leaf.part(piece.offset..<piece.offset + piece.length), at: piece.address)
        }
    }

    mutating func finish() throws(RebuildError) -> [Extent] {
        try pass()
        do { return try builder.finish() } catch { throw RebuildError(error) }
    }

    private mutating func fill(_ bytes: UnsafeRawBufferPointer, at address: UInt64) throws(RebuildError) {
        do { try builder.fill(bytes, at: address) } catch { throw RebuildError(error) }
    }

    private func pass() throws(RebuildError) {
        do { try gate.pass(.learn) } catch { throw error.fatal ?? .replica }
    }
}

/// Where in the leaf and in the log the learned bytes of a leaf lie; neighbours of one kind are one piece.
struct LearnedPieces {
    struct Piece: Equatable {
        var offset: Int
        var address: UInt64
        var length: Int
    }

    private(set) var pieces: [Piece] = []

    /// `others`: what is learned beside literals.
    init(_ descriptors: [Descriptor], _ learning: Learning, at address: UInt64, literals: Bool, others: Bool) {
        var offset = 0
        var address = address
        for descriptor in descriptors {
            let length = descriptor.length
            if learning.takes(descriptor.kind) {
                if descriptor.kind == .literal ? literals : others {
                    add(Piece(offset: offset, address: address, length: length), isPacked: !others)
                }
                address += UInt64(length)
            }
            offset += length
        }
    }

    /// `isPacked`: the pieces are taken from the literals, one after another, so only addresses need to continue.
    private mutating func add(_ piece: Piece, isPacked: Bool) {
        guard let last = pieces.indices.last, pieces[last].address + UInt64(pieces[last].length) == piece.address,
            isPacked || pieces[last].offset + pieces[last].length == piece.offset
        else { return pieces.append(piece) }
        pieces[last].length += piece.length
    }
}

extension RebuildError {
    init(_ error: BlobError) {
        switch error {
        case .diskFull: self = .replicaFull
        case .tooLarge: self = .replicaTooLarge
        case .outOfBounds, .overlap, .tooManyExtents: self = .outOfBounds
        case .readOnly, .missing, .denied, .notAFile, .notPrivate, .sourceChanged, .unattainable, .system:
            self = .replica
        }
    }
}
