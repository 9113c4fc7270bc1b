import PacketFSEngine
import PacketFSWire
import Testing

private let first = TransferID(unchecked: [UInt8](repeating: 1, count: 16))
private let second = TransferID(unchecked: [UInt8](repeating: 2, count: 16))
private let log = LogID(unchecked: [UInt8](repeating: 9, count: 16))
private let leaf = LeafID(.content, 3)
private let opening = DataRecord.opening(first, manifest: 10, content: 20)

private func offer(_ transfer: TransferID = first) -> Offer {
    Offer(
        transfer: transfer, destination: "d", options: TransferOptions(), log: log,
        holdingsDigest: [UInt8](repeating: 0, count: 32))
}

/// A receiver that has accepted and opened `first`.
private func receiving() throws -> Receiver {
    var receiver = Receiver()
    _ = try receiver.received(.offer(offer()))
    _ = try receiver.prepared(.ready)
    _ = try receiver.received(opening)
    _ = try receiver.rebuilt(.done, isComplete: false)
    return receiver
}

@Suite struct ReceiverTests {
    @Test func acceptsRebuildsAndCommits() throws {
        var receiver = Receiver()
        #expect(try receiver.received(.offer(offer())) == [.prepare(offer())])
        #expect(try receiver.prepared(.ready) == [.control(.accept(first))])
        #expect(try receiver.received(opening) == [.rebuild(opening)])
        #expect(try receiver.rebuilt(.done, isComplete: false) == [])
        #expect(try receiver.received(.more(content: 3)) == [.rebuild(.more(content: 3))])
        #expect(try receiver.rebuilt(.done, isComplete: true) == [.commit])
        let receipt = Receipt(transfer: first)
        #expect(try receiver.committed(receipt) == [.control(.receipt(receipt, isLast: true))])
        #expect(receiver.isIdle)
    }

    /// Control frames may overtake records that wait for their frame to fill.
    @Test func heedsWhatWasDroppedBeforeTheOpening() throws {
        let dropped = [FailedEntry(entry: 1, failure: .sourceChanged)]
        var receiver = Receiver()
        _ = try receiver.received(.offer(offer()))
        _ = try receiver.prepared(.ready)
        #expect(try receiver.received(.dropped(dropped)) == [.drop(dropped)])
        _ = try receiver.received(opening)
        #expect(try receiver.received(.dropped(dropped)) == [.drop(dropped)])
    }

    @Test func saysWhatItHoldsAndPassesOverTheVoidOffersData() throws {
        var receiver = Receiver()
        _ = try receiver.received(.offer(offer()))
        let partial = PartialState(voids: first, transfer: nil, files: [])
        #expect(
            try receiver.prepared(.differs(holdings: [], partial: partial)) == [
                .control(.holdings(log, [], isLast: true)), .control(.anew(partial, isLast: true)),
            ])
        #expect(try receiver.received(opening) == [])
        #expect(try receiver.received(.more(content: 1)) == [])
        _ = try receiver.received(.offer(offer(second)))
        _ = try receiver.prepared(.ready)
        #expect(try receiver.received(.more(content: 1)) == [], "still the void one's")
        #expect(try receiver.received(opening) == [])
        let opened = DataRecord.opening(second, manifest: 1, content: 1)
        #expect(try receiver.received(opened) == [.rebuild(opened)])
    }

    @Test func repairsBeforeItCommits() throws {
        var receiver = try receiving()
        #expect(try receiver.rebuilt(.failed(leaf), isComplete: false) == [.repair(.failed(leaf))])
        #expect(try receiver.rebuilt(.done, isComplete: true) == [], "a leaf is still wrong")
        #expect(try receiver.received(.tags(leaf, [1])) == [.compare(leaf, tags: [1])])
        #expect(try receiver.compared(leaf, wrong: [2]) == [.repair(.wanted(leaf, [2]))])
        let part = RepairMessage.part(leaf, part: 2, offset: 0, bytes: [5])
        #expect(try receiver.received(part) == [.patch(leaf, part: 2, offset: 0, bytes: [5])])
        #expect(try receiver.patched(leaf, .incomplete, isComplete: false) == [])
        #expect(try receiver.patched(leaf, .verified, isComplete: true) == [.commit])
    }

    @Test func givesUpOnRepairsThatCannotBeHonest() throws {
        var receiver = try receiving()
        _ = try receiver.rebuilt(.failed(leaf), isComplete: false)
        #expect(throws: EngineError.aborted(.integrity)) { try receiver.compared(leaf, wrong: []) }
        #expect(throws: EngineError.aborted(.integrity)) {
            try receiver.patched(leaf, .wrong, isComplete: false)
        }
    }

    @Test func refusesRepairsThatItDidNotAskFor() throws {
        let receiver = try receiving()
        #expect(throws: EngineError.unexpectedMessage) { try receiver.received(.tags(leaf, [1])) }
        #expect(throws: EngineError.unexpectedMessage) {
            try receiver.received(.part(leaf, part: 0, offset: 0, bytes: [1]))
        }
        #expect(throws: EngineError.unexpectedMessage) { try receiver.received(.failed(leaf)) }
    }

    @Test func asksForKeptEntriesThatItLacks() throws {
        var receiver = try receiving()
        #expect(try receiver.rebuilt(.lacking([4]), isComplete: false) == [.control(.want([4], isLast: true))])
    }

    @Test func keepsOnlyWhatTheSenderKnows() throws {
        var receiver = Receiver()
        #expect(try receiver.received(.holdings(log, [], isLast: true)) == [.retain(log, [])])
    }

    @Test func aRefusalEndsIt() throws {
        var receiver = Receiver()
        _ = try receiver.received(.offer(offer()))
        #expect(throws: EngineError.aborted(.refusedByPolicy)) {
            try receiver.prepared(.refused(.refusedByPolicy))
        }
    }

    @Test func refusesASecondOpeningAndDataWhileCommitting() throws {
        var receiver = try receiving()
        #expect(throws: EngineError.unexpectedMessage) { try receiver.received(opening) }
        _ = try receiver.rebuilt(.done, isComplete: true)
        #expect(throws: EngineError.unexpectedMessage) { try receiver.received(.more(content: 1)) }
        #expect(throws: EngineError.unexpectedMessage) { try receiver.received(.offer(offer(second))) }
    }

    @Test func refusesMessagesOfAReceiver() {
        let messages: [ControlMessage] = [
            .accept(first), .want([1], isLast: true), .receipt(Receipt(transfer: first), isLast: true),
            .end(bytes: 0, frames: 0),
        ]
        for message in messages {
            var receiver = Receiver()
            #expect(throws: EngineError.unexpectedMessage) { try receiver.received(message) }
        }
    }
}
