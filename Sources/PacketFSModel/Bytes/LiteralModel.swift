/// Codes bytes that resemble none of the log (`Specs/model.md` §6): by what followed the same bytes before, and by the
/// bytes just before them.
final class LiteralModel {
    private let table = SlotTable(logLines: 14)
    private let mixer = Mixer(sets: 256, rate: 6)
    private let matched = UnsafeMutablePointer<UInt32>.allocate(capacity: 32 << 8)
    private var past = Past()

    /// Good from the first `begin` on.
    init() {}

    deinit {
        table.free()
        mixer.free()
        matched.deallocate()
        past.free()
    }

    /// Forgets all, and remembers what the literals may resemble.
    func begin(_ context: UnsafeRawBufferPointer) {
        table.reset()
        mixer.reset()
        matched.update(repeating: 0, count: 32 << 8)
        past.reset()
        past.prime(with: context)
    }

    func code<Coder: BitCoder>(_ leaf: UnsafeMutablePointer<UInt8>, _ range: Range<Int>, _ coder: inout Coder) {
        past.turn(to: leaf, at: range.lowerBound)
        for place in range {
            let new: UInt8
            if let foretold = past.foretold {
                new = follow(leaf[place], foretold, &coder)
            } else {
                new = byte(leaf[place], &coder)
            }
            if Coder.isDecoding { leaf[place] = new }
            past.push(new)
        }
    }

    /// Codes whether a byte is what followed the same bytes before, and which if not.
    @inline(__always)
    private func follow<Coder: BitCoder>(_ new: UInt8, _ foretold: UInt8, _ coder: inout Coder) -> UInt8 {
        let slot = matched + (min(past.matchLength, 31) << 8 | Int(foretold))
        let bit = coder.code(new == foretold ? 1 : 0, max(32, min(65_504, Slot.probability(slot.pointee) >> 6)))
        Slot.update(&slot.pointee, bit, SlotRates.shared.values)
        if bit == 1 { return foretold }
        past.loseMatch()
        return byte(new, &coder)
    }

    @inline(__always)
    private func byte<Coder: BitCoder>(_ new: UInt8, _ coder: inout Coder) -> UInt8 {
        let four = past.latest
        let contexts = (
            context(21, four >> 24), context(22, four >> 16), context(23, four >> 8), context(24, four)
        )
        return mixer.code(byte: new, table, contexts, set: 0, &coder)
    }
}
