import PacketFSBlob
import PacketFSModel
import PacketFSPlan
import PacketFSTestKit
import PacketFSWire
import Testing

@Suite struct PlannerTests {
    /// A seeded run of edits: insert, delete, replace, move, duplicate, runs of one byte.
    private static func edit(_ original: [UInt8], using random: inout SeededRandom) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let start = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, start + Int.random(in: 0...20_000, using: &random))
            let few = Int.random(in: 1...40, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes.insert(contentsOf: random.bytes(few * 50), at: start)
            case 1: bytes.removeSubrange(start..<end)
            case 2: bytes.replaceSubrange(start..<min(start + few, bytes.count), with: random.bytes(few))
            case 3:
                let moved = Array(bytes[start..<end])
                bytes.removeSubrange(start..<end)
                bytes.insert(contentsOf: moved, at: Int.random(in: 0...bytes.count, using: &random))
            case 4: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &random))
            case 5: bytes.insert(contentsOf: [UInt8](repeating: UInt8(few), count: few * 10), at: start)
            default:
                for offset in stride(from: start, to: end, by: few + 10) { bytes[offset] ^= 0x55 }
            }
        }
        return bytes
    }

    @Test(
        arguments: [
            (BlobError.diskFull as any Error, PlanError.diskFull), (PlanError.diskFull, .diskFull),
            (BlobError.readOnly, .blob), (PlanError.missingBytes(1), .blob),
        ] as [(any Error, PlanError)]) func aLogThatCannotGrowSaysWhy(_ error: any Error, _ expected: PlanError) throws
    {
        let bench = try Workbench()
        var random = SeededRandom(seed: 4)
        try bench.folder.file("src/f", random.bytes(5000))
        let tree = try bench.scan()
        let planner = try Planner(
            transfer: .none, tree: tree, origins: [.sent], runs: RunSet([]), log: bench.log, index: bench.index,
            tagger: bench.tagger, options: PlanOptions(), reserve: { _ in throw error })
        #expect(throws: expected) { while try planner.next() != nil {} }
    }

    /// Before there is a session some steps are planned, and none is tagged: whoever has them by then has the same.
    @Test func whatIsPreparedIsTheSame() throws {
        var random = SeededRandom(seed: 5)
        let bench = try Workbench()
        let known = random.bytes(300_000)
        try bench.provide(known)
        try bench.folder.file("src/a", Self.edit(known, using: &random))
        try bench.folder.file("src/b", random.bytes(9 << 20))
        bench.options.learns = false
        let tree = try bench.scan()
        func steps(isPrepared: Bool) throws -> [PlanStep] {
            let planner = try bench.planner(tree)
            let tagger = planner.tagger
            if isPrepared {
                planner.tagger = Untold()
                try planner.prepare()
                planner.tagger = tagger
            }
            var steps: [PlanStep] = []
            while let step = try planner.next() { steps.append(step) }
            #expect(!bench.tagger.hasClash && planner.contentLength == planner.report.content.bytes.total)
            return steps
        }
        let prepared = try steps(isPrepared: true)
        #expect(prepared.count > 5)
        #expect(try prepared == steps(isPrepared: false))
    }

    @Test(arguments: 0..<24)
    func editedBytesComeOutAsTheyWere(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let bench = try Workbench()
        let original = seed % 2 == 0 ? random.bytes(300_000) : random.text(300_000)
        try bench.provide(original)
        try bench.provide(random.bytes(50_000), isAcknowledged: false)
        let edited = Self.edit(original, using: &random)
        let (_, planner) = try bench.send(edited)
        #expect(planner.report.content.bytes.total == UInt64(edited.count))
        let bytes = planner.report.content.bytes
        #expect(bytes.copied + bytes.added > UInt64(edited.count / 3))
    }

    /// What one transfer teaches serves the next one.
    @Test(arguments: 0..<6)
    func whatWasLearnedIsCopied(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) + 100)
        let bench = try Workbench()
        let first = seed % 2 == 0 ? random.bytes(200_000) : random.text(200_000)
        let (reader, planner) = try bench.send(first)
        let extents = try planner.finishLearning()
        #expect(extents.map(\.range) == reader.replica.map(\.range))
        for extent in extents { #expect(Healer.verify(extent, in: bench.log)) }
        for run in reader.replica { expectSame(bench.log.bytes(run.range), run.bytes) }
        bench.acknowledge(extents)
        let (_, again) = try bench.send(Self.edit(first, using: &random) + first)
        let bytes = again.report.content.bytes
        #expect(bytes.copied + bytes.added > UInt64(first.count))
    }

    /// Edits too short for an anchor must not be sent again with every later version.
    @Test func shortEditsAreSentOnce() throws {
        var random = SeededRandom(seed: 11)
        let bench = try Workbench()
        let original = random.bytes(400_000)
        try bench.provide(original)
        var edited = original
        for offset in stride(from: 1000, to: 390_000, by: 3000) {
            edited.replaceSubrange(offset..<offset + 20, with: random.bytes(20))
        }
        let (_, first) = try bench.send(edited)
        #expect(first.report.content.codedLiterals > 2500)
        bench.acknowledge(try first.finishLearning())
        let (_, second) = try bench.send(edited)
        #expect(second.report.content.codedLiterals < 100)
        edited.removeSubrange(100_000..<200_000)
        let (_, third) = try bench.send(edited)
        #expect(third.report.content.codedLiterals < 150)
    }

    /// As in a tar: parts too short for an anchor, between zeros that are filled and not learned.
    @Test func shortPartsBetweenFillsAreCopied() throws {
        var random = SeededRandom(seed: 12)
        let bench = try Workbench()
        var parts = (0..<2000).map { _ in random.bytes(40 + Int(random.next() % 160)) }
        let gaps = parts.map { _ in [UInt8](repeating: 0, count: 4200 + Int(random.next() % 200)) }
        let (_, first) = try bench.send(zip(parts, gaps).flatMap { $0 + $1 })
        bench.acknowledge(try first.finishLearning())
        for part in stride(from: 20, to: 2000, by: 50) { parts[part].replaceSubrange(5..<15, with: random.bytes(10)) }
        let (_, second) = try bench.send(zip(parts, gaps.reversed()).flatMap { $0 + $1 })
        // Zeros that are left of a fill where a copy reaches into it are literal, too, and cost next to nothing.
        #expect(second.report.content.codedLiterals < 800)
    }

    /// A leaf that lies all over the log is kept as a whole; what the model of a later one looks back at ends where the runs
    /// of all that was learned end, at both ends.
    @Test(arguments: 0..<4) func aLeafThatWasLearnedWholeIsOneRun(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) + 200)
        let bench = try Workbench()
        bench.isHistory = true
        let parts = (0..<60).map { _ in random.text(64 << 10) }
        for part in parts.shuffled(using: &random) { try bench.provide(part) }
        let blocks = (0..<10).map { _ in random.text(20_000 + random.draw(0...4000)) }
        var bytes = zip(parts[..<10], blocks).flatMap { $0 + $1 } + parts[10...].joined()
        bytes += random.text(Limits.leaf - bytes.count)
        for block in blocks.shuffled(using: &random) {
            bytes += random.text(random.draw(500...3000)) + block + random.text(random.draw(500...3000))
        }
        let (reader, _) = try bench.send(bytes)
        let first = try #require(reader.blueprints[LeafID(.content, 0)])
        let second = try #require(reader.blueprints[LeafID(.content, 1)])
        #expect(first.learning == .whole && second.coding == .modelled)
        #expect(second.stretches.contains { $0.address >= first.learnedAt ?? .max })
    }

    /// What is new lies in one place by the next version, however many places of the leaf it is in now.
    @Test func aLeafThatHasManyChangesIsNotLearnedWhole() throws {
        var random = SeededRandom(seed: 14)
        let bench = try Workbench()
        bench.isHistory = true
        var bytes = random.text(2 << 20)
        try bench.provide(bytes)
        for offset in stride(from: 10_000, to: 2_000_000, by: 50_000) {
            bytes.replaceSubrange(offset..<offset + 300, with: random.text(300))
        }
        let (reader, _) = try bench.send(bytes)
        let blueprint = try #require(reader.blueprints[LeafID(.content, 0)])
        #expect(blueprint.learning == .lacked && blueprint.learnedLength < bytes.count / 4)
    }

    /// Else each run in which nothing changed would have the same bytes kept again.
    @Test(arguments: [PlanEffort.auto, .fast], [20_000])
    func whatIsKnownIsNotLearnedAgain(_ effort: PlanEffort, count: Int) throws {
        var random = SeededRandom(seed: 13)
        let bench = try Workbench()
        bench.options.effort = effort
        // Shorter than the shortest copy, as the manifest is.
        try bench.folder.file("src/f", random.text(count))
        let tree = try bench.scan()
        var sizes: [Int] = []
        for round in 0..<4 {
            let planner = try bench.planner(tree)
            let reader = try bench.run(planner)
            let extents = try planner.finishLearning()
            #expect(reader.blueprints[LeafID(.content, 0)]?.learnedAt == nil || round == 0)
            bench.acknowledge(extents)
            sizes.append(reader.blueprints.values.reduce(0) { $0 + $1.literals.count + $1.differences.count })
        }
        #expect(sizes[1] <= sizes[0] && sizes[1...].allSatisfy { $0 == sizes[1] })
    }

    @Test func copiesReachBackIntoTheSameTransfer() throws {
        var random = SeededRandom(seed: 1)
        let bench = try Workbench()
        let half = random.bytes(Limits.leaf)
        let (_, planner) = try bench.send(half + random.bytes(1000) + half + half)
        #expect(planner.report.content.bytes.literal < UInt64(half.count + 10_000))
        #expect(planner.report.content.leaves == 4)
        bench.options.learns = false
        let (_, forgetful) = try bench.send(half + half)
        #expect(forgetful.report.content.bytes.copied == 0)
        #expect(try forgetful.finishLearning().isEmpty)
    }

    @Test func nothingIsCopiedThatTheReceiverLacks() throws {
        var random = SeededRandom(seed: 2)
        let bench = try Workbench()
        let bytes = random.bytes(100_000)
        try bench.provide(bytes, isAcknowledged: false)
        let (_, planner) = try bench.send(bytes)
        #expect(planner.report.content.bytes.copied == 0)
    }

    @Test(arguments: [0, 1, 31, 32, 63, 64, 255, 4096, Limits.part, Limits.leaf - 1, Limits.leaf, Limits.leaf + 1])
    func everyLengthTravels(_ count: Int) throws {
        var random = SeededRandom(seed: UInt64(count))
        let bench = try Workbench()
        let (reader, planner) = try bench.send(random.bytes(count))
        #expect(reader.announced.content == UInt64(count))
        #expect(planner.contentLength == UInt64(count))
        #expect(planner.report.content.leaves == UInt64((count + Limits.leaf - 1) / Limits.leaf))
    }

    @Test func runsOfOneByteAreFills() throws {
        var random = SeededRandom(seed: 3)
        let bench = try Workbench()
        let bytes =
            random.bytes(1000) + [UInt8](repeating: 0, count: 5_000_000) + random.bytes(10)
            + [UInt8](repeating: 255, count: 4096) + random.bytes(7) + [UInt8](repeating: 1, count: 4095)
        let (_, planner) = try bench.send(bytes)
        #expect(planner.report.content.bytes.filled == 5_004_096)
        #expect(planner.report.content.codedLiterals < 1100)
    }

    @Test func textIsCompressedAndRandomBytesAreNot() throws {
        var random = SeededRandom(seed: 4)
        let bench = try Workbench()
        bench.options.learns = false
        let text = random.text(500_000)
        let (compressed, _) = try bench.send(text)
        #expect(compressed.blueprints[LeafID(.content, 0)]?.coding == .zstd)
        #expect(compressed.blueprints[LeafID(.content, 0)]?.literals.count ?? .max < text.count / 2)
        let (raw, _) = try bench.send(random.bytes(500_000))
        #expect(raw.blueprints[LeafID(.content, 0)]?.coding == .raw)
        bench.options.compresses = false
        let (plain, _) = try bench.send(text)
        expectSame(plain.blueprints[LeafID(.content, 0)]?.literals, text)
    }

    @Test func laterLeavesLookBackAtEarlierOnes() throws {
        var random = SeededRandom(seed: 5)
        let bench = try Workbench()
        bench.options.matches = false
        let (reader, _) = try bench.send(random.text(2 * Limits.leaf))
        #expect(reader.blueprints[LeafID(.content, 1)]?.coding == .zstdPrevious)
        #expect(reader.blueprints.values.allSatisfy { $0.contexts.isEmpty })
    }

    @Test func newContentIsCompressedAsHardAsTheLinkLeavesTimeFor() throws {
        var random = SeededRandom(seed: 5)
        let bench = try Workbench()
        bench.options.learns = false
        let text = random.text(2 * Limits.leaf)
        try bench.folder.file("src/f", text)
        let tree = try bench.scan()
        func count(_ effort: PlanEffort, _ pace: Pace?, coding: LiteralCoding = .zstdPrevious) throws -> Int {
            bench.options.effort = effort
            let reader = try bench.run(bench.planner(tree), pace: pace)
            expectSame(reader.streams[.content, default: []], text)
            let blueprint = reader.blueprints[LeafID(.content, 1)]
            #expect(blueprint?.coding == coding)
            return blueprint?.literals.count ?? 0
        }
        func slow(_ slack: Double) -> Pace { Pace(rate: 1e6, slack: slack) }
        let usual = try count(.auto, nil)
        let hasty = try count(.auto, slow(0), coding: .zstd)
        #expect(hasty > usual && usual < Limits.leaf / 2)
        #expect(try count(.auto, slow(0.1)) == usual)
        #expect(try count(.auto, slow(1)) < usual)
        #expect(try count(.auto, slow(100)) < count(.auto, slow(1)))
        #expect(try count(.auto, Pace(rate: 1e6, slack: 100, isSettled: false)) == count(.auto, slow(1)))
        #expect(try count(.fast, slow(1)) == usual)
        // Where the link is faster than zstd, the other end is what takes time.
        #expect(try count(.auto, Pace(rate: 2e8, slack: 1), coding: .zstd) == hasty)
        #expect(try count(.auto, Pace(rate: 1e9, slack: 1), coding: .raw) == Limits.leaf)
        #expect(try count(.max, Pace(rate: 1e9, slack: 0)) == usual)
    }

    @Test func withoutMatchingNothingIsCopied() throws {
        var random = SeededRandom(seed: 6)
        let bench = try Workbench()
        let bytes = random.bytes(100_000)
        try bench.provide(bytes)
        bench.options.matches = false
        let (_, planner) = try bench.send(bytes)
        #expect(planner.report.content.bytes.literal == 100_000)
    }

    @Test func changedBytesLookBackAtWhatTheyReplace() throws {
        var random = SeededRandom(seed: 7)
        let bench = try Workbench()
        let original = random.bytes(200_000)
        try bench.provide(original)
        var changed = original
        for offset in stride(from: 60_000, to: 50_000, by: -13) { changed.insert(1, at: offset) }
        bench.options.effort = .fast
        let (reader, _) = try bench.send(changed)
        let blueprint = try #require(reader.blueprints[LeafID(.content, 0)])
        #expect(blueprint.coding == .zstdContext)
        #expect(blueprint.literals.count < 6000)
        #expect(blueprint.contexts.reduce(0) { $0 + $1.length } < 40_000)
    }

    @Test func offsetOnlyTellsWhatIsMissing() throws {
        var random = SeededRandom(seed: 8)
        let bench = try Workbench()
        let known = random.bytes(Limits.leaf + 50_000)
        try bench.provide(known)
        bench.options.isOffsetOnly = true
        let (_, planner) = try bench.send(known)
        #expect(planner.report.content.bytes.copied == UInt64(known.count))
        #expect(try planner.finishLearning().isEmpty)

        try bench.folder.file("src/g", random.bytes(12_345))
        try bench.folder.file("src/h", known.prefix(40_000) + random.bytes(1000))
        let refusing = try bench.planner(try bench.scan())
        #expect(throws: PlanError.missingBytes(13_345)) { try bench.run(refusing) }
        #expect(refusing.report.files.map(\.entry) == [1, 2, 3])
        #expect(refusing.report.files.map(\.bytes.literal) == [0, 12_345, 1000])
        #expect(refusing.report.files.map(\.bytes.copied) == [UInt64(known.count), 0, 40_000])
    }

    @Test func figuresOfFilesAddUp() throws {
        var random = SeededRandom(seed: 9)
        let bench = try Workbench()
        let known = random.bytes(100_000)
        try bench.provide(known)
        bench.options.reportsFiles = true
        var changed = known
        for place in stride(from: 50_000, to: 60_000, by: 100) { changed[place] ^= 1 }
        try bench.folder.file("src/a", changed + random.text(30_000))
        try bench.folder.file("src/b", [UInt8](repeating: 0, count: 70_000))
        try bench.folder.file("src/c", random.bytes(Limits.leaf))
        let planner = try bench.planner(try bench.scan())
        _ = try bench.run(planner)
        let (files, content) = (planner.report.files, planner.report.content)
        #expect(files.map(\.bytes.total) == [130_000, 70_000, UInt64(Limits.leaf)])
        #expect(files.reduce(0) { $0 + $1.bytes.literal } == content.bytes.literal)
        #expect(files[0].bytes.copied + files[0].bytes.added == 100_000 && files[1].bytes.filled == 70_000)
        #expect(files[0].bytes.added > 9_000 && files[0].differences > 0)
        #expect(content.tags == content.leaves * UInt64(Limits.tag))
        for (share, all) in [
            (\FileReport.codedLiterals, content.codedLiterals), (\.differences, content.differences),
            (\.tags, content.tags), (\.descriptors, content.descriptors), (\.bytes.added, content.bytes.added),
        ] {
            #expect(files.reduce(0) { $0 + $1[keyPath: share] } == all)
        }
    }
}

/// What no leaf may get.
private struct Untold: LeafTagger {
    func tag(leaf: LeafID, bytes: UnsafeRawBufferPointer) -> [UInt8] { [] }
    func tag(part: Int, of leaf: LeafID, bytes: UnsafeRawBufferPointer) -> [UInt8] { [] }
}
