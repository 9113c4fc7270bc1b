import PacketFSTestKit
import Testing

@testable import PacketFSModel

/// Deflate streams that are opened and packed again. That gzip and zlib make the same ones of the same content is what
/// `Vectors/model.json` tells, which Python's zlib agrees with.
@Suite struct PackingTests {
    private func pack(_ content: [UInt8], _ packing: Packing) throws -> [UInt8] {
        var patience = Packing.patience
        return try content.withUnsafeBytes { try #require(packing.pack($0, limit: 1 << 22, patience: &patience)) }
    }

    /// Opens what `stream` begins with, and says how to pack it again.
    private func open(_ stream: [UInt8], limit: Int = 1 << 22) -> (content: [UInt8], byteCount: Int, packing: Packing?)?
    {
        var (patience, tries) = (Packing.patience, Packing.patience)
        return stream.withUnsafeBytes { bytes in
            (try? OpenedStream(bytes, limit: limit, blocks: 1000, isToBePacked: true)).map {
                ($0.content, $0.byteCount, $0.packing(patience: &patience, tries: &tries))
            }
        }
    }

    private func packing(_ content: [UInt8], level: Int, tokens: [Int], isFixed: Bool = false) -> Packing {
        Packing(
            length: content.count, level: level,
            blocks: (tokens + [0]).map { Packing.Block(isFixed: isFixed, tokens: $0) })
    }

    @Test(arguments: Packing.levels)
    func whatIsPackedOpensAsItWas(_ level: Int) throws {
        var random = SeededRandom(seed: UInt64(level))
        let text = random.text(90_000)
        let contents = [
            [7], text, Array(text.prefix(3)), random.bytes(5000), [UInt8](repeating: 0, count: 70_000),
            text + random.bytes(300) + text,
        ]
        for content in contents {
            for (tokens, isFixed) in [([], false), ([], true), ([1, 40], false)]
            where content.count > 5000 || tokens == [] {
                let stream = try pack(content, packing(content, level: level, tokens: tokens, isFixed: isFixed))
                let opened = try #require(open(stream + [1, 2, 3]))
                #expect(opened.content == content)
                #expect(opened.byteCount == stream.count)
                #expect(try pack(content, #require(opened.packing)) == stream)
            }
        }
    }

    /// Blocks without tokens, wherever they stand: streams that were flushed have such.
    @Test(arguments: [[0], [0, 0, 5], [5, 0, 0, 7], [5, 0]], [false, true])
    func blocksMayBeEmpty(_ tokens: [Int], isFixed: Bool) throws {
        var random = SeededRandom(seed: 8)
        let content = random.text(500)
        let made = packing(content, level: 6, tokens: tokens, isFixed: isFixed)
        let stream = try pack(content, made)
        #expect(open(stream)?.content == content)
        #expect(open(stream)?.packing == made)
    }

    /// What is only to be read takes no memory for how it was made.
    @Test func tokensAreNotedIfWanted() throws {
        var random = SeededRandom(seed: 9)
        let content = random.text(20_000)
        let stream = try pack(content, packing(content, level: 6, tokens: [100]))
        for isWanted in [false, true] {
            stream.withUnsafeBytes { bytes in
                var inflater = Inflater(bytes, limit: content.count, blocks: 9, notesTokens: isWanted)
                #expect(inflater.open() && inflater.content == content && inflater.blockCount == 2)
                #expect(inflater.tokens.isEmpty != isWanted && inflater.blocks.isEmpty != isWanted)
            }
        }
    }

    /// Literals where any level finds a match; a stored block; no stream at all.
    @Test func whatNobodyWouldPackIsLeftAlone() {
        let content = [UInt8](repeating: 97, count: 50)
        var writer = BlockWriter()
        writer.write(content.map { Token(literal: $0) }[...], isFixed: true, isLast: true)
        let odd = writer.finish()
        #expect(open(odd)?.content == content)
        #expect(open(odd)?.packing == nil)
        let stored: [UInt8] = [1, 2, 0, 0xfd, 0xff, 65, 66]
        #expect(open(stored)?.content == [65, 66])
        #expect(open(stored)?.packing == nil)
        #expect(open([7]) == nil)
        #expect(open([]) == nil)
    }

    @Test func neverMoreThanTheLimits() throws {
        var random = SeededRandom(seed: 5)
        let content = random.text(50_000)
        let made = packing(content, level: 6, tokens: [])
        let stream = try pack(content, made)
        #expect(open(stream, limit: content.count)?.packing == made)
        #expect(open(stream, limit: content.count - 1) == nil)
        content.withUnsafeBytes { bytes in
            var patience = Packing.patience
            #expect(made.pack(bytes, limit: stream.count - 1, patience: &patience) == nil)
            patience = 100
            #expect(made.pack(bytes, limit: stream.count, patience: &patience) == nil)
            patience = Packing.patience
            #expect(packing(content, level: 3, tokens: []).pack(bytes, limit: stream.count, patience: &patience) == nil)
            #expect(
                packing(content, level: 9, tokens: [1 << 20]).pack(bytes, limit: stream.count, patience: &patience)
                    == nil)
        }
    }

    /// Zeros behind the end would be a code of one bit, without end.
    @Test func nothingIsOpenedBehindTheEnd() {
        var writer = BlockWriter()
        writer.write([Token](repeating: Token(literal: 97), count: 50)[...], isFixed: false, isLast: true)
        let stream = writer.finish()
        for length in 0...stream.count {
            stream.withUnsafeBytes { bytes in
                var inflater = Inflater(
                    UnsafeRawBufferPointer(rebasing: bytes[..<length]), limit: 1 << 40, blocks: 10, notesTokens: true)
                #expect(inflater.open() == (length == stream.count))
                #expect(inflater.content.count <= 60 && inflater.tokens.count <= 60)
            }
        }
    }

    /// Blocks of nothing, each of which takes tables of codes.
    @Test func noMoreBlocksThanAllowedAreOpened() {
        var writer = BlockWriter()
        for number in 1...10 { writer.write([], isFixed: number % 2 == 0, isLast: number == 10) }
        let stream = writer.finish()
        for blocks in 0...11 {
            stream.withUnsafeBytes { bytes in
                var inflater = Inflater(bytes, limit: 0, blocks: blocks, notesTokens: true)
                #expect(inflater.open() == (blocks >= 10))
                #expect(inflater.blockCount == min(blocks, 10))
            }
        }
    }

    /// Finding out how it was made has a budget of its own.
    @Test func noMoreLevelsAreTriedThanAllowed() throws {
        var random = SeededRandom(seed: 6)
        let content = random.text(50_000)
        let stream = try pack(content, packing(content, level: 4, tokens: []))
        stream.withUnsafeBytes { bytes in
            for (tries, isFound) in [(Packing.patience, true), (100, false)] {
                var (patience, left) = (Packing.patience, tries)
                let opened = try? OpenedStream(bytes, limit: content.count, blocks: 100, isToBePacked: true)
                #expect((opened?.packing(patience: &patience, tries: &left) != nil) == isFound)
                #expect(left < tries)
            }
        }
    }

    /// Any bytes open to something, or to nothing, within the limit.
    @Test(arguments: 0..<40)
    func hostileStreamsEnd(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let content = random.text(3000)
        var stream = try pack(content, packing(content, level: 6, tokens: [200]))
        for _ in 0...seed % 4 {
            let place = Int.random(in: 0..<stream.count, using: &random)
            stream[place] ^= UInt8(1) << UInt8(seed % 8)
        }
        stream.removeLast(seed % 3)
        for bytes in [stream, random.bytes(2000)] {
            let found = open(bytes, limit: 10_000)
            #expect(found.map { $0.content.count <= 10_000 && $0.byteCount <= bytes.count } ?? true)
        }
    }
}
