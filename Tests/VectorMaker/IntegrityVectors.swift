import PacketFSChannel
import PacketFSTestKit
import PacketFSWire

/// Tags of leaves and parts, lengths that padding gives, and the stream cipher: what else a session's keys make.
enum IntegrityVectors {
    static func file() throws -> VectorFile {
        var file = VectorFile(
            "integrity", of: "handshake.md", notes: "`tag` is over `data`; without `part` it is that of the whole leaf."
        )
        for suite in [UInt8(1), 2] {
            let inputs = Inputs.session(suite: suite)
            let session = try VectorSession(inputs)
            let key = session.initiator.integrity.key(for: TransferID(unchecked: Inputs.transfer))
            for (stream, leaf) in [(StreamKind.manifest, UInt64(0)), (.content, 0), (.content, 1 << 39)] {
                let data = Inputs.noise(100, leaf)
                let tag = data.withUnsafeBytes { key.tag(leaf: LeafID(stream, leaf), bytes: $0) }
                file.accept("suite \(suite), leaf \(leaf)", fields(inputs, stream, leaf, data, tag))
                let partTag = data.withUnsafeBytes { key.tag(part: 63, of: LeafID(stream, leaf), bytes: $0) }
                file.accept(
                    "suite \(suite), part 63 of leaf \(leaf)",
                    fields(inputs, stream, leaf, data, partTag).with(["part": 63]))
                file.refuse(
                    "suite \(suite), leaf \(leaf) with the tag of a part", fields(inputs, stream, leaf, data, partTag))
                file.refuse(
                    "suite \(suite), a flipped bit in leaf \(leaf)",
                    fields(inputs, stream, leaf, data.flipping(bit: 400), tag))
                file.refuse(
                    "suite \(suite), leaf \(leaf) in place of the next", fields(inputs, stream, leaf + 1, data, tag))
            }
        }
        return file
    }

    private static func fields(
        _ inputs: VectorInputs, _ stream: StreamKind, _ leaf: UInt64, _ data: [UInt8], _ tag: [UInt8]
    ) -> JSON {
        [
            "inputs": inputs.json, "transfer": .hex(Inputs.transfer), "stream": .count(Int(stream.rawValue)),
            "leaf": .number(leaf), "data": .hex(data), "tag": .hex(tag),
        ]
    }
}
