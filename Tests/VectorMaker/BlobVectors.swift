import PacketFSBlob
import PacketFSTestKit
import PacketFSWire

/// What both ends must agree on of logs: digests of holdings and extents, and the order of provisioned bytes.
enum BlobVectors {
    static func file() throws -> VectorFile {
        var file = VectorFile(
            "blob", of: "blob.md",
            notes: """
                `holdings`: their digest. `extent`: the digest of the extent at `address` of which byte n is n modulo 251, for \
                `length` bytes. `learning`: the extents (address, length) that a log which holds `held` makes of the \
                ranges of leaves. `placement`: the address and length of each unit, in source order. What is in `invalid` is refused.
                """)
        try addHoldings(to: &file)
        try addExtents(to: &file)
        try addLearning(to: &file)
        try addPlacement(to: &file)
        return file
    }

    private static func addHoldings(to file: inout VectorFile) throws {
        let digest = [UInt8](repeating: 0xaa, count: 32)
        func extents(_ ranges: [(UInt64, Int)]) -> [Extent] {
            ranges.map { Extent(range: AddressRange(address: $0.0, length: $0.1), digest: digest) }
        }
        func fields(_ ranges: [(UInt64, Int)]) -> JSON {
            [
                "kind": "holdings", "log": .hex(Inputs.log),
                "extents": .list(ranges.map { [.number($0.0), .count($0.1), .hex(digest)] }),
            ]
        }
        let accepted: [(String, [(UInt64, Int)])] = [
            ("of nothing", []), ("of three extents", [(5, 300), (305, 1), (1 << 55, 1 << 24)]),
        ]
        for (name, ranges) in accepted {
            let holdings = try Holdings(log: LogID(unchecked: Inputs.log), extents: extents(ranges))
            file.accept("holdings \(name)", fields(ranges).with(["digest": .hex(holdings.digest)]))
        }
        let refused: [(String, [(UInt64, Int)])] = [
            ("that overlap", [(5, 300), (304, 1)]), ("that are not sorted", [(305, 1), (5, 300)]),
        ]
        for (name, ranges) in refused {
            guard (try? Holdings(log: LogID(unchecked: Inputs.log), extents: extents(ranges))) == nil else {
                throw BrokenVector(name: name)
            }
            file.refuse("holdings \(name)", fields(ranges))
        }
    }

    private static func addExtents(to file: inout VectorFile) throws {
        let cases: [(String, UInt64, Int)] = [
            ("one piece", 5, 1000), ("two pieces", 300_001, 262_144 + 77), ("two whole pieces", 4096, 524_288),
        ]
        for (name, address, length) in cases {
            let bytes = (0..<length).map { UInt8($0 % 251) }
            let log = LogID(unchecked: Inputs.log)
            guard let extent = try VectorLog.extent(bytes, at: address, of: log), extent.range.length == length else {
                throw BrokenVector(name: name)
            }
            file.accept(
                "extent of \(name)",
                [
                    "kind": "extent", "log": .hex(Inputs.log), "address": .number(address), "length": .count(length),
                    "digest": .hex(extent.digest),
                ])
        }
    }

    /// By the rule of `Specs/blob.md` §3, written out.
    private static func addLearning(to file: inout VectorFile) throws {
        let most = 1 << 24
        func fields(_ ranges: [(Int, Int)]) -> JSON {
            [
                "kind": "learning", "held": [[1000, 100]],
                "ranges": .list(ranges.map { [.count($0.0), .count($0.1)] }),
            ]
        }
        let accepted: [(String, [(Int, Int)], [(Int, Int)])] = [
            ("neighbours are one extent", [(2000, 5), (2005, 7)], [(2000, 12)]),
            ("a gap closes an extent", [(2000, 5), (2006, 7)], [(2000, 5), (2006, 7)]),
            (
                "16 MiB are the most", [(2000, most - 4), (2000 + most - 4, 4), (2000 + most, 1)],
                [(2000, most), (2000 + most, 1)]
            ),
            (
                "what would go beyond 16 MiB opens another", [(2000, most - 4), (2000 + most - 4, 5)],
                [(2000, most - 4), (2000 + most - 4, 5)]
            ),
            ("an empty range is none", [(2000, 5), (0, 0), (2005, 7)], [(2000, 12)]),
        ]
        for (name, ranges, extents) in accepted {
            guard try learned(ranges) == extents.map(range) else { throw BrokenVector(name: name) }
            let made = JSON.list(extents.map { [.count($0.0), .count($0.1)] })
            file.accept("learning: \(name)", fields(ranges).with(["extents": made]))
        }
        let refused: [(String, [(Int, Int)])] = [
            ("a range before another", [(2000, 5), (1900, 5)]), ("a range over another", [(2000, 5), (2004, 5)]),
            ("a range over what is held", [(999, 2)]), ("a range beyond the last address", [((1 << 56) - 1, 2)]),
        ]
        for (name, ranges) in refused {
            guard (try? learned(ranges)) == nil else { throw BrokenVector(name: name) }
            file.refuse("learning: \(name)", fields(ranges))
        }
    }

    private static func learned(_ ranges: [(Int, Int)]) throws -> [AddressRange] {
        try VectorLog.extents(of: ranges.map(range), held: [range((1000, 100))])
    }

    private static func range(_ fields: (Int, Int)) -> AddressRange {
        AddressRange(address: UInt64(fields.0), length: fields.1)
    }

    private static func addPlacement(to file: inout VectorFile) throws {
        let key = Inputs.counting(from: 0x21, 32)
        for (address, count) in [(UInt64(0), UInt64(1)), (5, 262_144), (1 << 40, 262_145), (4096, 40 * 262_144 - 9)] {
            let placement = try Placement(key: key, address: address, byteCount: count)
            let units = (0..<placement.unitCount).map { placement.range(ofUnit: $0) }
            file.accept(
                "placement of \(count) bytes",
                [
                    "kind": "placement", "key": .hex(key), "address": .number(address), "bytes": .number(count),
                    "units": .list(units.map { [.number($0.address), .count($0.length)] }),
                ])
        }
    }
}
