import PacketFSWire

/// Messages that break one rule each.
enum ControlRefusals {
    typealias Case = (name: String, type: UInt8, payload: [UInt8])

    private static let id = Inputs.transfer
    private static let digest = [UInt8](repeating: 0xaa, count: 32)
    private static let leaf: [UInt8] = [1, 5]

    static var control: [Case] {
        [
            ("an unknown type", 16, []), ("type 0", 0, []),
            ("accept cut", 3, Array(id.dropLast())), ("accept with a byte more", 3, id + [0]),
            ("alive with payload", 10, [0]), ("abort without a reason", 9, []), ("abort for reason 0", 9, [0]),
            ("abort for reason 14", 9, [14]), ("abort with a byte more", 9, [1, 0]),
            ("end with a long varint", 11, Refusals.longVarint(5) + [1]),
            ("end with a varint beyond 64 bits", 11, Refusals.hugeVarint + [1]), ("end cut", 11, [5]),
            ("end with a byte more", 11, [5, 1, 0]),
        ] + offers + lists + covers
    }

    private static var offers: [Case] {
        let head = id + Inputs.log + digest
        return [
            ("offer cut", 2, Array((head + [0, 0, 0, 0, 0]).dropLast())),
            ("offer with a flag of 2", 2, head + [2, 0, 0, 0, 0, 0]),
            ("offer with an id cut", 2, head + [1] + id.dropLast()),
            ("offer with NUL in its destination", 2, head + [0, 0, 0, 2, 0x61, 0, 0, 0]),
            ("offer whose destination is not UTF-8", 2, head + [0, 0, 0, 1, 0xff, 0, 0]),
            ("offer whose destination is longer than its bytes", 2, head + [0, 0, 0, 9, 0x61, 0, 0]),
            ("offer with more patterns than bytes", 2, head + [0, 0, 0, 0, 0, 9]),
            ("offer with a byte more", 2, head + [0, 0, 0, 0, 0, 0, 0]),
            ("request with an unknown flag", 1, [8, 0, 0, 0, 0, 0]),
            ("request for 1,025 sources", 1, [0, 0x81, 8] + [UInt8](repeating: 0, count: 1030)),
        ]
    }

    private static var lists: [Case] {
        let receipt = [1] + id + [0, 0, 0, 0, 0, 0, 0, 0]
        return [
            ("holdings with an extent of no bytes", 4, [1] + id + [5, 0] + digest),
            ("holdings with an extent above 16 MiB", 4, [1] + id + [5, 0x81, 0x80, 0x80, 8] + digest),
            ("holdings with a digest cut", 4, [1] + id + [5, 1] + digest.dropLast()),
            (
                "holdings beyond the last address", 4,
                [1] + id + [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 2] + digest
            ),
            ("anew with files of no transfer", 5, [1] + id + [0, 0, 1]),
            ("anew with an entry cut", 5, [1] + id + [1] + id + [0]),
            ("want with a flag of 2", 6, [2, 0, 0]), ("want with a run cut", 6, [1, 3]),
            ("want beyond the entries", 6, [1, 0x80, 0x80, 0x80, 1, 0]),
            ("dropped for reason 0", 7, [1, 0]), ("dropped for reason 8", 7, [1, 8]), ("dropped cut", 7, [1]),
            ("receipt cut", 8, Array(receipt.dropLast())), ("receipt with an unknown item", 8, receipt + [3, 1, 1]),
            ("receipt with a failure behind an extent", 8, receipt + [2, 5, 1] + digest + [1, 1, 1]),
            ("receipt of 2^63 files", 8, [1] + id + [UInt8](repeating: 0x80, count: 9) + [1, 0, 0, 0, 0, 0, 0, 0]),
        ] + receipts
    }

    /// One above the greatest number in each place.
    private static var receipts: [Case] {
        let most = [
            ("written files", 1 << 21), ("kept files", 1 << 21), ("deletions", 1 << 40), ("repaired leaves", 1 << 40),
            ("healed extents", 1 << 20), ("lost extents", 1 << 20), ("written bytes", 1 << 60),
            ("repaired bytes", 1 << 60),
        ]
        return most.enumerated().map { place, limit in
            var counts = ByteWriter()
            for index in most.indices { counts.count(index == place ? limit.1 + 1 : 0) }
            return ("receipt of more \(limit.0) than there can be", 8, [1] + id + counts.bytes)
        }
    }

    private static var covers: [Case] {
        let hello = [1] + id + [UInt8](repeating: 0, count: 24)
        // Of 2 blocks less a byte, and of 2^28 + 1.
        return [
            ("message without a block", 14, [49] + hello), ("message of a part of a block", 14, [0xf0, 0x3f] + hello),
            ("message of more blocks than there may be", 14, [0x91, 0xa0, 0x80, 0x80, 0xe0, 0x1f] + hello),
            ("message under a stream cipher", 14, [0xf1, 0x3f, 2]),
            ("cover of an unknown kind", 12, [3]), ("cover cut", 12, [1] + id), ("cover with a byte more", 12, [2, 0]),
            ("blocks of none", 13, [0, 0]), ("blocks cut", 13, [5]),
            ("more blocks than are announced at once", 13, [0, 0x81, 0x20]),
        ]
    }

    static var repair: [Case] {
        [
            ("an unknown type of repair", 5, leaf), ("failed of stream 2", 1, [2, 5]), ("failed cut", 1, [1]),
            ("failed of leaf 2^40", 1, [1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]),
            ("tags of none", 2, leaf), ("tags cut", 2, leaf + Inputs.tag.dropLast()),
            ("65 tags", 2, leaf + [UInt8](repeating: 9, count: 65 * 16)),
            ("wanted of no part", 3, leaf + [UInt8](repeating: 0, count: 8)),
            ("wanted cut", 3, leaf + [UInt8](repeating: 1, count: 7)),
            ("part 64", 4, leaf + [64, 0, 0, 1, 7]), ("part of no bytes", 4, leaf + [0, 0, 0, 0]),
            ("part beyond 64 KiB", 4, leaf + [0, 0xff, 0xff, 3, 0, 2, 7, 7]),
            ("part that is compressed to more", 4, leaf + [0, 0, 1, 1, 2, 7, 7]),
        ]
    }
}
