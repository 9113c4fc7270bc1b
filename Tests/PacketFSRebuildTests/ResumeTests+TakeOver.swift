import PacketFSWire
import Testing

@testable import PacketFSRebuild

/// One interrupted transfer takes over what another left, and is itself taken up.
extension ResumeTests {
    /// Some of it has the names that the later transfer gave it, the rest those of the earlier one.
    @Test(arguments: [0, 1, 2, 7, 20, 21]) func aTakeOverThatIsCutShortLosesNothing(_ writes: Int) throws {
        let yard = try Playground()
        let first = try interrupt(yard, after: 7)
        let before = Rebuilder.partialFiles(of: first, root: try yard.root())
        let sender = TestSender(nodes(), number: 2)
        let rebuilder = try yard.rebuilder(sender) {
            $0.resuming = first
            $0.gate = CrashGate(after: writes, kind: .rename)
        }
        _ = try? sender.run(rebuilder, limit: 3)
        let second = RebuildSetup.Interrupted(transfer: sender.transfer, manifest: sender.manifest)
        #expect(Rebuilder.partialFiles(of: second, root: try yard.root()).count == writes)
        // What hands it over may be cut short, too.
        let gate = CrashGate(after: 3, kind: .rename)
        try? Rebuilder.handOver(first, to: second, root: yard.root(), gate: gate)
        try Rebuilder.handOver(first, to: second, root: yard.root())
        #expect(try Rebuilder.discard(first, root: yard.root()))
        #expect(Rebuilder.partialFiles(of: second, root: try yard.root()) == before)
        try yard.receive(resuming(TestSender(nodes(), number: 3), before)) { $0.resuming = second }
        try expectWhole(yard)
    }

    /// What a transfer wrote itself is younger than what one before it left.
    @Test func whatIsHandedOverReplacesNothing() throws {
        let yard = try Playground()
        let first = try interrupt(yard, after: 4)
        let sender = TestSender(nodes(), number: 2)
        #expect(try sender.run(yard.rebuilder(sender), limit: 6) == nil)
        let second = RebuildSetup.Interrupted(transfer: sender.transfer, manifest: sender.manifest)
        let before = Rebuilder.partialFiles(of: second, root: try yard.root())
        try Rebuilder.handOver(first, to: second, root: yard.root())
        #expect(Rebuilder.partialFiles(of: second, root: try yard.root()) == before)
        #expect(try Rebuilder.discard(first, root: yard.root()))
        #expect(try yard.leftovers().count == 1)
    }
}
