import Foundation
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFSPad

/// Payloads under single-use bytes of a pad.
@Suite("Keystream")
struct KeystreamTests {
    private static let session = [UInt8](repeating: 7, count: 16)

    private func cover(
        _ payload: [UInt8], _ sender: KeystreamSender, _ announce: (Range<UInt64>) throws -> Void = { _ in }
    ) throws -> [UInt8] {
        var payload = payload
        try payload.withUnsafeMutableBytes { try sender.cover($0, announce: announce) }
        return payload
    }

    private func uncover(_ payload: [UInt8], _ receiver: KeystreamReceiver) throws -> [UInt8] {
        var payload = payload
        try payload.withUnsafeMutableBytes { try receiver.uncover($0) }
        return payload
    }

    /// Each covered byte is the plain one xor that of its place in the half, and blocks are gone before and after.
    @Test func payloadsComeBackAndAreCoveredByThePad() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 1500)
        let half = try folder.half(0, of: "a")
        var random = SeededRandom(seed: 3)
        var (total, places) = (0, Places())
        do {
            let (a, b) = (try folder.open("a"), try folder.open("b"))
            let (sender, receiver) = try (KeystreamSender(a), KeystreamReceiver(b))
            for _ in 0..<60 {
                let plain = random.bytes(random.draw(1...Limits.payload))
                let covered = try cover(plain, sender) {
                    places.announce($0)
                    try receiver.expect($0)
                }
                let pad = places.take(plain.count).flatMap { half[$0] }
                #expect(zip(plain, pad).map { $0 ^ $1 } == covered)
                #expect(try uncover(covered, receiver) == plain)
                total += plain.count
            }
            try sender.close()
            try receiver.close()
        }
        let (a, b) = (try folder.open("a"), try folder.open("b"))
        let used = Limits.padBlocks(covering: UInt64(total))
        #expect(a.state.settled == used)
        #expect(a.state.burnt <= used / 8 + 16 && a.state.open.isEmpty)
        #expect(b.state.received.ranges == [0..<a.state.next] && b.state.uncleared.isEmpty)
        #expect(b.state.latest.isEmpty)
        #expect(try a.file.isDestroyed(half: 0, 0..<a.state.next) && b.file.isDestroyed(half: 0, 0..<a.state.next))
        #expect(try !a.file.isDestroyed(half: 0, a.state.next..<a.state.next + 1))
    }

    /// Before a covered byte leaves, its blocks are reserved in the ledger and zeros in the file.
    @Test func nothingLeavesBeforeItsBlocksAreReservedAndDestroyed() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 64)
        let pad = try folder.open("a")
        let sender = try KeystreamSender(pad)
        _ = try cover([UInt8](repeating: 1, count: 5000), sender) { blocks in
            #expect(pad.state.next == blocks.upperBound && pad.state.open == [blocks])
        }
        #expect(try pad.file.isDestroyed(half: 0, 0..<2))
        #expect(try folder.bytes("a/ledger").count == 4 * LedgerRecord.size)
    }

    @Test func aPadThatEndsSaysSoBeforeItReserves() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 20)
        let pad = try folder.open("a")
        let sender = try KeystreamSender(pad)
        _ = try cover([UInt8](repeating: 1, count: Limits.payload), sender)
        #expect(throws: PadError.exhausted(needed: 16, left: 3)) {
            try cover([UInt8](repeating: 1, count: Limits.payload), sender)
        }
        #expect(pad.state.next == 17 && sender.left == UInt64(3 * Limits.padBlock))
        _ = try cover([UInt8](repeating: 1, count: 3 * Limits.padCover), sender)
        #expect(pad.state.next == 20 && sender.left == 0)
    }

    /// Of so large a reservation, not all was in memory when the session ended.
    @Test func whatIsUsedBurntAndLeftIsTheWholeHalf() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 2600)
        let pad = try folder.open("a")
        let sender = try KeystreamSender(pad)
        _ = try cover([UInt8](repeating: 1, count: 2300 * Limits.padCover), sender)
        _ = try cover([1], sender)
        try sender.close()
        #expect(sender.left == pad.left * PadLayout.block)
        #expect(sender.used + sender.burnt + sender.left == 2600 * PadLayout.block)
        #expect(try pad.file.isDestroyed(half: 0, 0..<pad.state.next))
    }

    @Test func aReceiverRefusesSpentBlocksAndAnnouncementsTooEarly() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 64)
        let pad = try folder.open("b")
        let receiver = try KeystreamReceiver(pad)
        #expect(throws: PadError.malformedMessage) { try uncover([1], receiver) }
        try receiver.expect(0..<4)
        #expect(throws: PadError.spent) { try receiver.expect(3..<5) }
        try receiver.expect(4..<6)
        #expect(throws: PadError.malformedMessage) { try receiver.expect(6..<7) }
        #expect(throws: PadError.malformedMessage) { try receiver.expect(60..<65) }
        #expect(throws: PadError.malformedMessage) {
            try uncover([UInt8](repeating: 0, count: 6 * Limits.padBlock + 1), receiver)
        }
        try receiver.close()
        #expect(throws: PadError.spent) { try KeystreamReceiver(pad).expect(5..<7) }
        #expect(try pad.file.isDestroyed(half: 0, 0..<6))
    }

    /// A message may begin at any block: what covered something known must tell no block's key.
    @Test func whoKnowsThePayloadsKnowsNoKey() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 64)
        let half = try folder.half(0, of: "a")
        let sender = try KeystreamSender(try folder.open("a"))
        let known = try (0..<3).flatMap { _ in try cover([UInt8](repeating: 0, count: 60_001), sender) }
        #expect(Data(half).contains(known[..<4000]))
        for block in 0..<64 {
            let key = half[block * Limits.padBlock..<block * Limits.padBlock + Limits.padKey]
            #expect(!Data(known).contains(key), "block \(block)")
        }
    }

    @Test func aDamagedBlockCoversNothing() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 64)
        let layout = PadLayout(blocks: 64)
        try folder.flip("a/pad", at: Int(layout.offset(half: 0, block: 2)))
        let sender = try KeystreamSender(try folder.open("a"))
        #expect(throws: PadError.damaged(half: 0, block: 2)) { try cover([UInt8](repeating: 1, count: 9000), sender) }
    }

    @Test func whoDoesNotHoldThePadIsFoundOut() throws {
        let (folder, other) = (try PadFolder(), try PadFolder())
        try folder.fill(blocks: 8)
        try other.fill(blocks: 9)
        let (a, b) = (try folder.open("a"), try folder.open("b"))
        try a.accept(b.hello(session: Self.session), session: Self.session)
        try b.accept(a.hello(session: Self.session), session: Self.session)
        #expect(throws: PadError.notAuthentic) { try a.accept(a.hello(session: Self.session), session: Self.session) }
        #expect(throws: PadError.notAuthentic) { try a.accept(b.hello(session: []), session: Self.session) }
        #expect(throws: PadError.otherPad) {
            try a.accept(other.open("b").hello(session: Self.session), session: Self.session)
        }
        guard case .pad(let id, let seen, let proof) = b.hello(session: Self.session) else {
            Issue.record("what holds a pad says which")
            return
        }
        #expect(throws: PadError.notAuthentic) {
            try a.accept(.pad(id, seen: seen + 1, proof: proof), session: Self.session)
        }
        #expect(a.state.claimed == 0)
    }

    /// Ledger and pad put back in place, as a restored machine has them: found before a byte is reserved.
    @Test func thePeersMarkFindsARollbackBeforeAnythingIsCovered() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 64)
        let old = try folder.keep("a")
        do {
            let (a, b) = (try folder.open("a"), try folder.open("b"))
            let (sender, receiver) = try (KeystreamSender(a), KeystreamReceiver(b))
            _ = try uncover(cover([1, 2, 3], sender, receiver.expect), receiver)
            try sender.close()
            try receiver.close()
        }
        try folder.rollBack("a", to: old)
        let (a, b) = (try folder.open("a"), try folder.open("b"))
        #expect(throws: PadError.rolledBack(mark: 16)) {
            try a.accept(b.hello(session: Self.session), session: Self.session)
        }
        #expect(throws: PadError.rolledBack(mark: 16)) { try cover([1], KeystreamSender(a)) }
        #expect(a.state.next == 0)
    }

    /// As with messages: the covered forms of one plaintext, over and over, differ in half of their bits.
    @Test func coveredPayloadsShowNoStructure() throws {
        let folder = try PadFolder()
        try folder.fill(blocks: 300)
        let sender = try KeystreamSender(try folder.open("a"))
        let plain = [UInt8](repeating: 0x55, count: 65_000)
        let all = try (0..<8).map { _ in try cover(plain, sender) }
        for (first, second) in zip(all, all.dropFirst()) {
            let bits = zip(first, second).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
            #expect(abs(Double(bits) / Double(plain.count * 8) - 0.5) < 0.005)
            #expect(Set(first).count == 256)
        }
    }

    /// There is room for two sessions: the third is refused, the others go on, and where one ended is room again.
    @Test func aSessionThatCannotBeLockedEndsNoOther() async {
        await #expect(processExitsWith: .success) {
            // What root may lock has no limit.
            if geteuid() == 0 { #expect(setgid(65_534) == 0 && setuid(65_534) == 0) }
            var limit = rlimit(rlim_cur: 5 << 20, rlim_max: 5 << 20)
            #expect(setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit) == 0)
            let folders = try (0..<3).map { _ in try PadFolder() }
            for folder in folders { try folder.fill(blocks: 20) }
            var ends = try folders.prefix(2).map { folder in
                try (KeystreamSender(folder.open("a")), KeystreamReceiver(folder.open("b")))
            }
            #expect(throws: PadError.noLockedMemory) { try KeystreamSender(folders[2].open("a")) }
            for (sender, receiver) in ends {
                var payload = [UInt8](repeating: 7, count: 9000)
                try payload.withUnsafeMutableBytes { payload in
                    try sender.cover(payload) { try receiver.expect($0) }
                    try receiver.uncover(payload)
                }
                #expect(payload.allSatisfy { $0 == 7 })
            }
            ends = []
            #expect(throws: Never.self) { try KeystreamSender(folders[2].open("a")).close() }
        }
    }
}
