import Foundation
import PacketFSPad
import PacketFSTestKit
import PacketFSWire

/// Pad files, and messages under a pad as the higher party opens them.
enum PadVectors {
    static func file() throws -> VectorFile {
        var file = VectorFile(
            "pads", of: "pads.md",
            notes: """
                `pad` is the higher party's copy of a pad. The bytes of block b of half h are SHA-256(h (1) || b (8) || i (1)) \
                for i from 0 to 127, put together. `messages` are from the lower party; nothing of the pad was used before. \
                Nothing of what is in `invalid` may be released, of what is `authentic` there no more than whole sections.
                """)
        let header = VectorPad.header
        file.shared = [
            (
                "pad",
                [
                    "id": .hex(header.pad.bytes), "lower": .hex(header.lower.bytes),
                    "higher": .hex(header.higher.bytes),
                    "holder": 2, "source": 2, "name": .text(header.source.name), "blocks": .number(header.blocks),
                    "check_key": .hex(VectorPad.checkKey),
                ]
            )
        ]
        try addFile(to: &file)
        try addMessages(to: &file)
        try addRefusals(to: &file)
        return file
    }

    private static func addFile(to file: inout VectorFile) throws {
        let head = try VectorPad.header.encode()
        let check = VectorPad.check(head, salt: [UInt8](repeating: 0xff, count: 16))
        file.accept("header", ["kind": "header", "header": .hex(head), "check": .hex(check)])
        for (half, number) in [(UInt8(0), UInt64(0)), (0, 5), (1, 3)] {
            let check = VectorPad.check(VectorPad.block(half: half, number), half: half, number)
            file.accept(
                "block \(number) of half \(half)",
                ["kind": "block", "half": .count(Int(half)), "block": .number(number), "check": .hex(check)])
        }
        let cases: [(String, [UInt8])] = [
            ("another version", head.replacing(7, with: 1)), ("a holder of 3", head.replacing(56, with: 3)),
            ("a source of 0", head.replacing(57, with: 0)), ("a source of 4", head.replacing(57, with: 4)),
            ("no blocks", head.replacing(65, with: 0)), ("more than 2^36 blocks", head.replacing(61, with: 0x10)),
            ("parties the other way round", head.replacing(24, with: 3)),
            ("a longer name", head.replacing(66, with: 8)),
            ("a name that is not UTF-8", head.replacing(67, with: 0xff)),
        ]
        for (name, bytes) in cases + Refusals.cuts(of: head) {
            guard (try? PadHeader.decode(bytes)) == nil else { throw BrokenVector(name: name) }
            file.refuse("header: \(name)", ["kind": "header", "header": .hex(bytes)])
        }
    }

    private static func addMessages(to file: inout VectorFile) throws {
        let long = Inputs.text(5000, 21)
        let cases: [(String, UInt64, Plaintext, Int)] = [
            ("one section", 0, Plaintext(sections: [Array("hello".utf8)]), 1),
            ("no section", 5, Plaintext(sections: []), 1),
            (
                "sections over two blocks, to a folder, with marks", 1,
                Plaintext(seen: 3, opened: [(0, 0x61), (2, 0x62)], destination: "in/böx", sections: [long, [7]]), 2
            ),
            ("more blocks than needed", 3, Plaintext(sections: [[1], [2, 3]]), 3),
        ]
        for (name, start, plain, blocks) in cases {
            let message = VectorPad.message(from: start, plain.bytes(blocks: blocks))
            guard try opened(message, seen: plain.seen) == plain.sections.flatMap({ $0 }) else {
                throw BrokenVector(name: name)
            }
            file.accept(
                "message: \(name)",
                [
                    "kind": "message", "start": .number(start), "blocks": .count(blocks), "seen": .number(plain.seen),
                    "opened": .list(plain.opened.map { [.number($0), .hex(Plaintext.tag($1))] }),
                    "destination": .text(plain.destination),
                    "sections": .list(plain.sections.map { .hex($0) }), "message": .hex(message),
                ])
        }
    }

    private static func addRefusals(to file: inout VectorFile) throws {
        let whole = VectorPad.message(from: 2, Plaintext(sections: [[1, 2, 3]]).bytes(blocks: 1))
        let head = Array(whole.prefix(33))
        let damaged: [(String, [UInt8])] = [
            ("another version", whole.replacing(7, with: 1)), ("another pad", whole.flipping(bit: 8 * 8)),
            ("the reader's own half", whole.replacing(24, with: 1)), ("a third half", whole.replacing(24, with: 2)),
            ("another start", whole.replacing(32, with: 1)), ("a start beyond the half", whole.replacing(32, with: 6)),
            ("a huge start", whole.replacing(25, with: 0xff)),
            ("a flipped bit of the ciphertext", whole.flipping(bit: 33 * 8)),
            ("a flipped last bit of the ciphertext", whole.flipping(bit: (33 + 4064) * 8 - 1)),
            ("a flipped bit of the tag", whole.flipping(bit: whole.count * 8 - 1)), ("a byte more", whole + [0]),
            ("no blocks", head + whole.suffix(16)), ("the head alone", head),
            ("a block more", head + whole[33..<33 + 4064] + whole.dropFirst(33)),
            ("more blocks than the half has", head + (0..<5).flatMap { _ in whole[33..<33 + 4064] } + whole.suffix(16)),
        ]
        for (name, message) in damaged + Refusals.cuts(of: whole) {
            try refuse(name, message, isAuthentic: false, in: &file)
        }
        for (name, plaintext) in malformed() {
            try refuse(name, VectorPad.message(from: 2, plaintext), isAuthentic: true, in: &file)
        }
    }

    private static func malformed() -> [(String, [UInt8])] {
        let good = Plaintext(destination: "ab", sections: [[1, 2, 3]]).bytes(blocks: 1)
        let unended = Plaintext(sections: [[UInt8](repeating: 9, count: 4064 - 1551 - 4)]).bytes(blocks: 1)
        return [
            ("65 acknowledgements", good.replacing(8, with: 65)),
            ("a mark beyond their number", good.replacing(1544, with: 1)),
            ("a destination beyond 4,095 bytes", good.replacing(1545, with: 0x10)),
            ("a destination that is not UTF-8", good.replacing(1547, with: 0xff)),
            ("a section beyond the end", good.replacing(1549, with: 1)),
            ("a byte behind the end", good.replacing(4063, with: 1)),
            ("a destination beyond the end", good.replacing(1545, with: 0x0f)),
            ("no end", unended.replacing(4060, with: 1)),
        ]
    }

    private static func refuse(
        _ name: String, _ message: [UInt8], isAuthentic: Bool, in file: inout VectorFile
    ) throws {
        guard (try? opened(message, seen: 0)) == nil else { throw BrokenVector(name: name) }
        file.refuse(
            "message: \(name)", ["kind": "message", "authentic": .bool(isAuthentic), "message": .hex(message)])
    }

    private static func opened(_ message: [UInt8], seen: UInt64) throws -> [UInt8] {
        try VectorPad.withPad { pad, folder in
            if seen > 0 { _ = try pad.reserve(seen) }
            let file = folder.appending(path: "message")
            try VectorPad.write(message, to: file)
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            var plain: [UInt8] = []
            try MessageOpener(pad, message: handle.fileDescriptor).open { plain += $0 }
            return plain
        }
    }
}

/// What a message says.
private struct Plaintext {
    var seen: UInt64 = 0
    /// Starts, and the bytes that their tags consist of.
    var opened: [(start: UInt64, tag: UInt8)] = []
    var destination = ""
    var sections: [[UInt8]]

    static func tag(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 16) }

    func bytes(blocks: Int) -> [UInt8] {
        var bytes =
            VectorPad.bigEndian(seen) + [UInt8(opened.count)]
            + opened.flatMap { VectorPad.bigEndian($0) + Self.tag($1) }
        bytes += [UInt8](repeating: 0, count: 1545 - bytes.count)
        bytes += VectorPad.bigEndian(UInt16(destination.utf8.count)) + destination.utf8
        for section in sections { bytes += VectorPad.bigEndian(UInt32(section.count)) + section }
        return bytes + [UInt8](repeating: 0, count: blocks * Limits.padCover - bytes.count)
    }
}
