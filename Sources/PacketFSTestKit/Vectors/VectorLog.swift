import Foundation
import PacketFSBlob
package import PacketFSChannel
import PacketFSRebuild
package import PacketFSWire

/// Logs as the vectors of leaves and extents have them.
package enum VectorLog {
    /// The extents that a log which holds `held` makes of the ranges of leaves.
    package static func extents(of ranges: [AddressRange], held: [AddressRange]) throws -> [AddressRange] {
        var builder = ExtentBuilder(log: try empty(), held: RunSet(held))
        for range in ranges {
            try [UInt8](repeating: 0, count: range.length).withUnsafeBytes { try builder.append($0, at: range.address) }
        }
        return try builder.finish().map(\.range)
    }

    /// The extent that a log makes of these bytes.
    package static func extent(_ bytes: [UInt8], at address: UInt64, of log: LogID) throws -> Extent? {
        var builder = ExtentBuilder(log: try empty(log))
        try bytes.withUnsafeBytes { try builder.append($0, at: address) }
        return try builder.finish().first
    }

    /// In a file that has no name any more.
    fileprivate static func empty(
        _ id: LogID = LogID(unchecked: [UInt8](repeating: 0x11, count: LogID.byteCount))
    ) throws -> Log {
        let file = "\(TestPair.base)/packetfs-log-\(UUID().uuidString)"
        defer { unlink(file) }
        return try Log(file: file, id: id, create: true)
    }
}

/// The receiver of a transfer's leaves, as the vectors of leaves have it.
package final class VectorReceiver {
    /// A leaf is not what its sender tagged.
    package struct WrongTag: Error {}

    private let log: Log
    private let decoder: LeafDecoder
    private let key: IntegrityKey

    /// It holds `log` from address 0, but for the gap.
    package init(log bytes: [UInt8], gap: Range<Int>, key: IntegrityKey) throws {
        log = try VectorLog.empty()
        let runs = [0..<gap.lowerBound, gap.upperBound..<bytes.count]
        for run in runs { try log.write(Array(bytes[run]), at: UInt64(run.lowerBound)) }
        decoder = try LeafDecoder(
            replica: log,
            runs: RunSet(runs.map { AddressRange(address: UInt64($0.lowerBound), length: $0.count) }))
        self.key = key
    }

    /// The leaf of a record, and what both ends learn of it.
    package func rebuild(_ record: [UInt8]) throws -> (leaf: [UInt8], learned: [UInt8]) {
        var reader = RecordReader()
        try reader.append(record)
        guard let raw = reader.next(), case .leaf(let id, let blueprint) = try DataRecord(decoding: raw) else {
            throw WireError.truncated
        }
        let length = blueprint.descriptors.reduce(0) { $0 + $1.length }
        let leaf = try decoder.decode(blueprint, of: id.stream, length: length, held: { _, _ in [] }) {
            Array($0.bytes)
        }
        guard leaf.withUnsafeBytes({ key.tag(leaf: id, bytes: $0) }) == blueprint.tag else { throw WrongTag() }
        var (learned, place): ([UInt8], Int) = ([], 0)
        for descriptor in blueprint.descriptors {
            if blueprint.learning.takes(descriptor.kind) { learned += leaf[place..<place + descriptor.length] }
            place += descriptor.length
        }
        guard let address = blueprint.learnedAt else { return (leaf, []) }
        try log.write(learned, at: address)
        decoder.learned(AddressRange(address: address, length: learned.count))
        return (leaf, learned)
    }
}
