import PacketFSWire
import Testing

@testable import PacketFSChannel

@Suite("Padding")
struct PaddingTests {
    private static let start = Instant(nanoseconds: 0)

    /// Padmé as its paper puts it, in floating point.
    private func reference(_ size: UInt64) -> UInt64 {
        let size = max(size, 4096)
        var exponent = 0
        while size >> UInt64(exponent + 1) > 0 { exponent += 1 }
        var kept = 0
        while exponent >> (kept + 1) > 0 { kept += 1 }
        let step = UInt64(1) << UInt64(exponent - (kept + 1))
        return (size + step - 1) / step * step
    }

    @Test
    func `Padmé sizes are those of the paper`() {
        #expect(Padding.padme(0) == 4096)
        #expect(Padding.padme(4096) == 4096)
        #expect(Padding.padme(4097) == 4352)
        #expect(Padding.padme(65_537) == 67_584)
        #expect(Padding.padme(1 << 30) == 1 << 30)
        #expect(Padding.padme(1 << 30 + 1) == 1 << 30 + 32 << 20)
        var generator = SeededGenerator(3)
        for _ in 0..<20_000 {
            let size = generator.next() >> UInt64.random(in: 10...63, using: &generator)
            let padded = Padding.padme(size)
            #expect(padded == reference(size))
            #expect(Padding.padme(padded) == padded)
            #expect(Double(padded) <= Double(max(size, 4096)) * 1.12)
        }
    }

    @Test
    func `closing frames bring any total to a Padmé size, and each can be sealed`() {
        var generator = SeededGenerator(4)
        let totals = (0...5000).map { UInt64($0) } + (0..<20_000).map { _ in generator.next() >> 32 }
        for total in totals {
            let lengths = closing(total)
            let end = total + UInt64(lengths.reduce(0, +))
            #expect(end == Padding.padme(end) && end >= 4096)
            #expect(lengths.allSatisfy { (23...Limits.frame).contains($0) })
            #expect(end <= Padding.padme(Padding.padme(total) + 1))
        }
        #expect(closing(4096).isEmpty)
        #expect(closing(4095) == [257])
        #expect(Padding.none.closing(12_345) == nil)
    }

    private func closing(_ total: UInt64) -> [Int] {
        var (total, lengths): (UInt64, [Int]) = (total, [])
        while let length = Padding.padme.closing(total) {
            total += UInt64(length)
            lengths.append(length)
        }
        return lengths
    }

    @Test(arguments: [0, 1, 100, 4000, 4073, 4074, Limits.payload, 200_000, 5_000_000])
    func `a direction's total is a Padmé size, and the receiver sees only what was said`(count: Int) throws {
        var session = try Session(padding: .padme)
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        var wire: [UInt8] = []
        for start in stride(from: 0, to: count, by: Limits.payload) {
            wire += try session.initiator.sealed(.data, Array(content[start..<min(start + Limits.payload, count)]))
        }
        wire += try session.initiator.sealed(.control, type: 10, [1, 2, 3])
        try session.initiator.sealer.finish(now: Self.start, into: &wire)
        let total = session.initiator.sealer.total
        #expect(total == UInt64(wire.count))
        #expect(total == Padding.padme(total) && total >= 4096)
        let frames = try session.responder.open(wire)
        #expect(frames.filter { $0.plane == .data }.flatMap(\.payload) == content)
        #expect(frames.last == Frame(plane: .control, type: 10, payload: [1, 2, 3]))
        #expect(frames.allSatisfy { $0.plane != .pad })
        let heard = session.responder.opener.total
        #expect(heard == total)
        #expect(throws: ChannelError.closed) { try session.initiator.sealed(.control, type: 1, []) }
    }

    /// The padding of a transfer of 300 GiB is 4 GiB: no buffer holds it.
    @Test
    func `closing frames come a few at a time`() throws {
        var session = try Session(padding: .padme)
        for _ in 0..<129 {
            let frame = try session.initiator.sealed(.repair, type: 1, [UInt8](repeating: 1, count: Limits.payload))
            #expect(try session.responder.open(frame).count == 1)
        }
        let before = session.initiator.sealer.total
        let room = UInt64(Limits.frame)
        var rounds = 0
        while true {
            var wire: [UInt8] = []
            let hasEnded = try session.initiator.sealer.finish(atMost: room, now: Self.start, into: &wire)
            #expect(wire.count < 2 * Limits.frame)
            #expect(try session.responder.open(wire).isEmpty)
            if hasEnded { break }
            #expect(UInt64(wire.count) >= room)
            rounds += 1
        }
        let total = session.initiator.sealer.total
        #expect(rounds > 0 && total == Padding.padme(before))
    }

    @Test
    func `without padding frames cost 23 bytes and nothing is added`() throws {
        var session = try Session(padding: .none)
        var wire = try session.initiator.sealed(.control, type: 10, [1, 2, 3])
        wire += try session.initiator.sealed(.data, [UInt8](repeating: 1, count: 1000))
        wire += try session.initiator.sealed(.repair, type: 1, [UInt8](repeating: 1, count: 10))
        try session.initiator.sealer.finish(now: Self.start, into: &wire)
        #expect(wire.count == 3 * 23 + 1013)
    }

    @Test
    func `control and repair frames come in few sizes, and an empty control frame in 64 bytes`() throws {
        var session = try Session(padding: .padme)
        let sizes = [
            (1, 512), (489, 512), (490, 1024), (1001, 1024), (1002, 2048), (2026, 4096), (4073, 4096), (4074, 8192),
            (8000, 8192), (60_000, 61_440), (Limits.payload, Limits.frame),
        ]
        for (count, expected) in sizes {
            for plane in [Plane.control, .repair] {
                let length = try session.initiator.sealed(plane, type: 1, [UInt8](repeating: 9, count: count)).count
                #expect(length == expected)
            }
        }
        #expect(try session.initiator.sealed(.control, type: 9, []).count == 64)
    }

    @Test
    func `a short data frame ends at a Padmé total or is full`() throws {
        var session = try Session(padding: .padme)
        for count in [1, 500, 3000, 20_000, 65_000, 1, 1] {
            let length = try session.initiator.sealed(.data, [UInt8](repeating: 9, count: count)).count
            let total = session.initiator.sealer.total
            #expect(length == Limits.frame || total == Padding.padme(total))
        }
    }

    @Test
    func `full data frames are not padded`() throws {
        var session = try Session(padding: .padme)
        var sent: UInt64 = 0
        while sent < 400_000 {
            let count = DataFrames.capacity(after: sent)
            #expect(try session.initiator.sealed(.data, [UInt8](repeating: 9, count: count)).count == count + 23)
            sent += UInt64(count)
        }
    }

    @Test
    func `an alive frame of one size says nothing by what it carries`() throws {
        var session = try Session(padding: .padme)
        let lengths = try Set(
            [[1], [UInt8](repeating: 2, count: 400)].map {
                try session.initiator.sealed(.control, type: 4, $0).count
            })
        #expect(lengths == [512])
    }
}
