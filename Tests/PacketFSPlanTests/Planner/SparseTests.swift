import Glibc
import PacketFSPlan
import PacketFSTestKit
import PacketFSWire
import Testing

/// Sources with holes.
@Suite struct SparseTests {
    /// Makes `src/f` a file of `size` bytes that has `pieces` at their offsets and holes elsewhere.
    private func makeSparse(_ bench: Workbench, size: Int, _ pieces: [(offset: Int, bytes: [UInt8])]) {
        let file = open(bench.folder.path + "/src/f", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(file) }
        #expect(ftruncate(file, off_t(size)) == 0)
        for piece in pieces { #expect(pwrite(file, piece.bytes, piece.bytes.count, off_t(piece.offset)) > 0) }
    }

    @Test func holesAreNotRead() throws {
        var random = SeededRandom(seed: 1)
        let bench = try Workbench()
        let size = 12 * Limits.leaf + 5000
        let pieces = [
            (offset: 3 * Limits.leaf - 4096, bytes: random.bytes(8192)),
            (offset: 7 * Limits.leaf + 65_536, bytes: random.bytes(100)),
        ]
        makeSparse(bench, size: size, pieces)
        let planner = try bench.planner(try bench.scan())
        let reader = try bench.run(planner)
        var expected = [UInt8](repeating: 0, count: size)
        for (offset, bytes) in pieces { expected.replaceSubrange(offset..<offset + bytes.count, with: bytes) }
        expectSame(reader.streams[.content], expected)
        #expect(planner.report.bytesRead < 1 << 20)
        #expect(planner.report.content.bytes.literal < 10_000)
        #expect(planner.report.dropped == 0)
    }

    /// Its leaves come at once, however many they are.
    @Test func theLeavesOfAHoleAreFills() throws {
        let bench = try Workbench()
        makeSparse(bench, size: 1 << 40, [])
        let planner = try bench.planner(try bench.scan())
        var leaves = 0
        while leaves < 20, let step = try planner.next() {
            guard case .record(.leaf(let id, let blueprint)) = step, id.stream == .content else { continue }
            #expect(blueprint.descriptors == [.fill(byte: 0, length: Limits.leaf)])
            #expect(blueprint.literals.isEmpty && blueprint.learnedAt == nil)
            leaves += 1
        }
        #expect(leaves == 20)
        #expect(planner.report.bytesRead == 0)
    }

    @Test func aHoleThatIsFilledMeanwhileIsNoticed() throws {
        let bench = try Workbench()
        makeSparse(bench, size: 2 * Limits.leaf, [])
        let tree = try bench.scan()
        usleep(20_000)
        let file = open(bench.folder.path + "/src/f", O_WRONLY)
        #expect(pwrite(file, "!", 1, off_t(Limits.leaf)) == 1)
        close(file)
        let reader = try bench.run(try bench.planner(tree))
        #expect(reader.dropped == [FailedEntry(entry: 1, failure: .sourceChanged)])
    }

    @Test func leavesWithHolesAreReadAgain() throws {
        let bench = try Workbench()
        makeSparse(bench, size: Limits.leaf, [(offset: Limits.part + 10, bytes: [1, 2, 3])])
        let planner = try bench.planner(try bench.scan())
        _ = try bench.run(planner)
        let leaf = LeafID(.content, 0)
        #expect(try planner.part(0, of: leaf) == [UInt8](repeating: 0, count: Limits.part))
        #expect(try planner.part(1, of: leaf).prefix(13) == [UInt8](repeating: 0, count: 10) + [1, 2, 3])
    }
}
