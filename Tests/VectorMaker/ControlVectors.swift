import PacketFSTestKit
import PacketFSWire

/// Messages of the control and repair planes.
enum ControlVectors {
    private static let other = [UInt8](repeating: 0x75, count: 16)
    private static let digest = [UInt8](repeating: 0xaa, count: 32)

    static func file() throws -> VectorFile {
        var file = VectorFile(
            "control", of: "blueprint.md", "frames.md", "pads.md", "keystream.md",
            notes: """
                Plane 0 is control, plane 2 repair. `value` says what a payload stands for; a decoder that accepts it encodes it \
                to the same bytes again. Of what is in `invalid` nothing is used.
                """)
        try acceptControl(in: &file)
        try acceptRepair(in: &file)
        try refuse(in: &file)
        return file
    }

    private static func acceptControl(in file: inout VectorFile) throws {
        for (name, message, value) in controls {
            let frames = try message.encode()
            guard frames.count == 1,
                try ControlMessage.decode(type: frames[0].type, payload: frames[0].payload) == message
            else { throw BrokenVector(name: name) }
            file.accept(name, fields(0, frames[0].type, frames[0].payload).with(["value": value]))
        }
    }

    private static var controls: [(String, ControlMessage, JSON)] {
        let transfer = TransferID(unchecked: Inputs.transfer)
        let log = LogID(unchecked: Inputs.log)
        let extents = [
            Extent(range: AddressRange(address: 5, length: 300), digest: digest),
            Extent(range: AddressRange(address: 305, length: 1 << 24), digest: digest),
            Extent(range: AddressRange(address: (1 << 56) - 1, length: 1), digest: digest),
        ]
        let listed = JSON.list(
            extents.map {
                ["address": .number($0.range.address), "length": .count($0.range.length), "digest": .hex($0.digest)]
            })
        let files = [PartialFile(entry: 0, bytes: 7), PartialFile(entry: 5, bytes: 1 << 56)]
        let failed = [FailedEntry(entry: 9, failure: .metadata), FailedEntry(entry: 2, failure: .sourceChanged)]
        return [
            offer(transfer, log), offerWithAll(transfer, log), request,
            ("accept", .accept(transfer), .hex(Inputs.transfer)),
            (
                "holdings", .holdings(log, extents, isLast: true),
                ["last": true, "log": .hex(Inputs.log), "extents": listed]
            ),
            (
                "anew", .anew(PartialState(voids: transfer, transfer: nil, files: []), isLast: true),
                ["last": true, "voids": .hex(Inputs.transfer), "interrupted": .null, "files": []]
            ),
            (
                "anew, with files",
                .anew(
                    PartialState(voids: transfer, transfer: TransferID(unchecked: other), files: files), isLast: false),
                [
                    "last": false, "voids": .hex(Inputs.transfer), "interrupted": .hex(other),
                    "files": [[0, 7], [5, .number(1 << 56)]],
                ]
            ),
            (
                "want", .want([3, 4, 5, 9, 2_097_151], isLast: true),
                ["last": true, "entries": [3, 4, 5, 9, 2_097_151]]
            ),
            ("dropped", .dropped(failed), [[9, 5], [2, 1]]),
            (
                "receipt",
                .receipt(
                    Receipt(
                        transfer: transfer, filesWritten: 1, filesKept: 2, deleted: 3, bytesWritten: 1 << 40,
                        leavesRepaired: 4, bytesRepaired: 5, extentsHealed: 6, extentsLost: 7, failures: failed,
                        learned: extents), isLast: true),
                [
                    "last": true, "transfer": .hex(Inputs.transfer), "written": 1, "kept": 2, "deleted": 3,
                    "repaired": 4, "healed": 6, "lost": 7, "bytes_written": .number(1 << 40), "bytes_repaired": 5,
                    "failures": [[9, 5], [2, 1]], "extents": listed,
                ]
            ),
            ("abort", .abort(.integrity), 11), ("alive", .alive, .null),
            ("end", .end(bytes: 1 << 60, frames: 300), ["bytes": .number(1 << 60), "frames": 300]),
            ("cover by the stream cipher", .cover(.streamCipher), ["kind": 2]),
            (
                "cover by a pad", .cover(.pad(PadID(unchecked: other), seen: 9, proof: Inputs.tag)),
                ["kind": 1, "pad": .hex(other), "seen": 9, "proof": .hex(Inputs.tag)]
            ),
            ("blocks", .blocks(start: 128, count: 16), ["start": 128, "count": 16]),
            (
                "message", .message(length: 4113, .pad(PadID(unchecked: other), seen: 9, proof: Inputs.tag)),
                ["length": 4113, "pad": .hex(other), "seen": 9, "proof": .hex(Inputs.tag)]
            ),
            ("piece", .piece([1, 2, 3]), "010203"),
        ]
    }

    private static func offer(_ transfer: TransferID, _ log: LogID) -> (String, ControlMessage, JSON) {
        let offer = Offer(
            transfer: transfer, destination: "in/größe", options: TransferOptions(), log: log, holdingsDigest: digest)
        return (
            "offer", .offer(offer),
            [
                "transfer": .hex(Inputs.transfer), "log": .hex(Inputs.log), "holdings": .hex(digest), "resumes": .null,
                "continues": .null, "provisions": false, "destination": "in/größe", "flags": 48, "spared": [],
            ]
        )
    }

    private static func offerWithAll(_ transfer: TransferID, _ log: LogID) -> (String, ControlMessage, JSON) {
        var options = TransferOptions()
        options.deletes = true
        options.excludes = ["*.o", "a/b"]
        let offer = Offer(
            transfer: transfer, destination: "", options: options, log: log, holdingsDigest: digest,
            resumes: TransferID(unchecked: other), continues: transfer, provisions: true)
        return (
            "offer with all", .offer(offer),
            [
                "transfer": .hex(Inputs.transfer), "log": .hex(Inputs.log), "holdings": .hex(digest),
                "resumes": .hex(other), "continues": .hex(Inputs.transfer), "provisions": true, "destination": "",
                "flags": 49, "spared": ["*.o", "a/b"],
            ]
        )
    }

    private static var request: (String, ControlMessage, JSON) {
        let request = Request(
            sources: ["a", "b/"], options: TransferOptions(), destination: "x", excludes: ["*~"], offsetOnly: true)
        return (
            "request", .request(request),
            [
                "asks": 7, "sources": ["a", "b/"], "destination": "x", "excludes": ["*~"], "flags": 48, "spared": [],
            ]
        )
    }

    private static func acceptRepair(in file: inout VectorFile) throws {
        let leaf = LeafID(.content, 300)
        let messages: [(String, RepairMessage, JSON)] = [
            ("failed", .failed(leaf), ["stream": 1, "leaf": 300]),
            ("tags", .tags(leaf, Inputs.tag + digest), ["stream": 1, "leaf": 300, "tags": .hex(Inputs.tag + digest)]),
            ("wanted", .wanted(leaf, [0, 63]), ["stream": 1, "leaf": 300, "parts": [0, 63]]),
            (
                "part", .part(leaf, part: 63, offset: 0, bytes: [7, 8]),
                ["stream": 1, "leaf": 300, "part": 63, "offset": 0, "bytes": "0708"]
            ),
        ]
        for (name, message, value) in messages {
            let frames = try message.encode()
            guard frames.count == 1 else { throw BrokenVector(name: name) }
            file.accept(name, fields(2, frames[0].type, frames[0].payload).with(["value": value]))
        }
    }

    private static func refuse(in file: inout VectorFile) throws {
        for (name, type, payload) in ControlRefusals.control {
            guard (try? ControlMessage.decode(type: type, payload: payload)) == nil else {
                throw BrokenVector(name: name)
            }
            file.refuse(name, fields(0, type, payload))
        }
        for (name, type, payload) in ControlRefusals.repair {
            guard (try? RepairMessage.decode(type: type, payload: payload)) == nil else {
                throw BrokenVector(name: name)
            }
            file.refuse(name, fields(2, type, payload))
        }
    }

    private static func fields(_ plane: Int, _ type: UInt8, _ payload: [UInt8]) -> JSON {
        ["plane": .count(plane), "type": .count(Int(type)), "payload": .hex(payload)]
    }
}
