/// Opens one deflate stream (RFC 1951), and takes note of how it was made if asked to. Its input is hostile.
struct Inflater {
    private(set) var content: [UInt8] = []
    /// Empty if they are not noted, and so are `blocks`.
    private(set) var tokens: [Token] = []
    private(set) var blocks: [Packing.Block] = []
    /// Whether blocks are stored as they are: those were never tokens.
    private(set) var hasStored = false
    /// All blocks, those that are stored too.
    private(set) var blockCount = 0

    private var reader: BitReader
    private let end: Int
    private let limit: Int
    private let mostBlocks: Int
    private let notesTokens: Bool

    /// - Parameters:
    ///   - limit: most bytes of content.
    ///   - blocks: most blocks: each may take a table of codes.
    ///   - notesTokens: whether it is wanted how the stream was made, which takes four bytes more for each token.
    init(_ stream: UnsafeRawBufferPointer, limit: Int, blocks: Int, notesTokens: Bool) {
        reader = BitReader(stream)
        end = stream.count
        self.limit = limit
        mostBlocks = blocks
        self.notesTokens = notesTokens
    }

    /// False unless a whole deflate stream within the limits is there. No more is opened than what is there gives.
    mutating func open() -> Bool {
        var isLast = false
        while !isLast {
            guard blockCount < mostBlocks else { return false }
            blockCount += 1
            isLast = reader.read(1) == 1
            guard block(), isWithin else { return false }
        }
        return true
    }

    /// Behind the end zeros are read, which may be codes as well.
    private var isWithin: Bool { reader.position <= end }

    /// Bytes of the stream.
    var byteCount: Int { reader.position }

    private mutating func block() -> Bool {
        let before = tokens.count
        switch reader.read(2) {
        case 0:
            hasStored = true
            return store()
        case 1:
            guard
                follow(
                    HuffmanDecoder(lengths: DeflateCodes.fixedLiterals),
                    HuffmanDecoder(lengths: DeflateCodes.fixedDistances))
            else { return false }
            note(Packing.Block(isFixed: true, tokens: tokens.count - before))
        case 2:
            guard let lengths = lengths(),
                follow(
                    HuffmanDecoder(lengths: lengths.literals),
                    HuffmanDecoder(lengths: lengths.distances))
            else { return false }
            note(Packing.Block(isFixed: false, tokens: tokens.count - before))
        default:
            return false
        }
        return true
    }

    private mutating func store() -> Bool {
        reader.align()
        let (count, complement) = (reader.read(16), reader.read(16))
        guard count ^ complement == 0xffff, count <= limit - content.count, isWithin else { return false }
        for _ in 0..<count { content.append(UInt8(truncatingIfNeeded: reader.read(8))) }
        return true
    }

    private mutating func lengths() -> (literals: ArraySlice<UInt8>, distances: ArraySlice<UInt8>)? {
        let (literals, distances, codes) = (reader.read(5) + 257, reader.read(5) + 1, reader.read(4) + 4)
        guard literals <= DeflateCodes.literals, distances <= DeflateCodes.distances else { return nil }
        var of = [UInt8](repeating: 0, count: DeflateCodes.order.count)
        for symbol in DeflateCodes.order.prefix(codes) { of[symbol] = UInt8(truncatingIfNeeded: reader.read(3)) }
        guard let decoder = HuffmanDecoder(lengths: of) else { return nil }
        var lengths: [UInt8] = []
        while lengths.count < literals + distances {
            guard let symbol = decoder.symbol(&reader) else { return nil }
            switch symbol {
            case 16:
                guard let last = lengths.last else { return nil }
                lengths += repeatElement(last, count: 3 + reader.read(2))
            case 17: lengths += repeatElement(0, count: 3 + reader.read(3))
            case 18: lengths += repeatElement(0, count: 11 + reader.read(7))
            default: lengths.append(UInt8(truncatingIfNeeded: symbol))
            }
        }
        return lengths.count == literals + distances ? (lengths[..<literals], lengths[literals...]) : nil
    }

    private mutating func follow(_ literals: HuffmanDecoder?, _ distances: HuffmanDecoder?) -> Bool {
        guard let literals else { return false }
        while let symbol = literals.symbol(&reader), isWithin {
            if symbol < DeflateCodes.endOfBlock {
                guard content.count < limit else { return false }
                content.append(UInt8(truncatingIfNeeded: symbol))
                note(Token(literal: UInt8(truncatingIfNeeded: symbol)))
            } else if symbol == DeflateCodes.endOfBlock {
                return true
            } else {
                guard symbol - 257 < DeflateCodes.lengthBases.count, match(symbol - 257, distances) else {
                    return false
                }
            }
        }
        return false
    }

    private mutating func match(_ code: Int, _ distances: HuffmanDecoder?) -> Bool {
        let length = DeflateCodes.lengthBases[code] + reader.read(DeflateCodes.lengthExtra[code])
        guard let symbol = distances?.symbol(&reader), symbol < DeflateCodes.distances else { return false }
        let distance = DeflateCodes.distanceBases[symbol] + reader.read(DeflateCodes.distanceExtra[symbol])
        guard distance <= content.count, length <= limit - content.count else { return false }
        let start = content.count - distance
        for place in start..<start + length { content.append(content[place]) }
        note(Token(length: length, distance: distance))
        return true
    }

    private mutating func note(_ token: Token) {
        if notesTokens { tokens.append(token) }
    }

    private mutating func note(_ block: Packing.Block) {
        if notesTokens { blocks.append(block) }
    }
}
