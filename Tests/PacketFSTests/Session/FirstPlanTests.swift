import Foundation
import PacketFSStore
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// A transfer is planned while the connection is made.
@Suite struct FirstPlanTests {
    private let pair: TestPair
    private let peer: PeerRecord

    init() throws {
        pair = try TestPair()
        peer = try pair.left.record(named: TestPair.peer)
        write("early")
    }

    private func write(_ name: String) {
        var random = SeededRandom(seed: 7)
        var tree = Tree(at: pair.outbox)
        let before = tree
        tree.nodes[name] = .file(random.bytes(50_000), mode: 0o644, modified: 1_000_000_000)
        tree.write(to: pair.outbox, over: before)
    }

    private var job: SendJob {
        SendJob(sources: [pair.outbox + "/"], destination: "", options: SendOptions())
    }

    @Test func itCountsOnce() throws {
        let domain = try pair.left.domain(of: peer)
        let first = try FirstPlan(job, in: domain)
        let planner = TransferPlanner(job: job, domain: domain, own: first.own, first: first) { _ in Untagged() }
        var summary = TransferSummary()
        let early = try planner.plan(actual: nil, partial: nil, while: Wish())
        early.count(in: &summary)
        #expect(summary.entries == 2)
        write("late")
        // What is planned anew is looked at anew.
        let late = try planner.plan(actual: nil, partial: nil, while: Wish())
        late.count(in: &summary)
        #expect(summary.entries == 3)
        #expect(early.offer.transfer != late.offer.transfer && late.offer.resumes == nil)
    }

    /// It is no reason to fail early, nor does it hide one.
    @Test func whatItCannotFindAPlanAnewNames() throws {
        let domain = try pair.left.domain(of: peer)
        var job = job
        job.sources = [pair.outbox + "/missing"]
        let first = try FirstPlan(job, in: domain)
        let planner = TransferPlanner(job: job, domain: domain, own: first.own, first: first) { _ in Untagged() }
        let error = #expect(throws: PacketFSError.self) { try planner.plan(actual: nil, partial: nil, while: Wish()) }
        #expect(error?.message.contains("missing") == true)
    }

    /// Nobody answers: there is nothing to take up, and nothing is left in the log.
    @Test func whatNobodyWasToldLeavesNothing() async throws {
        _ = try pair.left.updatePeer(TestPair.peer, address: "127.0.0.1:1")
        let transfer = pair.left.send([pair.outbox + "/"], to: PeerPath(peer: TestPair.peer, path: ""))
        await #expect(throws: PacketFSError.self) { try await transfer.summary() }
        let domain = try pair.left.domain(of: peer)
        #expect(try TransferJournal(sendingTo: "", in: domain).begun().isEmpty)
        let isOver = try eventually {
            usleep(20_000)
            return try pair.left.trimBlob(to: .max).busy.isEmpty
        }
        #expect(isOver)
        let log = try #require(pair.ownLog)
        #expect(try SparseFile(log).firstByte() == nil)
    }
}
