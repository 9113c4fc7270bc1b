/// The codes of deflate (RFC 1951 §3.2): their symbols' bases and extra bits.
enum DeflateCodes {
    static let endOfBlock = 256
    static let literals = 286
    static let distances = 30
    static let mostLengthBits = 7
    static let mostBits = 15
    /// In which order the lengths of the codes for lengths are told.
    static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    static let lengthExtra: [Int] = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    static let distanceExtra: [Int] = (0..<30).map { $0 < 2 ? 0 : $0 / 2 - 1 }
    static let lengthBases = bases(lengthExtra.dropLast(), from: 3) + [258]
    static let distanceBases = bases(distanceExtra[...], from: 1)
    /// The code of each length from 3 on, and of each distance: the first 256 from 1 on, then by 128 from 257 on.
    static let lengthCodes: [UInt8] = (3...258).map { code(of: $0, lengthBases) }
    static let distanceCodes: [UInt8] =
        (1...256).map { code(of: $0, distanceBases) } + (0..<256).map { code(of: $0 << 7 + 1, distanceBases) }

    /// Of blocks with codes that are not told.
    static let fixedLiterals: [UInt8] = (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
    static let fixedDistances = [UInt8](repeating: 5, count: 30)

    @inline(__always)
    static func code(ofDistance distance: Int) -> Int {
        Int(distanceCodes[distance <= 256 ? distance - 1 : 256 + (distance - 1) >> 7])
    }

    private static func bases(_ extra: ArraySlice<Int>, from first: Int) -> [Int] {
        var next = first
        return extra.map { bits in
            defer { next += 1 << bits }
            return next
        }
    }

    private static func code(of value: Int, _ bases: [Int]) -> UInt8 {
        UInt8(truncatingIfNeeded: (bases.firstIndex { $0 > value } ?? bases.count) - 1)
    }
}

/// Finds symbols by the bits of their codes.
struct HuffmanDecoder {
    private let bits: Int
    /// By the next bits: a symbol, and in the lowest four bits how long its code is; 0: no code.
    private var table: [UInt16]

    /// `nil` where more codes are told than there can be, or none.
    init?(lengths: some Collection<UInt8>) {
        var counts = [Int](repeating: 0, count: DeflateCodes.mostBits + 1)
        for length in lengths { counts[Int(length)] += 1 }
        guard let bits = (1...DeflateCodes.mostBits).last(where: { counts[$0] > 0 }) else { return nil }
        self.bits = bits
        table = [UInt16](repeating: 0, count: 1 << bits)
        guard let codes = HuffmanCodes(lengths: Array(lengths)) else { return nil }
        for (symbol, length) in lengths.enumerated() where length > 0 {
            let entry = UInt16(truncatingIfNeeded: symbol << 4 | Int(length))
            for place in stride(from: Int(codes.codes[symbol]), to: table.count, by: 1 << Int(length)) {
                table[place] = entry
            }
        }
    }

    /// `nil` for bits that are no code.
    @inline(__always)
    func symbol(_ reader: inout BitReader) -> Int? {
        let entry = table[Int(truncatingIfNeeded: reader.peek()) & (1 << bits - 1)]
        guard entry != 0 else { return nil }
        reader.skip(Int(entry & 15))
        return Int(entry >> 4)
    }
}

/// The codes that follow from their lengths, first bit lowest.
struct HuffmanCodes {
    let codes: [UInt16]
    let lengths: [UInt8]

    /// `nil` where there cannot be so many.
    init?(lengths: [UInt8]) {
        var counts = [Int](repeating: 0, count: DeflateCodes.mostBits + 1)
        for length in lengths where length > 0 { counts[Int(length)] += 1 }
        var next = [Int](repeating: 0, count: DeflateCodes.mostBits + 1)
        for bits in 1...DeflateCodes.mostBits {
            next[bits] = (next[bits - 1] + counts[bits - 1]) << 1
            guard next[bits] + counts[bits] <= 1 << bits else { return nil }
        }
        self.lengths = lengths
        codes = lengths.map { length in
            guard length > 0 else { return 0 }
            defer { next[Int(length)] += 1 }
            return UInt16(truncatingIfNeeded: Self.reversed(next[Int(length)], Int(length)))
        }
    }

    private static func reversed(_ code: Int, _ bits: Int) -> Int {
        (0..<bits).reduce(0) { $0 | (code >> $1 & 1) << (bits - 1 - $1) }
    }

    @inline(__always)
    func write(_ symbol: Int, to writer: inout BitWriter) {
        writer.write(Int(codes[symbol]), Int(lengths[symbol]))
    }
}
