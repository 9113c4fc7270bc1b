/// Codes bytes that resemble none of the log enough to be told by it (`Specs/model.md` §6): by what the log has in their
/// place, by what followed the same bytes before, and by the bytes just before them.
final class LiteralModel {
    private enum Lines {
        static let hits = 14
        static let bytes = 16
        static let fewest = 8
    }

    private var hits = SlotTable(logLines: Lines.hits)
    private var bytes = SlotTable(logLines: Lines.bytes)
    private let hitMixer = Mixer(sets: 64, rate: 6)
    private let byteMixer = Mixer(sets: 512, rate: 6)
    private var past = Past()
    private var surroundings = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Good from the first `begin` on.
    init() {}

    deinit {
        hits.free()
        bytes.free()
        hitMixer.free()
        byteMixer.free()
        past.free()
    }

    /// Forgets all, and remembers what the literals, of `count` bytes, may resemble: `context` must outlive them.
    func begin(_ context: UnsafeRawBufferPointer, count: Int) {
        let bits = Int.bitWidth - count.leadingZeroBitCount
        hits.reset(logLines: min(max(bits, Lines.fewest), Lines.hits))
        bytes.reset(logLines: min(max(bits + 2, Lines.fewest), Lines.bytes))
        hitMixer.reset()
        byteMixer.reset()
        past.reset()
        past.prime(with: context)
        surroundings = context
    }

    /// Returns how many bytes were coded before the coder had to guess: all of them, unless it knows but the front of a code.
    @discardableResult
    func code<Coder: BitCoder>(
        _ leaf: UnsafeMutablePointer<UInt8>, _ literal: LiteralPlace, _ coder: inout Coder
    ) -> Int {
        var (behind, ahead, followed) = (Guess(), Guess(), Guess())
        // Taken out for as long as it is busy: each look at it here would be checked.
        var past = past
        defer { self.past = past }
        past.turn(to: leaf, at: literal.range.lowerBound, &followed)
        for offset in 0..<literal.range.count {
            behind.byte = literal.behind.byte(offset, surroundings)
            ahead.byte = literal.ahead.byte(offset, surroundings)
            followed.byte = past.foretold
            let place = literal.range.lowerBound &+ offset
            let new = byte(leaf[place], Guesses(behind, ahead, followed), latest: past.latest, &coder)
            if coder.isGuessing { return offset }
            if Coder.isDecoding { leaf[place] = new }
            behind.learn(UInt32(new))
            ahead.learn(UInt32(new))
            followed.learn(UInt32(new))
            past.remember(new, &followed)
        }
        return literal.range.count
    }

    /// Whether a byte is as the best guess says, if that is worth anything; if not, which it is.
    @inline(__always)
    private func byte<Coder: BitCoder>(
        _ new: UInt8, _ guesses: Guesses, latest: UInt64, _ coder: inout Coder
    ) -> UInt8 {
        let (one, three) = (UInt32(latest & 0xff), UInt32(latest & 0xff_ffff))
        let (guess, level) = (guesses.best, guesses.level)
        var state = UInt32(level &+ 1)
        if level > 0 {
            let contexts = (
                context(31, UInt32(min(guess.length, 31) | guesses.source << 8), guess.byte),
                context(32, guess.byte | one << 8, UInt32(level)),
                context(33, guess.byte | three << 8),
                context(34, guess.history & 0xff, UInt32(guesses.agreeing | level << 4))
            )
            let isHit = new == UInt8(truncatingIfNeeded: guess.byte) ? 1 : 0
            let set = level << 3 | guesses.agreeing
            if hitMixer.code(isHit, hits, contexts, set: set, &coder) == 1 {
                return UInt8(truncatingIfNeeded: guess.byte)
            }
            state = 8
        }
        let contexts = (
            context(21, one), context(22, UInt32(latest & 0xffff)), context(23, three),
            context(24, guess.byte, state)
        )
        return byteMixer.code(byte: new, bytes, contexts, set: state == 8 ? 256 : 0, &coder)
    }
}

/// What the three foretellers of a literal's byte say.
private struct Guesses {
    /// The one whose latest guesses were right for longest.
    var best: Guess
    var level: Int
    /// Which that is.
    var source = 2
    /// A bit for each other one that says the same.
    var agreeing = 0

    @inline(__always)
    init(_ behind: Guess, _ ahead: Guess, _ followed: Guess) {
        (best, level) = (followed, followed.level)
        if ahead.level > level { (best, level, source) = (ahead, ahead.level, 1) }
        if behind.level > level { (best, level, source) = (behind, behind.level, 0) }
        if behind.byte == best.byte { agreeing |= 1 }
        if ahead.byte == best.byte { agreeing |= 2 }
        if followed.byte == best.byte { agreeing |= 4 }
        agreeing &= ~(1 << source)
    }
}
