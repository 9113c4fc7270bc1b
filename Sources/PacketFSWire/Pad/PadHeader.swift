/// Where the bytes of a pad come from: what may be claimed of it depends on that.
package enum PadSourceKind: UInt8, Sendable, CaseIterable {
    /// A random number generator of the machine, as a device.
    case hardware = 1
    /// A file that somebody filled.
    case file = 2
    /// The kernel's generator: computed bytes, never a one-time pad's.
    case system = 3
}

/// The source, and the name under which it was read.
package struct PadSource: Equatable, Sendable {
    package var kind: PadSourceKind
    /// At most `Limits.padSource` bytes.
    package var name: String

    package init(kind: PadSourceKind, name: String) {
        self.kind = kind
        self.name = name
    }
}

/// Whose copy of a pad a file is.
package enum PadHolder: UInt8, Sendable, CaseIterable {
    /// Not split yet: nobody may use it.
    case nobody = 0
    /// The party with the lower id, which sends with half 0.
    case lower = 1
    /// The party with the higher id, which sends with half 1.
    case higher = 2
}

/// What a pad file says of itself (`Specs/pads.md` §3). The key of its check values stands beside it in the file, and is
/// as secret as the pad.
package struct PadHeader: Equatable, Sendable {
    package var pad: PadID
    package var lower: PartyID
    package var higher: PartyID
    package var holder: PadHolder
    package var source: PadSource
    /// Blocks of each half.
    package var blocks: UInt64

    package init(
        pad: PadID, lower: PartyID, higher: PartyID, holder: PadHolder, source: PadSource, blocks: UInt64
    ) {
        self.pad = pad
        self.lower = lower
        self.higher = higher
        self.holder = holder
        self.source = source
        self.blocks = blocks
    }

    /// The header's bytes, without key and check value.
    package func encode() throws(WireError) -> [UInt8] {
        guard lower < higher else { throw .inconsistent }
        guard (1...Limits.padBlocks).contains(blocks), source.name.utf8.count <= Limits.padSource else {
            throw .tooLarge
        }
        return encoded { writer in
            writer.raw(padMagic)
            writer.identifier(pad)
            writer.identifier(lower)
            writer.identifier(higher)
            writer.u8(holder.rawValue)
            writer.u8(source.kind.rawValue)
            writer.integer(blocks)
            writer.u8(UInt8(source.name.utf8.count))
            writer.raw(source.name.utf8)
        }
    }

    /// Reads a header from the start of `bytes`; returns it and its length.
    package static func decode(_ bytes: [UInt8]) throws(WireError) -> (header: PadHeader, length: Int) {
        var reader = unsafe ByteReader(bytes.span.bytes)
        guard try reader.bytes(padMagic.count) == padMagic else { throw .unknown }
        let pad = try reader.identifier(PadID.self)
        let lower = try reader.identifier(PartyID.self)
        let higher = try reader.identifier(PartyID.self)
        let holder = try reader.known(PadHolder.self)
        let kind = try reader.known(PadSourceKind.self)
        let blocks = try reader.integer(UInt64.self)
        guard lower < higher else { throw .inconsistent }
        guard (1...Limits.padBlocks).contains(blocks) else { throw .tooLarge }
        let name = try reader.bytes(Int(try reader.u8()))
        guard let text = String(validating: name, as: UTF8.self) else { throw .notText }
        let header = PadHeader(
            pad: pad, lower: lower, higher: higher, holder: holder, source: PadSource(kind: kind, name: text),
            blocks: blocks)
        return (header, reader.offset)
    }
}

private let padMagic = Array("PFSPADF".utf8) + [2]
