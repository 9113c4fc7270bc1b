import PacketFSModel
import PacketFSTestKit
import PacketFSWire
import Testing

/// What literals look back at by themselves.
@Suite struct SurroundingsTests {
    private let first = AddressRange(address: 1_000, length: 50_000)
    private let second = AddressRange(address: 60_000, length: 2_000)

    @Test func takesWhatFollowsTheOneAndPrecedesTheOther() {
        let found = surroundings([
            .copy(address: 1_000, length: 100), .literal(length: 40), .copy(address: 40_000, length: 100),
        ])
        // Margins of 256 bytes around 1,100 to 1,140 and 39,960 to 40,000, of which the run lacks what is below 1,000.
        #expect(
            found.ranges == [AddressRange(address: 1_000, length: 396), AddressRange(address: 39_704, length: 552)])
        let behind = ContextTrack(start: 107, known: 7..<403)
        let ahead = ContextTrack(start: 403 + 256, known: 403..<955)
        #expect(found.literals == [LiteralPlace(100..<140, behind: behind, ahead: ahead)])
    }

    @Test func joinsWhatIsNearWithinARun() {
        let found = surroundings([
            .add(address: 50_000, length: 100), .literal(length: 9), .add(address: 50_900, length: 100),
            .literal(length: 9), .copy(address: 60_100, length: 10),
        ])
        #expect(
            found.ranges == [AddressRange(address: 49_844, length: 1_156), AddressRange(address: 60_000, length: 356)])
    }

    @Test func passesFillsOnTheDiagonal() {
        let found = surroundings([
            .copy(address: 2_000, length: 10), .fill(byte: 0, length: 5_000), .literal(length: 20),
        ])
        #expect(found.ranges == [AddressRange(address: 6_754, length: 532)])
        #expect(found.literals[0].behind == ContextTrack(start: 7 + 256, known: 7..<539))
        #expect(found.literals[0].ahead == .none)
    }

    @Test func knowsNothingWithoutCopies() {
        let found = surroundings([.literal(length: 5), .fill(byte: 1, length: 2), .literal(length: 6)])
        #expect(found.ranges.isEmpty)
        #expect(found.literals == [LiteralPlace(0..<5), LiteralPlace(7..<13)])
    }

    /// Whatever descriptors say: ascending, disjoint, within runs and limits, and of no track a byte beside the ranges.
    @Test(arguments: 0..<50)
    func staysWithinRunsAndLimits(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let runs = [first, second, AddressRange(address: 1 << 30, length: 64 << 20)]
        let descriptors = (0..<random.draw(1...400)).map { _ -> Descriptor in
            let length = 1 + random.magnitude(upTo: 30_000)
            guard random.draw(0...2) > 0 else { return .literal(length: length) }
            let run = runs[random.draw(0...2)]
            let start = run.address + UInt64(random.draw(0...run.length - 1))
            return .copy(address: start, length: min(length, Int(run.end - start)))
        }
        let told = random.draw(0...Limits.contextBytes)
        let found = Surroundings(descriptors, told: told) { address in
            runs.first { $0.address <= address && address < $0.end }
        }
        var end: UInt64 = 0
        for range in found.ranges {
            #expect(range.length > 0 && range.address >= end)
            #expect(runs.contains { $0.address <= range.address && range.end <= $0.end })
            end = range.end
        }
        let count = found.ranges.reduce(told) { $0 + $1.length }
        #expect(count <= Limits.contextBytes)
        for track in found.literals.flatMap({ [$0.behind, $0.ahead] }) where track != .none {
            #expect(track.known.lowerBound >= told && track.known.upperBound <= count)
        }
        #expect(found.literals.count == descriptors.count { $0.kind == .literal })
    }

    private func surroundings(_ descriptors: [Descriptor]) -> Surroundings {
        Surroundings(descriptors, told: 7) { address in
            [first, second].first { $0.address <= address && address < $0.end }
        }
    }
}
