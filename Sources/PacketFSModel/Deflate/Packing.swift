/// How content was packed into a deflate stream: all that is needed to pack it in the same way again, to the same bytes
/// (`Specs/model.md` §7).
package struct Packing: Equatable, Sendable {
    package struct Block: Equatable, Sendable {
        /// Whether its codes are the ones that are not told.
        package var isFixed: Bool
        /// How many literals and matches it has; 0 for the last block, which has what is left.
        package var tokens: Int

        package init(isFixed: Bool, tokens: Int) {
            self.isFixed = isFixed
            self.tokens = tokens
        }
    }

    package static let levels = TokenFinder.levels
    /// How many places may be looked at for all that is packed of a leaf: whoever packs is to be done in time.
    package static let patience = 1 << 28

    /// Bytes of the content.
    package var length: Int
    package var level: Int
    package var blocks: [Block]

    package init(length: Int, level: Int, blocks: [Block]) {
        self.length = length
        self.level = level
        self.blocks = blocks
    }

    /// The bytes of the stream; `nil` where they would be more than `limit`, or take more than `patience`.
    package func pack(_ content: UnsafeRawBufferPointer, limit: Int, patience: inout Int) -> [UInt8]? {
        guard Self.levels.contains(level), let last = blocks.indices.last else { return nil }
        var finder = TokenFinder(content, level: level, patience: patience)
        var writer = BlockWriter()
        var (tokens, number): ([Token], Int) = ([], 0)
        let writeBlocks = {
            while number < last, tokens.count >= blocks[number].tokens {
                writer.write(tokens[...], isFixed: blocks[number].isFixed, isLast: false)
                tokens.removeAll(keepingCapacity: true)
                number += 1
            }
        }
        // Blocks may have no tokens, and be the first.
        writeBlocks()
        let isWhole = finder.find { token in
            tokens.append(token)
            writeBlocks()
            return writer.byteCount <= limit
        }
        patience = finder.patience
        guard isWhole, number == last else { return nil }
        writer.write(tokens[...], isFixed: blocks[last].isFixed, isLast: true)
        let packed = writer.finish()
        return packed.count <= limit ? packed : nil
    }
}

/// A deflate stream that was opened.
package struct OpenedStream {
    /// There is no such stream; with what it took to find that out.
    package struct Failure: Error {
        package let content: Int
        package let blocks: Int
    }

    /// Levels, from the one on that most streams are made with.
    private static let likely = [6, 9, 8, 7, 5, 4]

    private let stream: UnsafeRawBufferPointer
    private let inflated: Inflater

    /// The stream that `bytes` begin with; fails unless it is whole, and has at most `limit` bytes of content and so many
    /// blocks. The bytes must outlive it.
    ///
    /// - Parameter isToBePacked: whether `packing` will be asked for, for which more memory is needed.
    package init(
        _ bytes: UnsafeRawBufferPointer, limit: Int, blocks: Int, isToBePacked: Bool = false
    ) throws(Failure) {
        var inflated = Inflater(bytes, limit: limit, blocks: blocks, notesTokens: isToBePacked)
        guard inflated.open() else {
            throw Failure(content: inflated.content.count, blocks: inflated.blockCount)
        }
        self.inflated = inflated
        stream = UnsafeRawBufferPointer(rebasing: bytes[..<inflated.byteCount])
    }

    package var content: [UInt8] { inflated.content }
    package var blockCount: Int { inflated.blockCount }
    /// Bytes of the stream.
    package var byteCount: Int { stream.count }

    /// How to pack it again; `nil` if it was not made as gzip or zlib make one, or if that would take more than
    /// `patience`.
    ///
    /// - Parameter tries: as `patience`, for finding out how it was made.
    package func packing(patience: inout Int, tries: inout Int) -> Packing? {
        guard !inflated.hasStored, !inflated.blocks.isEmpty,
            let level = Self.likely.first(where: { isMade(at: $0, tries: &tries) })
        else { return nil }
        var packing = Packing(length: content.count, level: level, blocks: inflated.blocks)
        packing.blocks[packing.blocks.count - 1].tokens = 0
        let again = content.withUnsafeBytes { packing.pack($0, limit: byteCount, patience: &patience) }
        return again.map { $0.elementsEqual(stream) } == true ? packing : nil
    }

    /// Whether its tokens are those of a level.
    private func isMade(at level: Int, tries: inout Int) -> Bool {
        var number = 0
        let isWhole = content.withUnsafeBytes { content in
            var finder = TokenFinder(content, level: level, patience: tries)
            defer { tries = finder.patience }
            return finder.find { token in
                defer { number += 1 }
                return number < inflated.tokens.count && inflated.tokens[number] == token
            }
        }
        return isWhole && number == inflated.tokens.count
    }
}
