/// Runs of one byte that are worth a descriptor of their own.
enum Fill {
    /// What is filled is not learned, and cuts what is learned in two: shorter runs cost next to nothing as literals, and
    /// later versions find them in one piece with what is around.
    static let shortest = 4096

    /// The first run that begins at `start` or later, but before `limit`, as far as it goes before `end`.
    static func first(in bytes: UnsafeRawPointer, from start: Int, before limit: Int, end: Int) -> Range<Int>? {
        guard start < limit, limit - start > shortest - 8 || mayCross(limit, in: bytes, end: end) else { return nil }
        var cursor = start
        // Every such run holds a word at a multiple of half its length.
        let stride = shortest / 2
        while cursor + 8 <= end, cursor < limit + stride {
            let word = ByteCompare.word(bytes + cursor)
            guard ByteCompare.isRun(word) else {
                cursor += stride
                continue
            }
            let lower = cursor - equalBefore(bytes + cursor, limit: cursor - start)
            guard lower < limit else { return nil }
            cursor = lower + ByteCompare.runLength(bytes + lower, limit: end - lower)
            if cursor - lower >= shortest { return lower..<cursor }
        }
        return nil
    }

    /// Whether a run may begin before a place and go on for seven bytes behind it.
    private static func mayCross(_ place: Int, in bytes: UnsafeRawPointer, end: Int) -> Bool {
        end - place >= 7 && ByteCompare.isRun(ByteCompare.word(bytes + place - 1))
    }

    private static func equalBefore(_ place: UnsafeRawPointer, limit: Int) -> Int {
        var count = 0
        let byte = ByteCompare.byte(place)
        while count < limit, ByteCompare.byte(place - count - 1) == byte { count += 1 }
        return count
    }
}
