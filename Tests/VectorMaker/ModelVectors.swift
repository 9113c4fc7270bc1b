import PacketFSModel
import PacketFSTestKit
import PacketFSWire

/// What the models code: differences of adds, and literals.
enum ModelVectors {
    static func file() throws -> VectorFile {
        var file = VectorFile(
            "model", of: "model.md",
            notes: """
                `differences`: adds as (address, place, old, new) in a leaf whose copies and adds are `stretches` (address, \
                length, place); `code` tells them. `literals`: those of `leaf` at `ranges` (start, end), behind `context`. \
                `packing`: `code` is the deflate stream of `content` at `level`, in `blocks` (fixed, tokens). In `invalid` a decoder may give any bytes, in bounded time, and must find that the code was not used exactly.
                """)
        try addDifferences(to: &file)
        try addLiterals(to: &file)
        try addPackings(to: &file)
        return file
    }

    private static func addDifferences(to file: inout VectorFile) throws {
        let noise = Inputs.noise(3000, 1)
        var edited = Inputs.text(3000, 2)
        let text = edited
        for place in stride(from: 40, to: 2900, by: 97) { edited[place] = noise[place] }
        for place in 1500..<1530 { edited[place] &+= 3 }
        let cases: [(String, [UInt8], [UInt8])] = [
            ("nothing differs", text, text), ("scattered bytes differ", text, edited),
            ("everything differs", Inputs.noise(300, 3), Inputs.noise(300, 4)),
            ("native code that moved", NativeCode.old, NativeCode.moved), ("one byte", [7], [9]),
        ]
        for (name, old, new) in cases {
            let whole = Stretch(address: 1 << 20, length: old.count, place: 0, isAdd: true)
            try add(name, [(whole, old, new)], to: &file)
        }
        try addManyStretches(to: &file)
    }

    /// Adds and copies in turn, so that stretches, regions and targets foretell each other.
    private static func addManyStretches(to file: inout VectorFile) throws {
        var pieces: [(Stretch, [UInt8], [UInt8])] = []
        var place = 5
        for (number, start) in stride(from: 0, to: NativeCode.old.count - 400, by: 400).enumerated() {
            let old = Array(NativeCode.old[start..<start + 400])
            let isAdd = number % 3 != 1
            let stretch = Stretch(address: UInt64(start), length: 400, place: place, isAdd: isAdd)
            pieces.append((stretch, old, isAdd ? Array(NativeCode.moved[start..<start + 400]) : old))
            place += 400 + (number % 5 == 0 ? 16 : 0)
        }
        try add("many stretches", pieces, to: &file)
    }

    private static func add(_ name: String, _ pieces: [(Stretch, [UInt8], [UInt8])], to file: inout VectorFile) throws {
        let stretches = pieces.map(\.0)
        let encoder = DifferenceEncoder()
        encoder.begin(stretches)
        for (stretch, old, new) in pieces where stretch.isAdd {
            let leaf = [UInt8](repeating: 0, count: stretch.place) + new
            leaf.withUnsafeBytes { leaf in
                old.withUnsafeBytes { old in
                    encoder.add(
                        leaf, stretch.place..<stretch.place + stretch.length, base: old, address: stretch.address)
                }
            }
        }
        let code = encoder.finish()
        let fields: JSON = [
            "kind": "differences",
            "stretches": .list(
                stretches.map { [.number($0.address), .count($0.length), .count($0.place), .bool($0.isAdd)] }),
            "adds": .list(
                pieces.filter(\.0.isAdd).map {
                    [.number($0.0.address), .count($0.0.place), .hex($0.1), .hex($0.2)]
                }),
        ]
        let adds = pieces.filter(\.0.isAdd)
        try add("differences: \(name)", code, fields, adds.map(\.2), to: &file) { code in
            VectorModel.differences(
                code, stretches, adds.map { VectorModel.Add(address: $0.0.address, place: $0.0.place, base: $0.1) })
        }
    }

    private static func addLiterals(to file: inout VectorFile) throws {
        let text = Inputs.text(2500, 5)
        let noise = Inputs.noise(600, 6)
        let pieces = [3..<40, 41..<900, 1000..<1001, 3000..<5000].map { LiteralPlace($0) }
        let near = [
            LiteralPlace(
                100..<700, behind: ContextTrack(start: 90, known: 0..<650),
                ahead: ContextTrack(start: -20, known: 0..<650)),
            LiteralPlace(800..<900, ahead: ContextTrack(start: 810, known: 700..<1500)),
        ]
        let cases: [(String, [UInt8], [LiteralPlace], [UInt8])] = [
            ("text", text, [LiteralPlace(0..<text.count)], []), ("noise", noise, [LiteralPlace(0..<noise.count)], []),
            ("what the context has", text, [LiteralPlace(0..<text.count)], text.dropFirst(700) + noise),
            ("in pieces, with a context", text + noise + text, pieces, noise),
            ("in the place of others", text, near, Array(text[..<300] + noise[..<40] + text[300...])),
            ("one byte", [0], [LiteralPlace(0..<1)], []),
        ]
        for (name, leaf, literals, context) in cases {
            let code = leaf.withUnsafeBytes { leaf in
                context.withUnsafeBytes { LiteralModelEncoder().encode(leaf, literals, context: $0) }
            }
            let fields: JSON = [
                "kind": "literals", "leaf": .hex(leaf),
                "literals": .list(
                    literals.map { [json($0.range), json($0.behind), json($0.ahead)] }),
                "context": .hex(context),
            ]
            try add("literals: \(name)", code, fields, leaf, to: &file) { code in
                VectorModel.literals(code, in: leaf, literals, context: context)
            }
        }
    }

    private static func json(_ range: Range<Int>) -> JSON { [.count(range.lowerBound), .count(range.upperBound)] }

    private static func json(_ track: ContextTrack) -> JSON { [.count(track.start), json(track.known)] }

    private static func addPackings(to file: inout VectorFile) throws {
        let text = Inputs.text(9000, 12)
        let mixed = Inputs.text(30_000, 13) + Inputs.noise(500, 14) + Inputs.text(9000, 13) + text
        for level in Packing.levels { try addPacking("level \(level)", text, level, [], to: &file) }
        try addPacking("far matches", mixed, 6, [], to: &file)
        try addPacking("many blocks", mixed, 9, [1000, 1000, 7, 0, 500], to: &file)
        try addPacking("blocks of nothing, the first ones too", Inputs.text(40, 18), 6, [0, 0, 5, 0], to: &file)
        try addPacking("fixed blocks of nothing", Inputs.text(40, 18), 6, [0, 5, 0], isFixed: true, to: &file)
        try addPacking("noise", Inputs.noise(400, 15), 6, [], to: &file)
        try addPacking("one value", [UInt8](repeating: 65, count: 1000), 9, [], to: &file)
        try addPacking("fixed codes", Inputs.text(40, 16), 6, [], isFixed: true, to: &file)
        try addPacking("one byte", [0], 6, [], isFixed: true, to: &file)
        // Fibonacci's numbers make codes longer than there may be.
        var (skewed, pair): ([UInt8], (Int, Int)) = ([], (1, 1))
        for byte in 0..<21 {
            skewed += [UInt8](repeating: UInt8(byte), count: pair.0)
            pair = (pair.1, pair.0 + pair.1)
        }
        try addPacking("codes too long", scattered(skewed), 4, [], to: &file)
    }

    /// The same bytes, in an order that has few matches.
    private static func scattered(_ bytes: [UInt8]) -> [UInt8] {
        var random = SeededRandom(seed: 17)
        return bytes.shuffled(using: &random)
    }

    private static func addPacking(
        _ name: String, _ content: [UInt8], _ level: Int, _ tokens: [Int], isFixed: Bool = false,
        to file: inout VectorFile
    ) throws {
        let blocks = (tokens + [0]).map { Packing.Block(isFixed: isFixed, tokens: $0) }
        let packing = Packing(length: content.count, level: level, blocks: blocks)
        var patience = Packing.patience
        let code = content.withUnsafeBytes { packing.pack($0, limit: 1 << 20, patience: &patience) } ?? []
        guard VectorModel.content(code) == (content, true) else { throw BrokenVector(name: name) }
        file.accept(
            "packing: \(name)",
            [
                "kind": "packing", "content": .hex(content), "level": .count(level),
                "blocks": .list(blocks.map { [.bool($0.isFixed), .count($0.tokens)] }), "code": .hex(code),
            ])
    }

    /// A code that gives what is `expected`, and, if it is short, two that the decoder does not need exactly.
    private static func add<Found: Equatable>(
        _ name: String, _ code: [UInt8], _ fields: JSON, _ expected: Found, to file: inout VectorFile,
        decode: ([UInt8]) -> (found: Found, isExact: Bool)
    ) throws {
        guard decode(code) == (expected, true) else { throw BrokenVector(name: name) }
        file.accept(name, fields.with(["code": .hex(code)]))
        guard code.count < 400 else { return }
        var wrong = [("with five bytes more", code + [1, 1, 1, 1, 1])]
        if code.count > 8 { wrong.append(("cut by eight bytes", code.dropLast(8))) }
        for (what, code) in wrong {
            guard !decode(code).isExact else { throw BrokenVector(name: "\(name), \(what)") }
            file.refuse("\(name), \(what)", fields.with(["code": .hex(code)]))
        }
    }
}

/// Bytes like those of a program: calls, jumps and addresses of data among others, before and after code was put in.
enum NativeCode {
    static let old = made(moving: 0)
    static let moved = made(moving: 48)

    private static func made(moving: Int) -> [UInt8] {
        let draws = Inputs.noise(4000, 7)
        let opcodes: [[UInt8]] = [[0xe8], [0xe9], [0x0f, 0x84], [0x8b, 0x05], [0x8d, 0x0d]]
        var code: [UInt8] = []
        var number = 0
        while code.count < 4000 {
            let draw = draws[number * 4..<number * 4 + 4]
            let first = Int(draw[number * 4]), second = Int(draw[number * 4 + 1])
            code += [0x48, 0x89, 0xe5, 0x83, 0xec, UInt8(first % 5)].prefix(3 + second % 4)
            code += opcodes[first % 5]
            let target = first % 40 * 100
            let place = code.count + 4 + (code.count > 2000 ? moving : 0)
            let distance = UInt32(truncatingIfNeeded: target + (target > 2000 ? moving : 0) - place)
            for shift in stride(from: UInt32(0), to: 32, by: 8) { code.append(UInt8(distance >> shift & 0xff)) }
            number += 1
        }
        return Array(code.prefix(4000))
    }
}
