/// Runs of equal bytes as (byte, length): enough of a compressor to see blocks travel compressed.
func squeeze(_ raw: [UInt8]) -> [UInt8]? {
    var coded: [UInt8] = []
    for byte in raw {
        if let last = coded.indices.last, coded[last - 1] == byte, coded[last] < 255 {
            coded[last] += 1
        } else {
            coded += [byte, 1]
        }
    }
    return coded
}

func unsqueeze(_ coded: [UInt8], _ rawLength: Int) -> [UInt8]? {
    guard coded.count.isMultiple(of: 2) else { return nil }
    var raw: [UInt8] = []
    for index in stride(from: 0, to: coded.count, by: 2) {
        guard coded[index + 1] > 0, raw.count + Int(coded[index + 1]) <= rawLength else { return nil }
        raw += [UInt8](repeating: coded[index], count: Int(coded[index + 1]))
    }
    return raw
}
