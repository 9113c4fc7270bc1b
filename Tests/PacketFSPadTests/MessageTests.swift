import Foundation
import PacketFSSecrets
import PacketFSTestKit
import PacketFSWire
import Synchronization
import Testing

@testable import PacketFSPad

@Suite("One-time-pad messages")
struct MessageTests {
    private func noise(_ count: Int) -> [UInt8] {
        var random = SeededRandom(seed: 13)
        return random.bytes(count)
    }

    private func mark(_ start: UInt64) -> MessageMark {
        MessageMark(start: start, tag: noise(16))
    }

    private func hexadecimal(_ text: String) -> [UInt8] {
        text.split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }

    private func tag(_ key: [UInt8], _ parts: [[UInt8]]) -> [UInt8] {
        key.withUnsafeBytes { key in
            let tag = OneTimeTag(key: key)
            for part in parts { part.withUnsafeBytes { tag.update($0) } }
            return tag.finish()
        }
    }

    /// RFC 8439 §2.5.2.
    @Test func theTagIsThatOfTheStandard() {
        let key = hexadecimal(
            "85 d6 be 78 57 55 6d 33 7f 44 52 fe 42 d5 06 a8 01 03 80 8a fb 0d b2 fd 4a bf f6 af 41 49 f5 1b")
        let expected = hexadecimal("a8 06 1d c1 30 51 36 c6 c2 2b 8b af 0c 01 27 a9")
        let text = Array("Cryptographic Forum Research Group".utf8)
        for cut in [0, 1, 16, 20, text.count] {
            #expect(tag(key, [Array(text[..<cut]), Array(text[cut...])]) == expected)
        }
    }

    @Test(arguments: [1, 2, 2505, 2506, 4096, 100_000, 4_193_000, 4_194_304, 9_000_001])
    func aMessageComesBackAsItWas(_ count: Int) throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 3100)
        let plain = noise(count)
        let message = try folder.seal([Array(plain.prefix(count / 2)), Array(plain.dropFirst(count / 2))])
        #expect(MessageHead.blocks(ofLength: UInt64(message.count)) != nil)
        let opened = try folder.open(message)
        #expect(opened.count == count && opened.elementsEqual(plain))
    }

    /// Head, key, covering and tag, computed here from the pad as `Specs/pads.md` §6 says.
    @Test func theBytesAreThoseOfTheSpecification() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 2)
        let pad = try folder.half(0, of: "a")
        let id = try Pad.id(ofFile: folder.place("a").pad)
        let section = noise(5000)
        let message = try folder.seal([section])
        let head = Array("PFSOTPM".utf8) + [2] + id.bytes + [0] + [UInt8](repeating: 0, count: 8)
        #expect(Array(message[..<33]) == head)
        var plain = [UInt8](repeating: 0, count: 9 + 64 * 24 + 2) + [0, 0, 0x13, 0x88] + section
        plain += [UInt8](repeating: 0, count: 2 * 4064 - plain.count)
        let cipher = zip(plain, pad[32..<4096] + pad[4128..<8192]).map { $0 ^ $1 }
        #expect(message[33..<33 + 2 * 4064].elementsEqual(cipher))
        #expect(message[(33 + 2 * 4064)...].elementsEqual(tag(Array(pad[..<32]), [head, cipher])))
    }

    /// The worked example of `Specs/pads.md` §6, whose tag was computed by another program.
    @Test func theWorkedExampleHolds() {
        let head = MessageHead(pad: PadID(unchecked: [UInt8](repeating: 0x11, count: 16)), direction: 0, start: 0)
        var cipher = [UInt8](repeating: 0, count: 1547) + [0, 0, 0, 5] + Array("hello".utf8)
        cipher += [UInt8](repeating: 0, count: 4064 - cipher.count)
        let cover = [UInt8](0..<32) + [UInt8](repeating: 0xaa, count: 4064)
        cipher.withUnsafeMutableBytes { cipher in cover.withUnsafeBytes { Cover.apply($0, to: cipher) } }
        #expect(cipher[1545..<1558] == [0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaf, 0xc2, 0xcf, 0xc6, 0xc6, 0xc5, 0xaa, 0xaa])
        #expect(
            tag([UInt8](0..<32), [head.encode(), cipher])
                == hexadecimal("7f a7 5f 92 46 5d 8b 6a 39 03 46 a2 10 10 37 e2"))
    }

    @Test func theLengthIsRoundedUpAsAsked() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 64)
        func blocks(paddedTo size: UInt64, _ count: Int) throws -> UInt64? {
            let pad = try folder.open("a")
            let sealer = try MessageSealer(pad, paddedTo: size)
            try sealer.append(noise(count))
            let message = try sealer.finish()
            return MessageHead.blocks(ofLength: message.length)
        }
        #expect(try blocks(paddedTo: 0, 10) == 1)
        #expect(try blocks(paddedTo: 32_768, 10) == 8)
        #expect(try blocks(paddedTo: 32_768, 33_000) == 16)
        #expect(try blocks(paddedTo: 5000, 4000) == 2)
        #expect(throws: PadError.exhausted(needed: 64, left: 37)) { try blocks(paddedTo: 1 << 18, 1) }
        #expect(try folder.open("a").left == 37)
    }

    @Test func aMessageIsOpenedOnce() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        let message = try folder.seal([[1, 2, 3]])
        #expect(try folder.open(message) == [1, 2, 3])
        #expect(throws: PadError.opened) { try folder.open(message) }
        #expect(throws: PadError.otherPad) { try folder.open(message, "a") }
    }

    @Test func anyFlippedBitIsFoundAndSpendsNothing() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 2)
        let message = try folder.seal([[1]])
        for offset in [0, 7, 8, 23, 24, 32, 33, 100, 4000, message.count - 17, message.count - 16, message.count - 1] {
            var changed = message
            changed[offset] ^= 1
            #expect(throws: PadError.self, "byte \(offset)") { try folder.open(changed) }
        }
        for length in [0, 32, 33, message.count - 1, message.count - Limits.padCover] {
            #expect(throws: PadError.notAuthentic) { try folder.open(Array(message.prefix(length))) }
        }
        #expect(throws: PadError.notAuthentic) { try folder.open(message + [0]) }
        let block = [UInt8](repeating: 0, count: Limits.padCover)
        #expect(throws: PadError.notAuthentic) { try folder.open(message + block) }
        #expect(try folder.open(message) == [1])
    }

    @Test func nothingOfAForgedMessageIsReleased() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 40)
        var message = try folder.seal([noise(100_000)])
        message[message.count - 1] ^= 1
        let pad = try folder.open("b")
        let opener = try MessageOpener(pad, message: folder.received(message))
        var released = 0
        #expect(throws: PadError.notAuthentic) { try opener.open { released += $0.count } }
        #expect(released == 0)
    }

    /// Whoever knows what a message says, such as its zeros at the end, knows the bytes that covered it. No block's key
    /// is among them, so nothing can be forged for the blocks of a message that was held back.
    @Test func whoKnowsAMessageKnowsNoKey() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 8)
        let half = try folder.half(0, of: "a")
        let id = try folder.open("a").header.pad
        let section = noise(20_000)
        let message = try folder.seal([section])
        let plain = [UInt8](repeating: 0, count: 1547) + [0, 0, 0x4e, 0x20] + section
        let cipher = message[MessageHead.size..<message.count - Limits.tag]
        let known = zip(cipher, plain + [UInt8](repeating: 0, count: cipher.count - plain.count)).map { $0 ^ $1 }
        #expect(half[32..<Limits.padBlock].elementsEqual(known.prefix(Limits.padCover)))
        for block in 0..<6 {
            let key = half[block * Limits.padBlock..<block * Limits.padBlock + Limits.padKey]
            #expect(!Data(known).contains(key), "block \(block)")
            // The best that is known of later blocks, as the key and cover of a message of one's own.
            let cover = half[key.endIndex..<key.endIndex + 16]
            guard block > 0, let start = known.firstRange(of: cover)?.lowerBound else { continue }
            let guess = Array(known[start - 32..<start])
            let head = MessageHead(pad: id, direction: 0, start: UInt64(block)).encode()
            let forged = Array(known[start..<start + Limits.padCover])
            #expect(throws: PadError.notAuthentic) { try folder.open(head + forged + tag(guess, [head, forged])) }
        }
        #expect(try folder.open(message) == section)
    }

    @Test func aKeyIsTriedSoManyTimesAndNoMore() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        let message = try folder.seal([[1]])
        var forged = message
        forged[50] ^= 1
        do {
            let pad = try folder.open("b")
            for _ in 0..<Limits.padTries - 1 {
                #expect(throws: PadError.notAuthentic) {
                    try MessageOpener(pad, message: folder.received(forged)).open { _ in }
                }
            }
            try MessageOpener(pad, message: folder.received(message)).open { _ in }
            #expect(throws: PadError.tooManyTries) {
                try MessageOpener(pad, message: folder.received(message)).open { _ in }
            }
        }
        let head = try MessageHead(decoding: Array(message.prefix(MessageHead.size)))
        #expect(throws: PadError.tooManyTries) {
            try Pad.expect(head, length: UInt64(message.count), at: folder.place("b"), machine: .test)
        }
    }

    @Test func messagesAreKeptUntilTheyAreAcknowledged() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 8)
        let first = try folder.seal([[1]])
        let second = try folder.seal([[2]])
        #expect(try folder.open("a").kept().map(\.start) == [0, 1])
        #expect(try folder.message(1, of: folder.open("a")) == second)
        _ = try folder.open(second)
        _ = try folder.open(folder.seal([[3]], "b"), "a")
        #expect(try folder.open("a").kept().map(\.start) == [0])
        _ = try folder.open(first)
        _ = try folder.open(folder.seal([[4]], "b"), "a")
        #expect(try folder.open("a").kept().isEmpty)
        #expect(throws: PadError.noSuchMessage) { try folder.open("a").forget(0) }
    }

    /// The sender's whole machine is rolled back and seals something else with the same blocks. It is not taken for what
    /// was opened, though it begins where that did, and what the peer says of that one does not acknowledge it.
    @Test(arguments: [1, 9000]) func anotherMessageInTheSamePlaceIsFoundOut(_ count: Int) throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 8)
        let snapshot = try folder.keep("a")
        let first = try folder.seal([[1]])
        _ = try folder.open(first)
        try folder.rollBack("a", to: snapshot)
        try FileManager.default.removeItem(atPath: folder.file("a/messages/0.message"))
        let second = try folder.seal([noise(count)])
        #expect(throws: PadError.reused(block: 0)) { try folder.open(second) }
        #expect(throws: PadError.opened) { try folder.open(first) }
        _ = try folder.open(folder.seal([[3]], "b"), "a")
        #expect(try folder.message(0, of: folder.open("a")) == second)
    }

    /// As a ledger of the version before tells it, which kept no tags.
    @Test func whatWasOpenedLongAgoIsSpent() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 8)
        let message = try folder.seal([[1]])
        try folder.open("b").spend(0..<1, tag: [UInt8](repeating: 0, count: 16))
        #expect(throws: PadError.spent) { try folder.open(message) }
        _ = try folder.open(folder.seal([[2]], "b"), "a")
        #expect(try folder.open("a").kept().map(\.start) == [0])
    }

    @Test func anAbandonedMessageBurnsItsBlocks() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 1100)
        let pad = try folder.open("a")
        let sealer = try MessageSealer(pad)
        try sealer.append(noise(4_300_000))
        try sealer.abandon()
        #expect(pad.left == 76 && pad.state.burnt == 1024)
        #expect(
            try pad.kept().isEmpty && FileManager.default.contentsOfDirectory(atPath: folder.file("a/messages")) == [])
    }

    /// One step fails, so many after the message got its name: in the folder, in the pad, in the ledger.
    @Test(arguments: 1...7) func aMessageThatFailsOnceItHasItsNameIsGivenUp(_ steps: Int) throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 4)
        do {
            let pad = try folder.open("a", gate: FullDisk(steps, after: folder.file("a/messages/0.message")))
            let sealer = try MessageSealer(pad)
            try sealer.append([1])
            #expect(throws: PadError.diskFull) { try sealer.finish() }
            try sealer.abandon()
            #expect(try folder.messageNames().isEmpty)
        }
        let pad = try folder.open("a")
        #expect(try pad.kept().isEmpty && pad.state.settled == 0 && pad.state.burnt == 1)
        #expect(try pad.file.isDestroyed(half: 0, 0..<1))
    }

    @Test func marksHaveOneLength() throws {
        for count in [0, 1, 64] {
            let marks = MessageMarks(seen: 5, opened: (0..<count).map { mark(UInt64($0)) })
            #expect(try marks.encode().count == MessageMarks.size)
            #expect(try MessageMarks(decoding: marks.encode()) == marks)
        }
        #expect(throws: WireError.tooLarge) {
            try MessageMarks(seen: 0, opened: (0..<65).map { mark($0) }).encode()
        }
    }

    @Test(arguments: [
        [[UInt8](repeating: 0, count: 1547) + [0, 0, 0, 0, 1]], [[UInt8](repeating: 0, count: 1544)],
        [[UInt8](repeating: 0, count: 1547) + [0, 0, 0, 9, 1]], [[UInt8](repeating: 0, count: 1545) + [0, 9, 65]],
        [[UInt8](repeating: 0, count: 1545) + [16, 0] + [UInt8](repeating: 65, count: 5000)],
        [[UInt8](repeating: 0, count: 1545) + [0, 1, 0xff, 0, 0, 0, 0]],
        [[0, 0, 0, 0, 0, 0, 0, 0, 65] + [UInt8](repeating: 0, count: 1600)],
    ])
    func plaintextThatBreaksTheFormatIsRefused(_ pieces: [[UInt8]]) {
        #expect(throws: PadError.malformedMessage) {
            var reader = SectionReader()
            for piece in pieces { try piece.withUnsafeBytes { try reader.take($0, begin: { _ in }) { _ in } } }
            _ = try reader.finish()
        }
    }

    /// XOR of ciphertexts of one plaintext, over and over: were a pad byte used twice, or the pad not applied, the bits
    /// would be far from half ones.
    @Test func ciphertextsShowNoStructure() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 600)
        let plain = [UInt8](repeating: 0x55, count: 400_000)
        let first = try folder.seal([plain])
        let second = try folder.seal([plain])
        let body = MessageHead.size..<first.count - Limits.tag
        for bytes in [Array(first[body]), zip(first[body], second[body]).map { $0 ^ $1 }] {
            let ones = bytes.reduce(0) { $0 + $1.nonzeroBitCount }
            let bits = Double(bytes.count * 8)
            // Six standard deviations: once in 500 million runs by chance.
            #expect(abs(Double(ones) - bits / 2) < 6 * (bits / 4).squareRoot())
            var counts = [Int](repeating: 0, count: 256)
            for byte in bytes { counts[Int(byte)] += 1 }
            let expected = Double(bytes.count) / 256
            let chi = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
            #expect(chi < 255 + 6 * 510.0.squareRoot() + 30)
        }
    }
}

/// Has no room for one step, so many after a file got its name.
private final class FullDisk: PadGate {
    private let path: String
    /// `nil` until the file has its name.
    private let left = Mutex<Int?>(nil)
    private let steps: Int

    init(_ steps: Int, after path: String) {
        (self.steps, self.path) = (steps, path)
    }

    func pass(_ step: PadStep) throws(PadError) {
        let isFull = left.withLock { left in
            if case .rename(_, to: path) = step { left = steps + 1 }
            left = left.map { $0 - 1 }
            return left == 0
        }
        if isFull { throw .diskFull }
    }
}
