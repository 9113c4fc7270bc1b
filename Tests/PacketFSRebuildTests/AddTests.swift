import Glibc
import PacketFSBlob
import PacketFSModel
import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// Adds and modelled literals at the receiver: what they rest on may be damaged, or point where it must not.
@Suite struct AddTests {
    private let old = TestRandom.bytes(3 << 20, seed: 77)

    /// A leaf like the log from `address` on: every thousandth byte is another one, and the last 100 are new.
    private func content(at address: Int, count: Int) -> [UInt8] {
        var bytes = Array(old[address..<address + count])
        for place in stride(from: 11, to: count, by: 1000) { bytes[place] &+= 3 }
        bytes.replaceSubrange(count - 100..<count, with: repeatElement(UInt8(ascii: "n"), count: 100))
        return bytes
    }

    private func blueprint(
        _ bytes: [UInt8], at address: Int, tag: [UInt8], learnedAt: UInt64? = nil
    ) -> LeafBlueprint {
        let length = bytes.count - 100
        var blueprint = LeafBlueprint(
            descriptors: [.add(address: UInt64(address), length: length), .literal(length: 100)], coding: .modelled,
            literals: [], learnedAt: learnedAt, tag: tag)
        let encoder = DifferenceEncoder()
        encoder.begin(blueprint.stretches)
        bytes.withUnsafeBytes { bytes in
            old[address..<address + length].withUnsafeBytes {
                encoder.add(bytes, 0..<length, base: $0, address: UInt64(address))
            }
        }
        blueprint.differences = encoder.finish()
        blueprint.literals = bytes.withUnsafeBytes { bytes in
            let all = AddressRange(address: 0, length: old.count)
            let surroundings = blueprint.surroundings { $0 < all.end ? all : nil }
            return surroundings.ranges.flatMap { old[Int($0.address)..<Int($0.end)] }.withUnsafeBytes {
                LiteralModelEncoder().encode(bytes, surroundings.literals, context: $0)
            }
        }
        return blueprint
    }

    private func sender(_ bytes: [UInt8], at address: Int) -> TestSender {
        var sender = TestSender([.file("a", bytes)])
        sender.describe = { id, bytes in
            guard id.stream == .content else { return TestSender.literal(id, bytes) }
            return blueprint(bytes, at: address, tag: TestSender.tag(id, bytes), learnedAt: 10_000_000)
        }
        return sender
    }

    @Test(arguments: [false, true])
    func rebuildsAndLearnsTheAddedBytes(_ isDamaged: Bool) throws {
        let yard = try Playground()
        let (log, holdings) = try yard.replica(old, extent: 1 << 20)
        if isDamaged { try yard.damage(at: 1_200_000, with: TestRandom.bytes(300, seed: 1)) }
        let bytes = content(at: 1_100_000, count: 900_000)
        let finished = try yard.receive(sender(bytes, at: 1_100_000)) {
            $0.replica = RebuildSetup.Replica(log: log, holdings: holdings, learning: ExtentBuilder(log: log))
        }
        #expect(yard.bytes("a") == bytes)
        #expect(finished.receipt.learned.map(\.range) == [AddressRange(address: 10_000_000, length: bytes.count)])
        #expect(finished.receipt.learned.allSatisfy { Healer.verify($0, in: log) })
        #expect(log.bytes(AddressRange(address: 10_000_000, length: bytes.count)) == bytes)
        #expect((finished.receipt.leavesRepaired > 0) == isDamaged)
        // What the add should have found there cannot be told, so the extent cannot be healed.
        #expect(finished.lost == (isDamaged ? [holdings.extents[1]] : []))
    }

    /// Short adds come out of blocks that are kept, long ones piece by piece, and those of a log in memory from there.
    @Test(arguments: [1, 31, 16_383, 16_384, 128 << 10, (128 << 10) + 1, 300_000], [false, true])
    func sumsAreTheSameWhereverTheLogIs(_ length: Int, _ isResident: Bool) throws {
        let yard = try Playground()
        let (file, holdings) = try yard.replica(old, extent: 1 << 20)
        var log = file
        if isResident {
            let arena = Arena(residency: Residency())
            log = try Log(file: yard.path + "/log", id: file.id, create: false, arena: arena)
            try arena.hold(holdings.runs, of: log)
        }
        let decoder = try LeafDecoder(replica: log, runs: RunSet(holdings.runs))
        let starts = [7, 1 << 20, 20_011]
        let differences = TestRandom.bytes(length * starts.count, seed: 5)
        let leaf = LeafBlueprint(
            descriptors: starts.map { .add(address: UInt64($0), length: length) }, coding: .raw, literals: [],
            differences: TestZstd.compress(differences), differenceCoding: .zstd,
            tag: [UInt8](repeating: 0, count: 16))
        let sums = zip(starts.flatMap { old[$0..<$0 + length] }, differences).map { $0 &+ $1 }
        try decoder.decode(leaf, of: .content, length: sums.count, held: { _, _ in [] }) { result in
            #expect(Array(result.bytes) == sums)
        }
    }

    /// No fault of the sender, and one that can be mended here.
    @Test func aReplicaThatCannotGrowIsOurLimit() async {
        await #expect(processExitsWith: .success) {
            let yard = try Playground()
            let (log, holdings) = try yard.replica([1, 2, 3])
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1 << 20, rlim_max: 1 << 20)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            var sender = TestSender([.file("a", "new")])
            sender.describe = { id, bytes in
                var blueprint = TestSender.literal(id, bytes)
                if id.stream == .content { blueprint.learnedAt = 1 << 20 }
                return blueprint
            }
            #expect(throws: RebuildError.replicaTooLarge) {
                try yard.receive(sender) {
                    $0.replica = RebuildSetup.Replica(log: log, holdings: holdings, learning: ExtentBuilder(log: log))
                }
            }
            #expect(RebuildError.replicaTooLarge.reason == .limitExceeded)
        }
    }

    @Test(arguments: [(3 << 20, 1), ((3 << 20) - 5, 10), (1 << 56, 1), (1 << 62, 100)] as [(UInt64, Int)])
    func refusesAddsOutsideWhatIsHeld(_ address: UInt64, _ length: Int) throws {
        let yard = try Playground()
        let (log, holdings) = try yard.replica(old, extent: 1 << 20)
        let decoder = try LeafDecoder(replica: log, runs: RunSet(holdings.runs))
        let leaf = LeafBlueprint(
            descriptors: [.add(address: address, length: length)], coding: .raw, literals: [],
            tag: [UInt8](repeating: 0, count: 16))
        #expect(throws: RebuildError.outOfBounds) {
            try decoder.decode(leaf, of: .content, length: length, held: { _, _ in [] }) { _ in }
        }
    }

    @Test(arguments: 0..<30, DifferenceCoding.allCases)
    func hostileDifferencesFailTheTagAndNothingElse(_ seed: Int, _ differences: DifferenceCoding) throws {
        let yard = try Playground()
        let (log, holdings) = try yard.replica(old, extent: 1 << 20)
        let decoder = try LeafDecoder(replica: log, runs: RunSet(holdings.runs))
        let noise = TestRandom.bytes(40 + seed * 30, seed: UInt64(seed))
        let leaf = LeafBlueprint(
            descriptors: [
                .copy(address: 5, length: 100), .add(address: UInt64(seed), length: 70_000), .literal(length: 3_000),
                .copy(address: 5, length: 100),
            ], coding: .modelled, literals: noise, differences: noise.reversed(), differenceCoding: differences,
            tag: [UInt8](repeating: 0, count: 16))
        try decoder.decode(leaf, of: .content, length: 73_200, held: { _, _ in [] }) { result in
            #expect(Array(result.bytes.prefix(100)) == Array(old[5..<105]))
            #expect(Array(result.bytes.suffix(100)) == Array(old[5..<105]))
            #expect(!result.areLiteralsAuthentic && result.literals == nil)
        }
    }
}
