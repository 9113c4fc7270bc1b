import PacketFSModel
import PacketFSTestKit
import PacketFSWire

/// Records of leaves as they are written; what they rebuild to is in `RebuildVectors`.
enum BlueprintVectors {
    static func file() throws -> VectorFile {
        var file = VectorFile(
            "blueprint", of: "blueprint.md", "model.md",
            notes: """
                `record` is a record of type 2. A descriptor is kind, length, address, byte. What is in `invalid` is refused \
                before anything is rebuilt.
                """)
        for (name, leaf, blueprint) in accepted {
            let record = try DataRecord.leaf(leaf, blueprint).encode()
            file.accept(name, ["record": .hex(record), "value": json(leaf, blueprint)])
        }
        for (name, fields, tail) in try BlueprintRefusals.all() {
            let record = try encoded(fields, tail)
            guard !isAccepted(record) else { throw BrokenVector(name: name) }
            file.refuse(name, ["record": .hex(record)])
        }
        return file
    }

    private static var accepted: [(String, LeafID, LeafBlueprint)] {
        let far: UInt64 = 1 << 56
        return [
            (
                "the example of the page", LeafID(.content, 2),
                LeafBlueprint(
                    descriptors: [
                        .copy(address: 100, length: 4), .literal(length: 3), .copy(address: 107, length: 9),
                        .fill(byte: 0, length: 100),
                    ], coding: .raw, literals: Array("xyz".utf8), tag: Inputs.tag)
            ),
            (
                "every kind", LeafID(.content, (1 << 40) - 1),
                LeafBlueprint(
                    descriptors: [
                        .fill(byte: 0xa5, length: 7), .held(length: 1000), .add(address: far - 50, length: 50),
                        .copy(address: 0, length: 300_000), .add(address: 1 << 40, length: 1), .literal(length: 5),
                        .fill(byte: 0xa5, length: 7), .fill(byte: 0xa6, length: 7), .literal(length: 5),
                    ],
                    contexts: [AddressRange(address: far - 9, length: 9), AddressRange(address: 4, length: 1 << 20)],
                    coding: .modelled, literals: [1, 2, 3], differences: [9, 8], learnedAt: far - 1061, tag: Inputs.tag)
            ),
            (
                "what is packed anew", LeafID(.content, 7),
                LeafBlueprint(
                    descriptors: [.packed(length: 900), .copy(address: 70, length: 50), .packed(length: 5)],
                    coding: .raw, literals: [],
                    opened: OpenedBlueprint(
                        bases: [AddressRange(address: 60, length: 800), AddressRange(address: 3, length: 4)],
                        packings: [
                            packing(3000, level: 9, tokens: [4096, 32_767, 32_767]), packing(9, level: 4, tokens: []),
                        ],
                        descriptors: [
                            .copy(address: 8, length: 2000), .literal(length: 9), .add(address: 2000, length: 900),
                            .fill(byte: 32, length: 100),
                        ], contexts: [AddressRange(address: 1990, length: 20)], coding: .modelled, literals: [7, 7],
                        differences: [6]), learnedAt: 1 << 33, tag: Inputs.tag)
            ),
            (
                "differences as a frame", LeafID(.content, 9),
                LeafBlueprint(
                    descriptors: [.add(address: 70, length: 9), .copy(address: 0, length: 4)], coding: .raw,
                    literals: [],
                    differences: [0x28, 0xb5, 0x2f, 0xfd], differenceCoding: .zstd, tag: Inputs.tag)
            ),
            (
                "a leaf that is learned whole", LeafID(.content, 12),
                LeafBlueprint(
                    descriptors: [.copy(address: 900, length: 50), .fill(byte: 7, length: 20), .literal(length: 2)],
                    coding: .raw, literals: [3, 4], learnedAt: 1 << 35, learning: .whole, tag: Inputs.tag)
            ),
            (
                "a whole leaf of one byte", LeafID(.manifest, 0),
                LeafBlueprint(
                    descriptors: [.fill(byte: 1, length: 1 << 22)], coding: .raw, literals: [], tag: Inputs.tag)
            ),
            (
                "many descriptors", LeafID(.content, 0),
                LeafBlueprint(
                    descriptors: (0..<600).map { number in
                        switch number % 3 {
                        case 0: .copy(address: UInt64(number * 40), length: 30 + number % 7)
                        case 1: .literal(length: 1 + number % 5)
                        default: .add(address: UInt64(number * 40 + (number > 300 ? 4096 : 0)), length: 64)
                        }
                    }, coding: .raw, literals: [UInt8](repeating: 5, count: 600), tag: Inputs.tag)
            ),
            (
                "pieces of more places than are remembered", LeafID(.content, 3),
                LeafBlueprint(
                    descriptors: (0..<300).map { number in
                        let place = (number < 100 ? 3 : 19) &* number &* number % 23
                        return .copy(address: UInt64(1_000_000 * place + number * 70), length: 40 + place)
                    }, coding: .raw, literals: [], tag: Inputs.tag)
            ),
        ]
    }

    private static func packing(_ length: Int, level: Int, tokens: [Int]) -> Packing {
        let blocks = (tokens + [0]).map { Packing.Block(isFixed: $0 == 4096, tokens: $0) }
        return Packing(length: length, level: level, blocks: blocks)
    }

    static func encoded(_ fields: [UInt8], _ tail: [UInt8]) throws -> [UInt8] {
        guard fields.count < 128, tail.count < 128 else { throw BrokenVector(name: "too long") }
        return [2, UInt8(fields.count), UInt8(tail.count)] + fields + tail
    }

    private static func isAccepted(_ record: [UInt8]) -> Bool {
        var reader = RecordReader()
        guard (try? reader.append(record)) != nil, let raw = reader.next() else { return false }
        return (try? DataRecord(decoding: raw)) != nil
    }

    private static func json(_ leaf: LeafID, _ blueprint: LeafBlueprint) -> JSON {
        [
            "stream": .count(Int(leaf.stream.rawValue)), "leaf": .number(leaf.index), "tag": .hex(blueprint.tag),
            "coding": .count(Int(blueprint.coding.rawValue)), "learned": blueprint.learnedAt.map(JSON.number) ?? .null,
            "whole": .bool(blueprint.learning == .whole),
            "contexts": .list(blueprint.contexts.map { [.number($0.address), .count($0.length)] }),
            "descriptors": .list(blueprint.descriptors.map(row)), "differences": .hex(blueprint.differences),
            "subtracted": .bool(blueprint.differenceCoding == .zstd),
            "literals": .hex(blueprint.literals), "opened": blueprint.opened.map(json) ?? .null,
        ]
    }

    private static func json(_ opened: OpenedBlueprint) -> JSON {
        [
            "bases": .list(opened.bases.map { [.number($0.address), .count($0.length)] }),
            "packings": .list(
                opened.packings.map { packing in
                    [
                        .count(packing.length), .count(packing.level),
                        .list(packing.blocks.map { [.bool($0.isFixed), .count($0.tokens)] }),
                    ]
                }), "coding": .count(Int(opened.coding.rawValue)),
            "contexts": .list(opened.contexts.map { [.number($0.address), .count($0.length)] }),
            "descriptors": .list(opened.descriptors.map(row)), "differences": .hex(opened.differences),
            "literals": .hex(opened.literals),
        ]
    }

    private static func row(_ descriptor: Descriptor) -> JSON {
        var byte: UInt8 = 0
        if case .fill(let filling, _) = descriptor { byte = filling }
        return [
            .count(Int(descriptor.kind.rawValue)), .count(descriptor.length), .number(descriptor.source?.address ?? 0),
            .count(Int(byte)),
        ]
    }
}

/// Leaves that break one rule each.
enum BlueprintRefusals {
    static func all() throws -> [(String, [UInt8], [UInt8])] {
        let copy = columns {
            $0.choice(0, 0); $0.number(3, 0); $0.choice(0, 256); $0.number(200, 6)
        }
        let fill = columns {
            $0.choice(2, 0); $0.number(3, 2); $0.choice(0, 258); $0.choice(7, 259)
        }
        let literal = columns {
            $0.choice(1, 0); $0.number(3, 1)
        }
        let unknown = columns {
            $0.choice(6, 0); $0.number(3, 6)
        }
        let long = columns {
            $0.choice(2, 0); $0.number(1 << 22, 2); $0.choice(0, 258); $0.choice(7, 259)
        }
        let huge = columns {
            $0.choice(0, 0); $0.number(3, 0); $0.choice(0, 256); $0.number(1 << 57, 6)
        }
        let upwards = columns {
            $0.choice(0, 0); $0.number(3, 0); $0.choice(0, 256); $0.number(201, 6)
        }
        let nowhere = columns {
            $0.choice(0, 0); $0.number(3, 0); $0.choice(1, 256); $0.number(200, 7)
        }
        // The second stands at the address that goes on, and is told by 0, which was the diagonal before the first.
        let roundabout = columns {
            $0.choice(0, 0); $0.number(3, 0); $0.choice(0, 256); $0.number(2000, 6)
            $0.choice(0, 16); $0.number(3, 0); $0.choice(1, 256); $0.number(2000, 7)
        }
        let packed = columns {
            $0.choice(5, 0); $0.number(3, 5)
        }
        let fits = leaf(1, fill)
        return [
            ("stream 2", [2] + fits.dropFirst(), []),
            ("a leaf number in a long form", [1] + Refusals.longVarint(0) + fits.dropFirst(2), []),
            ("a leaf number of 2^40", [1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20] + fits.dropFirst(2), []),
            ("a tag cut", Array(fits.prefix(12)), []), ("an unknown coding", leaf(1, fill, flags: 5), []),
            ("an unknown flag", leaf(1, fill, flags: 32), []),
            ("a frame of differences without adds", leaf(1, fill, flags: 16), []), ("a byte more", fits + [0], []),
            ("no descriptors", leaf(0, []), []),
            ("fewer descriptors than the columns", leaf(1, literal + fill), [1, 2, 3, 4]),
            ("more descriptors than the columns", leaf(90, copy), []),
            ("columns cut", leaf(1, Array(literal.dropLast())), [1, 2, 3, 4]),
            ("columns with a byte more", leaf(1, fill + [0]), []),
            ("columns that others encode to", leaf(1, literal.dropLast() + [(literal.last ?? 0) &+ 1]), [1, 2, 3, 4]),
            ("an unknown kind", leaf(1, unknown), []), ("more than a leaf", leaf(1, long), []),
            ("an address beyond the last", leaf(1, huge), []), ("an address below 0", leaf(1, upwards), []),
            ("a diagonal that there is not", leaf(1, nowhere), []),
            ("a diagonal that another tells in fewer bits", leaf(2, roundabout), []),
            ("coding 2 without contexts", leaf(1, literal, flags: 2, contexts: [0]), [1, 2, 3, 4]),
            ("coding 1 without a frame", leaf(1, literal, flags: 1), []),
            ("coding 2 without a frame", leaf(1, literal, flags: 2, contexts: [1, 0, 3]), []),
            ("coding 3 without a frame", leaf(1, literal, flags: 3), []),
            ("65 contexts", leaf(1, literal, flags: 4, contexts: [65] + [UInt8](repeating: 0, count: 80)), [1]),
            ("a context below 0", leaf(1, literal, flags: 4, contexts: [1, 1, 0]), [1]),
            ("contexts above 8 MiB", leaf(1, literal, flags: 4, contexts: [1, 0, 0x80, 0x80, 0x80, 4]), [1]),
            (
                "a learned address beyond the last",
                leaf(1, literal, flags: 8, learned: [0x81] + [UInt8](repeating: 0x80, count: 7) + [1]), [1, 2, 3, 4]
            ),
            ("a whole leaf that is not learned", leaf(1, literal, flags: 32), [1, 2, 3, 4]),
            ("more than 4 MiB of literals in what is packed", leaf(1, packed) + opened(literals: 1 << 22 + 1), []),
        ]
    }

    /// What is packed of modelled literals alone.
    static func opened(literals count: UInt64) -> [UInt8] {
        let packing = columns(ColumnShape(numberContexts: 4, choiceContexts: 2, choiceBits: 4)) {
            $0.number(count, 0); $0.choice(6, 0); $0.number(0, 1); $0.choice(0, 1)
        }
        let literal = columns {
            $0.choice(1, 0); $0.number(count - 1, 1)
        }
        return [1, 0, 3, UInt8(packing.count)] + packing + [4, 0, 1, UInt8(literal.count)] + literal + [1, 9]
    }

    private static func leaf(
        _ count: UInt8, _ columns: [UInt8], flags: UInt8 = 0, learned: [UInt8] = [], contexts: [UInt8] = []
    ) -> [UInt8] {
        [1, 0] + Inputs.tag + [flags] + learned + contexts + [count, UInt8(columns.count)] + columns
    }

    private static func columns(
        _ shape: ColumnShape = ColumnShape(numberContexts: 8, choiceContexts: 275, choiceBits: 4),
        _ body: (inout ColumnEncoder) -> Void
    ) -> [UInt8] {
        var encoder = ColumnEncoder(shape)
        body(&encoder)
        return encoder.finish()
    }
}
