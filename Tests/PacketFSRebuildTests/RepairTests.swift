import PacketFSWire
import Testing

@testable import PacketFSBlob
@testable import PacketFSRebuild

/// A damaged replica: right bytes all the same, and the replica whole again where it can be.
@Suite struct RepairTests {
    private let old = TestRandom.bytes(Limits.leaf + 300_000, seed: 21)

    /// The new content is the old with a few new bytes in front; every leaf copies what it can.
    private func sender(_ old: [UInt8]) -> TestSender {
        let fresh = Array("a new beginning".utf8)
        let new = fresh + old
        var sender = TestSender([.file("a", new), .file("b", Array(old.prefix(1000)))])
        let all = new + old.prefix(1000)
        sender.describe = { id, bytes in
            guard id.stream == .content else { return TestSender.literal(id, bytes) }
            let start = Int(id.index) * Limits.leaf
            var descriptors: [Descriptor] = []
            var literals: [UInt8] = []
            var position = start
            if start == 0 {
                descriptors.append(.literal(length: fresh.count))
                literals = fresh
                position = fresh.count
            }
            let end = start + bytes.count
            if position < new.count {
                let length = min(end, new.count) - position
                descriptors.append(.copy(address: UInt64(position - fresh.count), length: length))
                position += length
            }
            if position < end { descriptors.append(.copy(address: 0, length: end - position)) }
            precondition(Array(all[start..<end]) == bytes)
            return LeafBlueprint(
                descriptors: descriptors, coding: .raw, literals: literals, tag: TestSender.tag(id, bytes))
        }
        return sender
    }

    private enum Damage: CaseIterable {
        case none, oneBit, spread, wholePart, truncated, emptied
    }

    @Test(arguments: Damage.allCases)
    private func rebuildsAndHeals(_ damage: Damage) throws {
        let yard = try Playground()
        let (log, holdings) = try yard.replica(old, extent: 1 << 20)
        switch damage {
        case .none: break
        case .oneBit: try yard.damage(at: 500_000, with: [old[500_000] ^ 1])
        case .spread:
            for offset in stride(from: 7, to: old.count, by: 900_001) {
                try yard.damage(at: offset, with: [old[offset] ^ 0x80])
            }
        case .wholePart: try yard.damage(at: 1_000_000, with: TestRandom.bytes(200_000, seed: 9))
        case .truncated: try yard.truncate(to: 2_500_000)
        case .emptied: try yard.truncate(to: 0)
        }
        let sender = sender(old)
        let finished = try yard.receive(sender) {
            $0.replica = RebuildSetup.Replica(log: log, holdings: holdings, learning: nil)
        }
        #expect(yard.bytes("a") == sender.contents[0])
        #expect(yard.bytes("b") == sender.contents[1])
        #expect(finished.lost == [])
        #expect(holdings.extents.allSatisfy { Healer.verify($0, in: log) })
        #expect((finished.receipt.leavesRepaired > 0) == (damage != .none))
        let expected: (extents: Int, bytes: ClosedRange<UInt64>) =
            switch damage {
            case .none: (0, 0...0)
            case .oneBit: (1, 65_536...65_536)
            case .spread: (4, 4 * 65_536...6 * 65_536)
            case .wholePart: (2, 4 * 65_536...5 * 65_536)
            case .truncated: (3, 1_900_000...2_200_000)
            case .emptied: (5, UInt64(old.count)...UInt64(old.count + 70_000))
            }
        #expect(finished.receipt.extentsHealed == expected.extents)
        #expect(expected.bytes.contains(finished.receipt.bytesRepaired))
        #expect(try yard.leftovers() == [])
    }

    @Test func anExtentThatCannotBeHealedIsLost() throws {
        let yard = try Playground()
        let (log, holdings) = try yard.replica(old, extent: 1 << 20)
        // The second extent is damaged where this transfer copies from, and where it does not.
        try yard.damage(at: 1_100_000, with: [old[1_100_000] ^ 1])
        try yard.damage(at: 1_900_000, with: [old[1_900_000] ^ 1])
        let part = Array(old[1_050_000..<1_200_000])
        var sender = TestSender([.file("a", part)])
        sender.describe = { id, bytes in
            guard id.stream == .content else { return TestSender.literal(id, bytes) }
            return LeafBlueprint(
                descriptors: [.copy(address: 1_050_000, length: bytes.count)], coding: .raw, literals: [],
                tag: TestSender.tag(id, bytes))
        }
        let finished = try yard.receive(sender) {
            $0.replica = RebuildSetup.Replica(log: log, holdings: holdings, learning: nil)
        }
        #expect(yard.bytes("a") == part)
        #expect(finished.healed == [])
        #expect(finished.lost == [holdings.extents[1]])
        #expect(finished.receipt.extentsLost == 1)
        #expect(log.bytes(AddressRange(address: 1_100_000, length: 1)) == [old[1_100_000] ^ 1])
    }

    @Test func aDamagedContextIsFoundAndTheLiteralsAreLearnedRight() throws {
        let yard = try Playground()
        let (log, holdings) = try yard.replica(old, extent: 1 << 20)
        try yard.damage(at: 2_000_500, with: TestRandom.bytes(300, seed: 1))
        let text = Array(old[2_000_000..<2_050_000].reversed()) + Array(old[2_000_000..<2_050_000])
        var sender = TestSender([.file("a", text)])
        let context = AddressRange(address: 2_000_000, length: 50_000)
        sender.describe = { [old] id, bytes in
            guard id.stream == .content else { return TestSender.literal(id, bytes) }
            return LeafBlueprint(
                descriptors: [.literal(length: bytes.count)], contexts: [context], coding: .zstdContext,
                literals: TestZstd.compress(bytes, prefix: Array(old[2_000_000..<2_050_000])), learnedAt: 10_000_000,
                tag: TestSender.tag(id, bytes))
        }
        let finished = try yard.receive(sender) {
            $0.replica = RebuildSetup.Replica(log: log, holdings: holdings, learning: ExtentBuilder(log: log))
        }
        #expect(yard.bytes("a") == text)
        #expect(finished.lost == [holdings.extents[1]])
        #expect(finished.receipt.learned.map(\.range) == [AddressRange(address: 10_000_000, length: text.count)])
        #expect(log.bytes(AddressRange(address: 10_000_000, length: text.count)) == text)
        #expect(finished.receipt.learned.allSatisfy { Healer.verify($0, in: log) })
    }

    @Test(arguments: [false, true])
    func whatIsLearnedWholeIsTheLeafAsItWasVerified(_ isDamaged: Bool) throws {
        let yard = try Playground()
        let (log, holdings) = try yard.replica(old, extent: 1 << 20)
        if isDamaged { try yard.damage(at: 2_000_500, with: TestRandom.bytes(300, seed: 1)) }
        let text = Array(old[2_000_000..<2_050_000]) + [UInt8](repeating: 3, count: 700) + [1, 2] + Array(old[..<9000])
        var sender = TestSender([.file("a", text)])
        sender.describe = { id, bytes in
            guard id.stream == .content else { return TestSender.literal(id, bytes) }
            return LeafBlueprint(
                descriptors: [
                    .copy(address: 2_000_000, length: 50_000), .fill(byte: 3, length: 700), .literal(length: 2),
                    .copy(address: 0, length: 9000),
                ], coding: .raw, literals: [1, 2], learnedAt: 10_000_000, learning: .whole,
                tag: TestSender.tag(id, bytes))
        }
        let finished = try yard.receive(sender) {
            $0.replica = RebuildSetup.Replica(log: log, holdings: holdings, learning: ExtentBuilder(log: log))
        }
        #expect(yard.bytes("a") == text)
        #expect(finished.healed == (isDamaged ? [holdings.extents[1]] : []))
        #expect(finished.receipt.learned.map(\.range) == [AddressRange(address: 10_000_000, length: text.count)])
        #expect(log.bytes(AddressRange(address: 10_000_000, length: text.count)) == text)
        #expect(finished.receipt.learned.allSatisfy { Healer.verify($0, in: log) })
    }

    @Test func learnsLiteralsAlsoOfALeafThatFails() throws {
        let yard = try Playground()
        let (log, holdings) = try yard.replica(old, extent: 1 << 20)
        try yard.damage(at: 100, with: [old[100] ^ 1])
        var sender = sender(old)
        let plain = sender.describe
        sender.describe = { id, bytes in
            var leaf = plain(id, bytes)
            // One log for both streams: the manifest first.
            leaf.learnedAt = id.stream == .manifest ? 20_000_000 : 30_000_000 + id.index * 1000
            return leaf
        }
        let rebuilder = try yard.rebuilder(sender) {
            $0.replica = RebuildSetup.Replica(log: log, holdings: holdings, learning: ExtentBuilder(log: log))
        }
        for record in try sender.records().prefix(4) {
            if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
        }
        #expect(!rebuilder.isComplete)
        #expect(log.bytes(AddressRange(address: 30_000_000, length: 15)) == Array("a new beginning".utf8))
        let finished = try yard.receive(sender) {
            $0.replica = RebuildSetup.Replica(log: log, holdings: holdings, learning: ExtentBuilder(log: log))
        }
        #expect(finished.receipt.learned.count == 2)
        #expect(finished.receipt.learned.allSatisfy { Healer.verify($0, in: log) })
    }

    /// Leaves that fail, of which each has learned literals in many places, or in one with others missing behind it.
    @Test func ofLeavesThatFailLittleIsInMemory() throws {
        let yard = try Playground()
        let (log, holdings) = try yard.replica([1])
        let pairs = 3000
        var content: [UInt8] = []
        for leaf in 0..<4 {
            let head = TestRandom.bytes(leaf.isMultiple(of: 2) ? 2 * pairs : 100_001, seed: UInt64(leaf))
            content += head.map { $0 | 1 } + [UInt8](repeating: 0, count: Limits.leaf - head.count)
        }
        var sender = TestSender([.file("a", content)])
        sender.describe = { id, bytes in
            guard id.stream == .content else { return TestSender.literal(id, bytes) }
            // What is named as held is not here.
            let isMany = id.index.isMultiple(of: 2)
            var descriptors: [Descriptor] =
                isMany
                ? (0..<pairs).flatMap { _ in [Descriptor.held(length: 1), .literal(length: 1)] }
                : [.literal(length: 100_000), .held(length: 1)]
            let learned = descriptors.reduce(0) { $0 + $1.length }
            descriptors.append(.fill(byte: 0, length: bytes.count - learned))
            let literals = isMany ? (0..<pairs).map { bytes[2 * $0 + 1] } : Array(bytes[..<100_000])
            return LeafBlueprint(
                descriptors: descriptors, coding: .raw, literals: literals, learnedAt: 1000 + id.index << 20,
                tag: TestSender.tag(id, bytes))
        }
        let setup: (inout RebuildSetup) -> Void = {
            $0.replica = RebuildSetup.Replica(log: log, holdings: holdings, learning: ExtentBuilder(log: log))
        }
        let rebuilder = try yard.rebuilder(sender, setup)
        for record in try sender.records() {
            if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
        }
        let open = try #require(rebuilder.learner?.builder.open)
        #expect(rebuilder.pending.ids.count == 4 && open.count == 4)
        #expect(open.allSatisfy { $0.ahead.count <= Learner.pieces })
        #expect(open.dropLast().allSatisfy { $0.digest.begun.isEmpty })

        let finished = try yard.receive(sender, setup)
        #expect(finished.receipt.leavesRepaired == 4 && finished.receipt.learned.count == 4)
        #expect(finished.receipt.learned.allSatisfy { Healer.verify($0, in: log) })
        #expect(yard.bytes("a") == content)
        for (leaf, extent) in finished.receipt.learned.enumerated() {
            let start = leaf * Limits.leaf
            #expect(log.bytes(extent.range) == Array(content[start..<start + extent.range.length]))
        }
    }

    /// Ranges in place, one for each descriptor, and ranges that it rests on.
    @Test func ofALeafThatWaitsFewRangesAreInMemory() throws {
        let yard = try Playground()
        let site = try Site(
            root: yard.root(), transfer: TransferID(unchecked: [UInt8](repeating: 1, count: 16)),
            options: TransferOptions(), gate: OpenGate())
        var pending = PendingLeaves(site.scratch(0))
        let bytes = TestRandom.bytes(1000, seed: 1)
        let contexts = (0..<Limits.contexts).map { AddressRange(address: UInt64($0) << 30, length: $0 + 1) }
        let descriptors = [Descriptor](repeating: .held(length: 1), count: 1000)
        for (index, count) in [PendingLeaves.ranges, PendingLeaves.ranges + 1].enumerated() {
            let id = LeafID(.content, UInt64(index))
            let blueprint = LeafBlueprint(
                descriptors: descriptors, contexts: contexts, coding: .zstdContext, literals: [], tag: [])
            try bytes.withUnsafeBytes { bytes in
                let inPlace = (0..<count).map { 2 * $0..<2 * $0 + 1 }
                let leaf = LeafDecoder.Leaf(
                    bytes: bytes, literals: nil, areLiteralsAuthentic: false, inPlace: inPlace)
                try pending.add(id, blueprint, leaf, literalsLearned: false, isVerified: false)
            }
            let waiting = try #require(pending[id])
            #expect(waiting.inPlace.count == (index == 0 ? count : 0))
            let (found, rests) = try pending.blueprint(of: waiting)
            #expect(found == descriptors && rests == contexts)
        }
    }

    @Test func aFailedManifestLeafHoldsNothingUp() throws {
        let yard = try Playground()
        let body = TestRandom.bytes(Limits.leaf + 5, seed: 2)
        let sender = TestSender([.file("a", body), .file("b", "two"), .file("c", "")])
        let rebuilder = try yard.rebuilder(sender)
        var records = try sender.records()
        let manifest = LeafID(.manifest, 0)
        guard case .leaf(_, var blueprint) = records[1] else { throw Playground.Unfinished() }
        blueprint.literals[blueprint.literals.count / 2] ^= 1
        records[1] = .leaf(manifest, blueprint)
        #expect(try rebuilder.record(records[0]) == .none)
        #expect(try rebuilder.record(records[1]) == .failed(manifest))
        for record in records[2...] { #expect(try rebuilder.record(record) == .none) }
        #expect(try yard.names() == [])
        let encoding = try sender.manifest.encode()
        #expect(try rebuilder.tags(manifest, sender.partTags(manifest, encoding)) == [0])
        #expect(try rebuilder.part(manifest, part: 0, offset: 0, bytes: encoding) == .verified(.manifestReady))
        #expect(rebuilder.manifestBytes == encoding)
        #expect(try rebuilder.proceed() == .none)
        #expect(rebuilder.isComplete)
        let finished = try rebuilder.finish()
        #expect(finished.receipt.filesWritten == 3)
        #expect(yard.bytes("a") == body)
        #expect(yard.bytes("b") == Array("two".utf8))
    }

    /// A rebuilder with one failed content leaf of 200,000 bytes, all wrong.
    private func failed(_ yard: Playground) throws -> (Rebuilder, TestSender, LeafID, [UInt8]) {
        let body = TestRandom.bytes(200_000, seed: 8)
        var sender = TestSender([.file("a", body)])
        sender.describe = { id, bytes in
            var leaf = TestSender.literal(id, bytes)
            if id.stream == .content { leaf.literals = [UInt8](repeating: 0, count: bytes.count) }
            return leaf
        }
        let rebuilder = try yard.rebuilder(sender)
        for record in try sender.records() {
            if try rebuilder.record(record) == .manifestReady { _ = try rebuilder.proceed() }
        }
        return (rebuilder, sender, LeafID(.content, 0), body)
    }

    @Test func takesPartsOnlyAsTheyAreDue() throws {
        let yard = try Playground()
        let (rebuilder, sender, id, body) = try failed(yard)
        let tags = sender.partTags(id, body)
        let parts = sender.parts(body)
        #expect(throws: RebuildError.outOfOrder) { try rebuilder.part(id, part: 0, offset: 0, bytes: parts[0]) }
        #expect(throws: RebuildError.outOfOrder) { try rebuilder.tags(LeafID(.content, 1), tags) }
        for count in [0, 16, tags.count - 1, tags.count + 16] {
            let wrong = Array((tags + tags).prefix(count))
            #expect(throws: RebuildError.wrongLength) { try rebuilder.tags(id, wrong) }
        }
        #expect(try rebuilder.tags(id, tags) == [0, 1, 2, 3])
        #expect(throws: RebuildError.outOfOrder) { try rebuilder.tags(id, tags) }
        #expect(try rebuilder.part(id, part: 1, offset: 0, bytes: Array(parts[1][..<10])) == .incomplete)
        for (part, offset) in [(1, 0), (1, 11), (0, 1), (4, 0), (-1, 0), (1, -10)] {
            #expect(throws: RebuildError.outOfOrder) { try rebuilder.part(id, part: part, offset: offset, bytes: [1]) }
        }
        #expect(throws: RebuildError.outOfOrder) { try rebuilder.part(id, part: 1, offset: 10, bytes: []) }
        #expect(throws: RebuildError.wrongLength) { try rebuilder.part(id, part: 1, offset: 10, bytes: parts[1]) }
        #expect(throws: RebuildError.wrongLength) {
            try rebuilder.part(id, part: 3, offset: 0, bytes: parts[3] + [0])
        }
        #expect(try yard.names() == [])
        #expect(throws: RebuildError.outOfOrder) { try rebuilder.finish() }
        #expect(try rebuilder.part(id, part: 1, offset: 10, bytes: Array(parts[1][10...])) == .incomplete)
        #expect(try rebuilder.part(id, part: 0, offset: 0, bytes: parts[0]) == .incomplete)
        #expect(try rebuilder.part(id, part: 3, offset: 0, bytes: parts[3]) == .incomplete)
        #expect(try rebuilder.part(id, part: 2, offset: 0, bytes: parts[2]) == .verified(.none))
        #expect(throws: RebuildError.outOfOrder) { try rebuilder.part(id, part: 2, offset: 0, bytes: parts[2]) }
        #expect(try rebuilder.finish().receipt.bytesRepaired == 200_000)
        #expect(yard.bytes("a") == body)
    }

    @Test func nothingIsCommittedThatNoTagConfirms() throws {
        let yard = try Playground()
        let (rebuilder, sender, id, body) = try failed(yard)
        #expect(try rebuilder.tags(id, sender.partTags(id, body)) == [0, 1, 2, 3])
        var last = LeafState.incomplete
        for (number, var part) in sender.parts(body).enumerated() {
            if number == 2 { part[17] ^= 4 }
            last = try rebuilder.part(id, part: number, offset: 0, bytes: part)
        }
        #expect(last == .wrong)
        #expect(!rebuilder.isComplete)
        #expect(throws: RebuildError.outOfOrder) { try rebuilder.finish() }
        #expect(try yard.names() == [])
    }

    @Test func partsThatAllHoldBelieNothing() throws {
        let yard = try Playground()
        let (rebuilder, sender, id, _) = try failed(yard)
        let zeros = [UInt8](repeating: 0, count: 200_000)
        #expect(try rebuilder.tags(id, sender.partTags(id, zeros)) == [])
        #expect(!rebuilder.isComplete)
        #expect(throws: RebuildError.outOfOrder) { try rebuilder.finish() }
    }

    /// Each extent that is suspected is read whole, so a few bytes from a peer must not make suspects of all.
    @Test func onlyWhatGaveWrongPartsIsSuspected() throws {
        let (yard, part) = (try Playground(), Limits.part)
        let (log, holdings) = try yard.replica(Array(old[..<(4 * part)]), extent: part)
        try yard.damage(at: 0, with: old[..<(4 * part)].map { $0 ^ 1 })
        var plan = HealPlan(log: log, extents: holdings.extents, scratch: try scratch(yard), gate: OpenGate())
        let adds = (0..<4).map { Descriptor.add(address: UInt64($0 * part), length: part) }
        try old.withUnsafeBytes { try plan.learn(from: $0.part(0..<4 * part), descriptors: adds, parts: [1, 2]) }
        #expect(try plan.heal().lost == [holdings.extents[1], holdings.extents[2]])
        #expect(try plan.heal(verifying: part).lost == [holdings.extents[1]])
    }

    private func scratch(_ yard: Playground) throws -> ScratchFile {
        ScratchFile(in: try yard.root().folder, name: Name("scratch".utf8), calls: FileCalls(gate: OpenGate()))
    }
}
