import Foundation
import PacketFSBlob
import PacketFSChannel
import PacketFSPlan
import PacketFSRebuild
import PacketFSSecrets
import PacketFSWire

/// One pair of files and a folder: both logs hold the old one, and each round plans and rebuilds the new one.
struct Bench {
    struct Wrong: Error {}

    private static let id = LogID(unchecked: [UInt8](repeating: 7, count: LogID.byteCount))

    private let folder: String
    private let old: [UInt8]
    private let new: [UInt8]
    private let tree: ScannedTree
    private let tagger: IntegrityKey
    private let memcpy = Memcpy()
    private var options = PlanOptions()

    init(old: String, new: String, folder: String, effort: PlanEffort) throws {
        self.folder = folder
        self.old = [UInt8](try Data(contentsOf: URL(fileURLWithPath: old)))
        self.new = [UInt8](try Data(contentsOf: URL(fileURLWithPath: new)))
        tree = try TreeScanner.scan(sources: [new])
        options.effort = effort
        var random = SystemRandomNumberGenerator()
        tagger = IntegrityKey(suite: .aes256gcm, key: .random(using: &random))
    }

    func round(_ figures: inout Figures) throws {
        let place = folder + "/round"
        try FileManager.default.createDirectory(atPath: place + "/target", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        figures.copying.append(memcpy.rate())
        let (sender, holdings) = try log(at: place + "/sender")
        let (receiver, _) = try log(at: place + "/receiver")

        let index = try MatchIndex(file: place + "/index", log: Self.id)
        let indexing = try Figures.rate(old.count) { try index.rebuild(from: sender, runs: RunSet(holdings.runs)) }
        figures.indexing.append(indexing.rate)
        (figures.logBytes, figures.indexBytes) = (UInt64(old.count), index.byteCount)

        let planning = try Figures.rate(new.count) { try plan(sender, index, holdings) }
        figures.planning.append(planning.rate)
        (figures.newBytes, figures.recordBytes) = (new.count, try size(of: planning.result))

        let decoding = try Figures.rate(new.count) { try decode(planning.result, sender, holdings) }
        figures.decoding.append(decoding.rate)
        let resident = try resident(at: place + "/sender", holdings)
        figures.decodingResident.append(
            try Figures.rate(new.count) { try decode(planning.result, resident, holdings) }.rate)
        figures.writing.append(try write(place + "/plain"))

        let rebuilder = try rebuilder(receiver, holdings, target: place + "/target")
        figures.rebuilding.append(try Figures.rate(new.count) { try rebuild(planning.result, rebuilder) }.rate)
        guard try rebuilt(in: place + "/target") == new else { throw Wrong() }
    }

    /// The new file's bytes to a fresh file, and nothing else: what rebuilding to files cannot do without.
    private func write(_ path: String) throws -> Double {
        try Figures.rate(new.count) { try Data(new).write(to: URL(fileURLWithPath: path)) }.rate
    }

    /// The log as it is when what was held before the transfer is kept in memory, in huge pages if there are any.
    private func resident(at path: String, _ holdings: Holdings) throws -> Log {
        var residency = Residency()
        (residency.hugePages, residency.transparentHugePages) = (.attempt, .attempt)
        let arena = Arena(residency: residency)
        let log = try Log(file: path, id: Self.id, create: false, arena: arena)
        try arena.hold(holdings.runs, of: log)
        return log
    }

    private func log(at path: String) throws -> (Log, Holdings) {
        let log = try Log(file: path, id: Self.id, create: true)
        var builder = ExtentBuilder(log: log)
        try old.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: Limits.leaf) {
                let end = min(start + Limits.leaf, bytes.count)
                try builder.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), at: UInt64(start))
            }
        }
        return (log, try Holdings(log: Self.id, extents: builder.finish()))
    }
}

extension Bench {
    private var transfer: TransferID { TransferID(unchecked: [UInt8](repeating: 1, count: TransferID.byteCount)) }

    private func plan(_ log: Log, _ index: MatchIndex, _ holdings: Holdings) throws -> [DataRecord] {
        var reserved = UInt64(old.count)
        let planner = try Planner(
            transfer: transfer, tree: tree, origins: Origins.choose(for: tree, from: nil, checksums: false),
            runs: RunSet(holdings.runs), log: log, index: index, tagger: tagger, options: options,
            reserve: { count in
                defer { reserved += UInt64(count) }
                return AddressRange(address: reserved, length: count)
            })
        var records: [DataRecord] = []
        while let step = try planner.next() {
            guard case .record(let record) = step else { throw Wrong() }
            records.append(record)
        }
        _ = try planner.finishLearning()
        return records
    }

    private func size(of records: [DataRecord]) throws -> Int {
        let coder = try BlockCoder()
        return try records.reduce(0) { size, record in
            let (head, tail) = try record.encodeParts(compress: coder.compressor)
            return size + head.count + tail.count
        }
    }

    /// Every leaf of both streams, rebuilt in memory and compared with its tag. What was learned on the way is in the
    /// sender's log already.
    private func decode(_ records: [DataRecord], _ log: Log, _ holdings: Holdings) throws {
        let decoder = try LeafDecoder(replica: log, runs: RunSet(holdings.runs))
        var left: [StreamKind: UInt64] = [:]
        for record in records {
            switch record {
            case .opening(_, let manifest, let content):
                left = [.manifest: manifest, .content: content]
            case .leaf(let id, let blueprint):
                let length = Int(min(left[id.stream, default: 0], UInt64(Limits.leaf)))
                left[id.stream, default: 0] -= UInt64(length)
                try decoder.decode(
                    blueprint, of: id.stream, length: length, held: { _, _ in [] },
                    { leaf throws(RebuildError) in
                        guard tagger.tag(leaf: id, bytes: leaf.bytes) == blueprint.tag else { throw .badLiterals }
                    })
                if let address = blueprint.learnedAt {
                    decoder.learned(AddressRange(address: address, length: blueprint.learnedLength))
                }
            case .origins, .more:
                break
            }
        }
    }

    private func rebuilder(_ log: Log, _ holdings: Holdings, target: String) throws -> Rebuilder {
        var setup = RebuildSetup(transfer: transfer, options: TransferOptions())
        let learning = ExtentBuilder(log: log, held: RunSet(holdings.runs))
        setup.replica = RebuildSetup.Replica(log: log, holdings: holdings, learning: learning)
        let root = try DestinationRoot.open(base: target, creates: false)
        return try Rebuilder(root: root, setup: setup, tagger: tagger)
    }

    private func rebuild(_ records: [DataRecord], _ rebuilder: Rebuilder) throws {
        for record in records {
            var step = try rebuilder.record(record)
            if step == .manifestReady { step = try rebuilder.proceed() }
            guard step == .none else { throw Wrong() }
        }
        _ = try rebuilder.finish()
    }

    private func rebuilt(in target: String) throws -> [UInt8] {
        let names = try FileManager.default.contentsOfDirectory(atPath: target)
        guard names.count == 1 else { throw Wrong() }
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: target + "/" + names[0])))
    }
}
