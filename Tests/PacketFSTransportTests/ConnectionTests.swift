import PacketFSTransport
import Testing

/// What every kind of connection promises.
@Suite(.timeLimit(.minutes(15))) struct ConnectionTests {
    @Test(arguments: Kind.allCases, [1, 1000, 65_536, 300_000])
    func transfersArriveIntactInBothDirections(_ kind: Kind, _ size: Int) async throws {
        let (one, other) = try await kind.ends()
        let count = size == 1 ? 5_000 : 3 << 20
        let forth = pattern(count)
        let back = pattern(count, seed: 2)
        async let atOther = receiveAll(other)
        async let atOne = receiveAll(one)
        async let sentBack: Void = sendAll(back, in: size, over: other)
        try await sendAll(forth, in: size, over: one)
        try await sentBack
        #expect(try await atOther == forth)
        #expect(try await atOne == back)
    }

    @Test(arguments: Kind.allCases)
    func halfCloseEndsOneDirectionOnly(_ kind: Kind) async throws {
        let (one, other) = try await kind.ends()
        try await one.send([1, 2, 3])
        try await one.finishSending()
        #expect(try await receiveAll(other) == [1, 2, 3])
        #expect(try await other.receiveBytes() == nil)
        #expect(await failure { try await one.send([4]) } == .closed)

        try await other.send([5])
        try await other.finishSending()
        #expect(try await receiveAll(one) == [5])
        #expect(try await one.receiveBytes() == nil)
    }

    @Test(arguments: Kind.allCases)
    func aLateFinishStillDeliversWhatWasQueued(_ kind: Kind) async throws {
        let (one, other) = try await kind.ends()
        try await one.finishSending()
        #expect(try await other.receiveBytes() == nil)
        let bytes = pattern(3 << 20)
        async let received = receiveAll(one)
        try await sendAll(bytes, in: 65_536, over: other)
        #expect(try await received == bytes)
    }

    @Test(arguments: Kind.allCases)
    func aPeerThatStallsHoldsTheSenderBack(_ kind: Kind) async throws {
        let (one, other) = try await kind.ends()
        let limit = 512 << 20
        let filling = try await Filling(one, limit: limit)
        // Reading makes room again.
        let enough = filling.accepted + (8 << 20)
        var received = 0
        while received < enough, let chunk = try await other.receiveBytes() { received += chunk.count }
        #expect(received >= enough)
        filling.task.cancel()
        await one.close()
        #expect(await failure { try await filling.task.value } != nil)
        // Our own queue, and what the two kernel buffers took.
        #expect(filling.accepted - received < limit / 2)
    }

    @Test(arguments: Kind.allCases)
    func closeWhileSendingEndsTheSend(_ kind: Kind) async throws {
        let (one, _other) = try await kind.ends()
        let filling = try await Filling(one, limit: 512 << 20)
        await one.close()
        #expect(await failure { try await filling.task.value } == .closed)
        #expect(await failure { try await one.send([1]) } == .closed)
        #expect(await failure { _ = try await one.receiveBytes() } == .closed)
        await one.close()
        withExtendedLifetime(_other) {}
    }

    @Test(arguments: Kind.allCases)
    func closeEndsAReceiveThatWaits(_ kind: Kind) async throws {
        let (one, other) = try await kind.ends()
        let waiting = Task { try await one.receiveBytes() }
        try await Task.sleep(for: .milliseconds(50))
        await one.close()
        #expect(await failure { _ = try await waiting.value } == .closed)
        #expect(try await other.receiveBytes() == nil)
    }

    @Test(arguments: Kind.allCases)
    func theOtherEndGetsWhatWasSentBeforeTheClose(_ kind: Kind) async throws {
        let (one, other) = try await kind.ends()
        try await sendAll([1, 2, 3], in: 3, over: one)
        await one.close()
        #expect(try await receiveAll(other) == [1, 2, 3])
    }

    @Test(arguments: Kind.allCases)
    func sendingToAClosedEndFails(_ kind: Kind) async throws {
        let (one, other) = try await kind.ends()
        await other.close()
        let sent = await failure {
            while true {
                try await one.send([UInt8](repeating: 0, count: 10_000))
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        #expect(sent == .reset)
    }

    @Test(arguments: Kind.allCases)
    func cancellationEndsWaiting(_ kind: Kind) async throws {
        let (one, other) = try await kind.ends()
        let receiving = Task { try await one.receiveBytes() }
        let filling = try await Filling(one, limit: 512 << 20)
        receiving.cancel()
        filling.task.cancel()
        #expect(await failure { _ = try await receiving.value } == .cancelled)
        #expect(await failure { try await filling.task.value } == .cancelled)

        // Nothing of the cancelled send was sent, and the connection goes on.
        async let rest: Void = sendAll([9], in: 1, over: one)
        let all = try await receiveAll(other)
        try await rest
        #expect(all.count == filling.accepted + 1)
        #expect(all.last == 9)
        try await other.send([8])
        #expect(try await one.receiveBytes() == [8])
    }

    @Test(arguments: Kind.allCases)
    func aCancelledTaskDoesNotWaitAtAll(_ kind: Kind) async throws {
        let (one, other) = try await kind.ends()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await one.receiveBytes()
        }
        task.cancel()
        #expect(await failure { _ = try await task.value } == .cancelled)
        try await other.send([1])
        #expect(try await one.receiveBytes() == [1])
    }

    @Test(arguments: Kind.allCases)
    func manySendersDoNotMixTheirBytes(_ kind: Kind) async throws {
        let (one, other) = try await kind.ends()
        async let received = receiveAll(other)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 1...8 as ClosedRange<UInt8> {
                group.addTask {
                    for _ in 0..<100 { try await one.send([UInt8](repeating: sender, count: 4096)) }
                }
            }
            try await group.waitForAll()
        }
        try await one.finishSending()
        let all = try await received
        #expect(all.count == 8 * 100 * 4096)
        for start in stride(from: 0, to: all.count, by: 4096) {
            #expect(all[start..<start + 4096].allSatisfy { $0 == all[start] })
        }
    }

    @Test(arguments: Kind.allCases)
    func emptySendsAreNothing(_ kind: Kind) async throws {
        let (one, other) = try await kind.ends()
        try await one.send([])
        try await one.send([1])
        try await one.finishSending()
        #expect(try await receiveAll(other) == [1])
    }

    @Test func aCutMemoryConnectionFailsAtBothEnds() async throws {
        let (one, other) = MemoryConnection.pair()
        try await one.send([1])
        one.cut()
        #expect(await failure { _ = try await other.receiveBytes() } == .reset)
        #expect(await failure { try await other.send([1]) } == .reset)
        #expect(await failure { _ = try await one.receiveBytes() } == .reset)
        #expect(await failure { try await one.send([1]) } == .reset)
    }
}
