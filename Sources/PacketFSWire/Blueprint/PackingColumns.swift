internal import PacketFSModel

/// How what is packed in a leaf was packed, as coded numbers (`Specs/blueprint.md` §5.3).
enum PackingColumns {
    private enum Numbers {
        static let length = 0
        static let blocks = 1
        static let tokens = 2
    }

    private enum Choices {
        static let level = 0
        static let fixed = 1
    }

    private static let shape = ColumnShape(numberContexts: 4, choiceContexts: 2, choiceBits: 4)

    static func encode(_ packings: [Packing]) -> [UInt8] {
        var encoder = ColumnEncoder(shape)
        var latest = 0
        for packing in packings {
            encoder.number(UInt64(packing.length), Numbers.length)
            encoder.choice(packing.level, Choices.level)
            encoder.number(UInt64(packing.blocks.count - 1), Numbers.blocks)
            for (number, block) in packing.blocks.enumerated() {
                encoder.choice(block.isFixed ? 1 : 0, Choices.fixed)
                guard number < packing.blocks.count - 1 else { continue }
                encoder.number(
                    block.tokens == latest ? 0 : UInt64(block.tokens) + 1, Numbers.tokens + (number == 0 ? 0 : 1))
                latest = block.tokens
            }
        }
        return encoder.finish()
    }

    static func decode(_ coded: [UInt8], count: Int) throws(WireError) -> [Packing] {
        var decoder = ColumnDecoder(coded, shape)
        var packings: [Packing] = []
        var (latest, blocks) = (0, 0)
        for _ in 0..<count {
            let length = decoder.number(Numbers.length)
            var packing = Packing(length: 0, level: decoder.choice(Choices.level), blocks: [])
            let behind = decoder.number(Numbers.blocks)
            guard length <= UInt64(Limits.opened), behind < UInt64(Limits.packedBlocks - blocks) else {
                throw .tooLarge
            }
            packing.length = Int(length)
            blocks += Int(behind) + 1
            for number in 0...Int(behind) {
                let isFixed = decoder.choice(Choices.fixed) == 1
                guard number < Int(behind) else {
                    packing.blocks.append(Packing.Block(isFixed: isFixed, tokens: 0))
                    break
                }
                let told = decoder.number(Numbers.tokens + (number == 0 ? 0 : 1))
                guard told <= UInt64(Limits.opened) else { throw .tooLarge }
                if told > 0 { latest = Int(told) - 1 }
                packing.blocks.append(Packing.Block(isFixed: isFixed, tokens: latest))
                guard !decoder.isOverrun else { throw .truncated }
            }
            packings.append(packing)
        }
        // Other bits may tell the same numbers.
        guard decoder.isExact, encode(packings) == coded else { throw .inconsistent }
        return packings
    }
}
