/// Writes a column of numbers as runs of equal neighbours: value, then run length less one. A constant column takes a
/// few bytes, and a change of one value changes a few.
struct RunWriter {
    private var writer = ByteWriter()
    private var value: UInt64 = 0
    private var length = 0

    mutating func add(_ value: Int) {
        add(UInt64(value))
    }

    mutating func add(_ value: UInt64) {
        if length > 0, value == self.value {
            length += 1
        } else {
            flush()
            self.value = value
            length = 1
        }
    }

    private mutating func flush() {
        guard length > 0 else { return }
        writer.varint(value)
        writer.count(length - 1)
        length = 0
    }

    /// The whole column.
    mutating func finish() -> [UInt8] {
        flush()
        return writer.bytes
    }
}

extension ByteReader {
    /// Reads runs that cover exactly `count` values, each at most `bound`. Neighbouring runs must differ, so that a
    /// column has one encoding.
    mutating func runs(
        of count: Int, valuesAtMost bound: UInt64,
        _ body: (_ value: UInt64, _ run: Int) throws(WireError) -> Void
    ) throws(WireError) {
        var left = count
        var previous: UInt64?
        while left > 0 {
            let value = try varint(atMost: bound)
            guard value != previous else { throw .inconsistent }
            let run = try self.count(atMost: left - 1) + 1
            try body(value, run)
            previous = value
            left -= run
        }
    }
}
