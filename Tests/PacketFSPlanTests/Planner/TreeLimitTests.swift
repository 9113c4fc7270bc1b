import PacketFSWire
import Testing

@testable import PacketFSPlan

/// A tree that no manifest can have is refused for what it is.
@Suite struct TreeLimitTests {
    private func refusal(_ entries: [ManifestEntry]) throws -> PlanError? {
        let zero = FileTime(seconds: 0, nanoseconds: 0)
        let stat = StatKey(device: 1, inode: 1, size: 0, modified: zero, changed: zero)
        let tree = ScannedTree(
            manifest: Manifest(entries: entries), problems: [], started: zero, isSingleFile: false,
            stats: entries.map { _ in stat }, rootNumbers: entries.map { _ in 0 }, roots: [])
        let bench = try Workbench()
        do {
            _ = try bench.planner(tree)
            return nil
        } catch {
            return error as? PlanError
        }
    }

    private func file(
        _ number: Int, size: UInt64 = 0, attributes: [ExtendedAttribute] = []
    ) -> ManifestEntry {
        ManifestEntry(
            path: Array("\(1_000_000 + number)".utf8), kind: .file, mode: 0,
            modified: FileTime(seconds: 0, nanoseconds: 0),
            size: size, attributes: attributes)
    }

    @Test func itIsSaidWhichLimitItIs() throws {
        let many = (0..<Limits.attributes).map { ExtendedAttribute(name: "user.\(100 + $0)", value: []) }
        let lists = [many, many.dropLast() + [ExtendedAttribute(name: "user.9", value: [])]]
        let most = Limits.allAttributes / Limits.attributes
        #expect(try refusal((0...most).map { file($0, attributes: lists[$0 % 2]) }) == .tooManyAttributes)
        let large = (0...16).map { file($0, size: Limits.fileSize) }
        #expect(try refusal(large) == .tooManyBytes)
        #expect(try refusal(large.dropLast()) == nil)
        #expect(try refusal([file(2), file(1)]) == .badTree)
    }
}
