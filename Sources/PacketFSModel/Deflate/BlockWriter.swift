/// Writes the blocks of a deflate stream (RFC 1951 §3.2.3) as gzip and zlib do (`Specs/model.md` §7.2).
struct BlockWriter {
    private static let fixedLiterals = HuffmanCodes(lengths: DeflateCodes.fixedLiterals)
    private static let fixedDistances = HuffmanCodes(lengths: DeflateCodes.fixedDistances)

    private var writer = BitWriter()

    var byteCount: Int { writer.bytes.count }

    mutating func write(_ tokens: ArraySlice<Token>, isFixed: Bool, isLast: Bool) {
        writer.write(isLast ? 1 : 0, 1)
        writer.write(isFixed ? 1 : 2, 2)
        if isFixed {
            write(tokens, Self.fixedLiterals, Self.fixedDistances)
        } else {
            let (literals, distances) = Self.trees(tokens)
            tell(literals, distances)
            write(tokens, HuffmanCodes(lengths: literals.lengths), HuffmanCodes(lengths: distances.lengths))
        }
    }

    mutating func finish() -> [UInt8] {
        writer.finish()
    }

    private static func trees(_ tokens: ArraySlice<Token>) -> (literals: HuffmanTree, distances: HuffmanTree) {
        var literals = [Int](repeating: 0, count: DeflateCodes.literals)
        var distances = [Int](repeating: 0, count: DeflateCodes.distances)
        literals[DeflateCodes.endOfBlock] = 1
        for token in tokens {
            if token.length == 0 {
                literals[token.literal] += 1
            } else {
                literals[257 + Int(DeflateCodes.lengthCodes[token.length - 3])] += 1
                distances[DeflateCodes.code(ofDistance: token.distance)] += 1
            }
        }
        return (
            HuffmanTree(frequencies: literals, limit: DeflateCodes.mostBits),
            HuffmanTree(frequencies: distances, limit: DeflateCodes.mostBits)
        )
    }

    private mutating func write(_ tokens: ArraySlice<Token>, _ literals: HuffmanCodes?, _ distances: HuffmanCodes?) {
        // A tree has no more codes than there can be.
        guard let literals, let distances else { return }
        for token in tokens {
            if token.length == 0 {
                literals.write(token.literal, to: &writer)
            } else {
                let length = Int(DeflateCodes.lengthCodes[token.length - 3])
                literals.write(257 + length, to: &writer)
                writer.write(token.length - DeflateCodes.lengthBases[length], DeflateCodes.lengthExtra[length])
                let distance = DeflateCodes.code(ofDistance: token.distance)
                distances.write(distance, to: &writer)
                writer.write(
                    token.distance - DeflateCodes.distanceBases[distance], DeflateCodes.distanceExtra[distance])
            }
        }
        literals.write(DeflateCodes.endOfBlock, to: &writer)
    }

    /// Tells the lengths of a block's codes.
    private mutating func tell(_ literals: HuffmanTree, _ distances: HuffmanTree) {
        let runs = Self.runs(literals) + Self.runs(distances)
        var frequencies = [Int](repeating: 0, count: DeflateCodes.order.count)
        for run in runs { frequencies[run.symbol] += 1 }
        let tree = HuffmanTree(frequencies: frequencies, limit: DeflateCodes.mostLengthBits)
        let told = max(4, (DeflateCodes.order.lastIndex { tree.lengths[$0] > 0 } ?? 0) + 1)
        writer.write(literals.last + 1 - 257, 5)
        writer.write(distances.last + 1 - 1, 5)
        writer.write(told - 4, 4)
        for symbol in DeflateCodes.order.prefix(told) { writer.write(Int(tree.lengths[symbol]), 3) }
        guard let codes = HuffmanCodes(lengths: tree.lengths) else { return }
        for run in runs {
            codes.write(run.symbol, to: &writer)
            writer.write(run.extra, run.bits)
        }
    }

    /// A length of codes, or how often one is repeated.
    private struct Run {
        var symbol: Int
        var extra = 0
        var bits = 0
    }

    private static func runs(_ tree: HuffmanTree) -> [Run] {
        let lengths = tree.lengths.prefix(tree.last + 1)
        var runs: [Run] = []
        var (place, before) = (0, -1)
        while place < lengths.count {
            let length = Int(lengths[place])
            let most = length == 0 ? 138 : length == before ? 6 : 7
            var count = 1
            while count < most, place + count < lengths.count, Int(lengths[place + count]) == length { count += 1 }
            place += count
            if length != 0, length != before, count > 3 {
                runs.append(Run(symbol: length))
                count -= 1
            }
            if count < 3 {
                runs += repeatElement(Run(symbol: length), count: count)
            } else if length != 0, before == length || runs.last?.symbol == length {
                runs.append(Run(symbol: 16, extra: count - 3, bits: 2))
            } else if length != 0 {
                runs += repeatElement(Run(symbol: length), count: count)
            } else if count <= 10 {
                runs.append(Run(symbol: 17, extra: count - 3, bits: 3))
            } else {
                runs.append(Run(symbol: 18, extra: count - 11, bits: 7))
            }
            before = length
        }
        return runs
    }
}
