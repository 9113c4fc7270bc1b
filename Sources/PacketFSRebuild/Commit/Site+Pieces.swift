import PacketFSWire
import Synchronization

/// Does `work` for each number below `count`, in any order and on any thread, and returns once all of it is done.
package typealias Spread = (_ count: Int, _ work: @escaping @Sendable (Int) -> Void) -> Void

extension Site {
    /// Items that are done in one piece: a folder's or two, for those who make names in one folder wait for each other.
    private static let piece = 128

    /// What `work` makes of each of the pieces, which are done at once where there is room.
    func results<R: Sendable>(
        of pieces: [Range<Int>], _ work: @escaping @Sendable (Range<Int>) -> [R]
    ) -> [[R]] {
        let done = Mutex([[R]](repeating: [], count: pieces.count))
        spread(pieces.count) { number in
            let results = work(pieces[number])
            done.withLock { $0[number] = results }
        }
        return done.withLock(\.self)
    }

    /// What came of each item, in their order. Pieces of them are done at once where there is room, each with folders of its
    /// own; in a piece, nothing is tried after a fault that no other item would escape.
    func outcomes<Item: Sendable, Outcome: Sendable>(
        of items: [Item], _ body: @escaping @Sendable (Item, inout FolderCache) throws(FileFault) -> Outcome
    ) -> [Result<Outcome, FileFault>?] {
        let root = rootFolder
        let pieces = items.indices.split(by: Self.piece)
        let done = results(of: pieces) { piece in
            var folders = FolderCache.ofPiece(beneath: root)
            var outcomes: [Result<Outcome, FileFault>] = []
            for item in items[piece] {
                let outcome = Result { () throws(FileFault) in try body(item, &folders) }
                outcomes.append(outcome)
                if case .failure(let fault) = outcome, fault.fatal != nil { break }
            }
            return outcomes
        }
        return zip(pieces, done).flatMap { piece, outcomes in
            (0..<piece.count).map { $0 < outcomes.count ? outcomes[$0] : nil }
        }
    }
}

extension FolderCache {
    /// Entries of a piece stand in manifest order, so few of its folders come again.
    static func ofPiece(beneath root: Folder?) -> FolderCache { FolderCache(root: root, capacity: 4) }
}
