import PacketFSEngine
import PacketFSWire
import Testing

private let first = TransferID(unchecked: [UInt8](repeating: 1, count: 16))
private let second = TransferID(unchecked: [UInt8](repeating: 2, count: 16))
private let log = LogID(unchecked: [UInt8](repeating: 9, count: 16))
private let leaf = LeafID(.content, 3)

private func offer(_ transfer: TransferID = first, resumes: TransferID? = nil, continues: TransferID? = nil) -> Offer {
    Offer(
        transfer: transfer, destination: "d", options: TransferOptions(), log: log,
        holdingsDigest: [UInt8](repeating: 0, count: 32), resumes: resumes, continues: continues)
}

private func extent(_ address: UInt64) -> Extent {
    Extent(range: AddressRange(address: address, length: 10), digest: [UInt8](repeating: 7, count: 32))
}

@Suite struct SenderTests {
    @Test func streamsBeforeTheReceiverSpeaks() throws {
        var sender = Sender()
        #expect(sender.offer(offer()) == [.control(.offer(offer()))])
        #expect(sender.wantsToPlan)
        #expect(try sender.received(.accept(first)) == [.accepted])
        #expect(try sender.received(.accept(first)) == [])
        #expect(sender.wantsToPlan)
    }

    @Test func waitsForTheReceiverWhenThereIsSomethingToResume() throws {
        var sender = Sender()
        _ = sender.offer(offer(resumes: second))
        #expect(!sender.wantsToPlan)
        _ = try sender.received(.accept(second))
        #expect(!sender.wantsToPlan, "the word on another offer")
        _ = try sender.received(.accept(first))
        #expect(sender.wantsToPlan)
    }

    @Test func waitsForTheReceiverWhereTheOfferIsDoubtful() throws {
        var sender = Sender()
        _ = sender.offer(offer(), isDoubtful: true)
        #expect(!sender.wantsToPlan)
        _ = try sender.received(.accept(first))
        #expect(sender.wantsToPlan)
    }

    @Test func streamsAPlanThatContinues() {
        var sender = Sender()
        _ = sender.offer(offer(resumes: second, continues: second))
        #expect(sender.wantsToPlan)
    }

    @Test func plansAnewFromWhatTheReceiverReallyHolds() throws {
        var sender = Sender()
        _ = sender.offer(offer())
        #expect(try sender.received(.holdings(log, [extent(0)], isLast: false)) == [])
        #expect(try sender.received(.holdings(log, [extent(10)], isLast: true)) == [])
        let file = PartialFile(entry: 4, bytes: 5)
        let partial = PartialState(voids: first, transfer: second, files: [file])
        let actions = try sender.received(.anew(partial, isLast: true))
        #expect(actions == [.replan(holdings: [extent(0), extent(10)], partial: partial)])
        #expect(!sender.wantsToPlan)
        _ = sender.offer(offer(second, continues: second))
        #expect(sender.wantsToPlan)
    }

    @Test func doubtsNoOfferThatFollowsTheReceiversWord() throws {
        var sender = Sender()
        _ = sender.offer(offer(), isDoubtful: true)
        _ = try sender.received(.anew(PartialState(voids: first, transfer: nil, files: []), isLast: true))
        _ = sender.offer(offer(second), isDoubtful: true)
        #expect(sender.wantsToPlan)
    }

    @Test func passesOverTheWordOnAnOfferThatIsVoidAlready() throws {
        var sender = Sender()
        _ = sender.offer(offer())
        let other = PartialState(voids: second, transfer: nil, files: [])
        #expect(try sender.received(.anew(other, isLast: true)) == [])
        #expect(sender.wantsToPlan)
    }

    @Test func givesUpOnAReceiverThatNeverComesToRest() throws {
        var sender = Sender()
        let void = ControlMessage.anew(PartialState(voids: first, transfer: nil, files: []), isLast: true)
        for _ in 0..<Sender.restarts {
            _ = sender.offer(offer())
            _ = try sender.received(void)
        }
        _ = sender.offer(offer())
        #expect(throws: EngineError.unstableHoldings) { try sender.received(void) }
    }

    @Test func plansWantedEntriesAndThenTakesTheReceipt() throws {
        var sender = Sender()
        _ = sender.offer(offer())
        _ = sender.planned(.exhausted)
        #expect(!sender.wantsToPlan)
        #expect(try sender.received(.want([2], isLast: false)) == [])
        #expect(try sender.received(.want([5], isLast: true)) == [.planWanted([2, 5])])
        #expect(sender.wantsToPlan)
        _ = sender.planned(.exhausted)
        var receipt = Receipt(transfer: first, filesWritten: 1)
        receipt.learned = [extent(0)]
        #expect(try sender.received(.receipt(receipt, isLast: false)) == [])
        receipt.learned = [extent(10)]
        var whole = receipt
        whole.learned = [extent(0), extent(10)]
        #expect(try sender.received(.receipt(receipt, isLast: true)) == [.complete(whole)])
        #expect(sender.isOver)
    }

    @Test(arguments: [[], [3, 3], [5, 2]]) func refusesUnorderedWants(_ entries: [Int]) {
        var sender = Sender()
        _ = sender.offer(offer())
        #expect(throws: EngineError.malformed) { try sender.received(.want(entries, isLast: true)) }
    }

    /// Each would be planned on its own, however few entries it names.
    @Test func oneListOfWantsIsTaken() throws {
        var sender = Sender()
        _ = sender.offer(offer())
        _ = try sender.received(.want([2], isLast: true))
        for isLast in [false, true] {
            #expect(throws: EngineError.unexpectedMessage) { try sender.received(.want([3], isLast: isLast)) }
        }
        _ = sender.offer(offer(second))
        #expect(try sender.received(.want([3], isLast: true)) == [.planWanted([3])])
    }

    @Test func refusesAReceiptBeforeEverythingWasSentOrForAnotherTransfer() {
        var sender = Sender()
        _ = sender.offer(offer())
        #expect(throws: EngineError.unexpectedMessage) {
            try sender.received(.receipt(Receipt(transfer: first), isLast: true))
        }
        _ = sender.planned(.exhausted)
        #expect(throws: EngineError.unexpectedMessage) {
            try sender.received(.receipt(Receipt(transfer: second), isLast: true))
        }
    }

    @Test func answersTheRepairPlane() throws {
        var sender = Sender()
        #expect(throws: EngineError.unexpectedMessage) { try sender.received(.failed(leaf)) }
        _ = sender.offer(offer())
        #expect(try sender.received(.failed(leaf)) == [.readTags(leaf)])
        #expect(sender.tagsRead([1], of: leaf) == [.repair(.tags(leaf, [1]))])
        #expect(try sender.received(.wanted(leaf, [0, 7])) == [.readPart(leaf, part: 0), .readPart(leaf, part: 7)])
        let part = RepairMessage.part(leaf, part: 7, offset: 0, bytes: [2, 3])
        #expect(sender.partRead([2, 3], part: 7, of: leaf) == [.repair(part)])
        #expect(throws: EngineError.unexpectedMessage) { try sender.received(.tags(leaf, [])) }
        #expect(throws: EngineError.malformed) { try sender.received(.wanted(leaf, Array(0...64))) }
    }

    @Test(arguments: AbortReason.allCases) func stopsWhenThePeerGivesUp(_ reason: AbortReason) {
        var sender = Sender()
        _ = sender.offer(offer())
        #expect(throws: EngineError.peerAborted(reason)) { try sender.received(.abort(reason)) }
    }

    @Test func refusesMessagesOfASender() {
        let end = ControlMessage.end(bytes: 0, frames: 0)
        for message in [ControlMessage.offer(offer()), .dropped([]), end] {
            var sender = Sender()
            _ = sender.offer(offer())
            #expect(throws: EngineError.unexpectedMessage) { try sender.received(message) }
        }
    }
}
