import PacketFSTestKit
import PacketFSWire

/// The data plane's stream of records.
enum RecordVectors {
    static func file() throws -> VectorFile {
        var file = VectorFile(
            "records", of: "blueprint.md",
            notes: """
                `stream` is the payloads of the data plane, put together; `records` what it stands for. In `invalid` these come \
                out first, and the record behind them is refused; `incomplete`: it is cut instead.
                """)
        let transfer = TransferID(unchecked: Inputs.transfer)
        let versions = [UInt8(0x41), 0x42].map { TransferID(unchecked: [UInt8](repeating: $0, count: 16)) }
        let origins: [Origin] = [.sent, .kept(versions[0]), .kept(versions[0]), .kept(versions[1]), .sent]
        let records: [(DataRecord, JSON)] = [
            (
                .opening(transfer, manifest: 300, content: 1 << 60),
                ["type": 1, "transfer": .hex(Inputs.transfer), "manifest": 300, "content": .number(1 << 60)]
            ),
            (
                .origins(origins),
                [
                    "type": 3,
                    "kept_from": [
                        .null, .hex(versions[0].bytes), .hex(versions[0].bytes), .hex(versions[1].bytes), .null,
                    ],
                ]
            ),
            (.origins([]), ["type": 3, "kept_from": []]),
            (.more(content: 5), ["type": 4, "content": 5]),
        ]
        var whole: [UInt8] = []
        for (record, value) in records {
            let bytes = try record.encode()
            whole += bytes
            file.accept("type \(bytes[0])", ["stream": .hex(bytes), "records": .list([value])])
        }
        file.accept("all", ["stream": .hex(whole), "records": .list(records.map(\.1))])
        try refuse(records[0], in: &file)
        return file
    }

    private static func refuse(_ first: (DataRecord, JSON), in file: inout VectorFile) throws {
        let opening = try first.0.encode()
        let id = Inputs.transfer
        let other = [UInt8](repeating: 0x42, count: 16)
        func origins(_ count: UInt8, _ block: [UInt8]) -> [UInt8] {
            let fields = [count, 0, UInt8(block.count)] + block
            return [3, UInt8(fields.count), 0] + fields
        }
        let cases: [(String, [UInt8])] = [
            ("an unknown type", [5, 1, 0, 0]), ("type 0", [0, 1, 0, 0]), ("no fields", [1, 0, 0]),
            ("an opening with a tail", [1, 18, 1] + id + [1, 1, 0]), ("an opening of 65 bytes", [1, 65, 0]),
            ("an opening cut", [1, 17, 0] + id + [1]), ("an opening with a byte more", [1, 19, 0] + id + [1, 1, 0]),
            ("an opening of a manifest beyond 192 MiB", [1, 21, 0] + id + [0x81, 0x80, 0x80, 0x60, 0]),
            (
                "an opening of content beyond 2^60",
                [1, 26, 0] + id + [1, 0x81] + [UInt8](repeating: 0x80, count: 7) + [0x10]
            ),
            ("a leaf of more than 8 MiB of fields", [2, 0x81, 0x80, 0x80, 4, 0]),
            ("a leaf of more than 4 MiB of literals", [2, 1, 0x81, 0x80, 0x80, 2]),
            ("a length in a long form", [4, 0x81, 0, 0, 1]), ("more with a byte more", [4, 2, 0, 5, 5]),
            ("origins of fewer files than they say", origins(3, [0, 0, 1])),
            ("origins of more files than they say", origins(1, [0, 0, 1])),
            ("origins from a version that is not there", origins(1, [0, 1, 0])),
            ("origins with a version that no file names", origins(1, [1] + id + [0, 0])),
            ("origins whose versions are equal", origins(2, [2] + id + id + [1, 0, 2, 0])),
            ("origins whose versions stand in another order", origins(2, [2] + id + other + [2, 0, 1, 0])),
            ("origins whose neighbouring runs are equal", origins(2, [0, 0, 0, 0, 0])),
            ("origins with more versions than bytes", origins(1, [9] + id)),
        ]
        for (name, bytes) in cases {
            guard !isAccepted(bytes) else { throw BrokenVector(name: name) }
            file.refuse(name, ["stream": .hex(opening + bytes), "records": .list([first.1])])
        }
        file.refuse(
            "an end within a record",
            ["stream": .hex(opening + opening.dropLast()), "records": .list([first.1]), "incomplete": true])
    }

    private static func isAccepted(_ bytes: [UInt8]) -> Bool {
        var reader = RecordReader()
        guard (try? reader.append(bytes)) != nil, let raw = reader.next() else { return false }
        return (try? DataRecord(decoding: raw)) != nil
    }
}
