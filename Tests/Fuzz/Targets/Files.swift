import Foundation
import PacketFSSecrets
import PacketFSTestKit
import PacketFSTransport
import PacketFSWire

@testable import PacketFSBlob
@testable import PacketFSPad
@testable import PacketFSVault

extension Target {
    /// What stands in files, or what people write.
    static let files = [ledger, padHeader, messageHead, peerFile, sealedFile, index, addresses]

    /// Records of a ledger one after another, and the state that they come to.
    private static let ledger = Target(name: "ledger") { bytes in
        var script = Script(bytes)
        _ = try? LedgerHeader.pad(body: script.bytes(LedgerRecord.bodySize))
        var state = LedgerState(blocks: 1 << 20)
        while !script.isAtEnd {
            guard let record = try? LedgerRecord(body: script.bytes(LedgerRecord.bodySize)) else { continue }
            let before = state.next
            guard (try? state.apply(record)) != nil else { continue }
            promise(state.next >= before && state.next <= 1 << 20, "what was reserved stays reserved")
        }
    } seeds: {
        examples(16) { random in
            let machine = random.bytes(16)
            let start = UInt64(random.draw(0...99))
            let records: [LedgerRecord] = [
                .bound(machine: machine, files: 1, next: start), .reserved(start: start, count: 8),
                .settled(start: start, count: 4), .burnt(start: start + 4, count: 4), .tried(start: 5),
                .received(start: 5, count: 3, tag: random.bytes(16)), .cleared(start: 5, count: 3),
                .drawn(start: 40, count: 2),
                .claimed(mark: 90), .retired,
            ]
            return [LedgerHeader.body(of: PadID(unchecked: machine)) + records.flatMap(\.body)]
        }
    }

    private static let padHeader = Target(name: "pad-header") { bytes in
        let (header, length) = try PadHeader.decode(Array(bytes))
        promise(try header.encode() == Array(bytes.prefix(length)), "a header has one encoding")
    } seeds: {
        examples(4) { random in
            let id = PadID(unchecked: random.bytes(16))
            let header = PadHeader(
                pad: id, lower: PartyID(unchecked: [UInt8](repeating: 1, count: 16)),
                higher: PartyID(unchecked: [UInt8](repeating: 2, count: 16)), holder: .lower,
                source: PadSource(kind: .file, name: "a source"), blocks: 1 << 20)
            return [try header.encode()]
        }
    }

    private static let messageHead = Target(name: "message-head") { bytes in
        if let head = try? MessageHead(decoding: Array(bytes)) {
            promise(head.encode() == Array(bytes), "a head has one encoding")
        }
        if bytes.count == MessageMarks.size, let marks = try? MessageMarks(decoding: Array(bytes)) {
            promise(try marks.encode() == Array(bytes), "marks have one encoding")
        }
        var sections = SectionReader()
        var script = Script(bytes)
        while !script.isAtEnd {
            let piece = script.piece()
            try piece.withUnsafeBytes { try sections.take($0, begin: { _ in }, { _ in }) }
        }
    } seeds: {
        examples(8) { random in
            let pad = PadID(unchecked: random.bytes(16))
            let opened = [1, 2].map { MessageMark(start: $0, tag: random.bytes(16)) }
            let marks = try MessageMarks(seen: 9, opened: opened).encode()
            let text: [UInt8] = marks + [0, 2, 0x61, 0x62, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0, 0]
            return [MessageHead(pad: pad, direction: 1, start: 7).encode(), marks, Script.piece(text)]
        }
    }

    private static let peerFile = Target(name: "peer-file") { bytes in
        _ = try PeerFile(decoding: bytes).host
    } seeds: {
        examples(4) { random in
            let file = try PeerFile(
                seed: .random(using: &random), name: SeedName(generation: 3, id: SeedID(unchecked: random.bytes(16))),
                exporter: PartyID(unchecked: random.bytes(16)), importer: PartyID(unchecked: random.bytes(16)),
                host: "harbour", address: "192.0.2.1:4747")
            return [try file.withEncoded { Array($0) }]
        }
    }

    /// The header alone: nobody says the passphrase.
    private static let sealedFile = Target(name: "sealed-file") { bytes in
        try SealedFile.open(bytes, at: "", as: .seed, ask: { _ in nil }) { _ in }
    } seeds: {
        let head: [UInt8] = SealedFile.magic + [1, 0, 0, 0, 3, 0, 4, 0, 0]
        return [head + [UInt8](repeating: 7, count: SealedFile.headerSize - head.count + 48)]
    }

    /// An index file that is damaged anywhere: a wrong candidate costs time, and nothing else.
    private static let index = Target(name: "index") { bytes in
        let path = Workshop.folder + "/index"
        try? FileManager.default.removeItem(atPath: path)
        let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        _ = FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: mode)
        let index = try MatchIndex(file: path, log: Workshop.log)
        for number in 0..<64 as Range<UInt64> {
            for address in index.candidates(for: number << 30) {
                promise(address < IndexSlot.addressLimit, "a candidate is an address that the index can hold")
            }
        }
        index.insert(hash: 77, address: 12_345)
    } seeds: {
        let path = Workshop.folder + "/index-seed"
        try? FileManager.default.removeItem(atPath: path)
        guard let index = try? MatchIndex(file: path, log: Workshop.log),
            let log = try? Log(file: Workshop.folder + "/log", id: Workshop.log, create: true)
        else { return [] }
        try? index.rebuild(from: log, runs: RunSet([]))
        index.insert((0..<64).map { Anchor(hash: UInt64($0) << 30, address: UInt64($0 * 256)) })
        try? index.sync()
        return [FileManager.default.contents(atPath: path)].compactMap { $0.map { Array($0.prefix(1 << 16)) } }
    }

    /// URIs of vaults, and addresses.
    private static let addresses = Target(name: "addresses") { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        if let uri = try? VaultURI(text) { promise(try VaultURI(uri.text) == uri, "a URI stays itself") }
        if let end = try? Endpoint(parsing: text, defaultPort: 1) {
            promise(try Endpoint(parsing: end.description) == end, "an address stays itself")
        }
    } seeds: {
        [
            "file:harbour", "file:/etc/seed", "keyring:user/harbour", "credential:seed",
            "pkcs11:token=one;object=seed?module-path=/usr/lib/p11.so", "[2001:db8::1]:4747", "harbour.example:4747",
            "192.0.2.1", "::1",
        ].map { Array($0.utf8) }
    }
}

/// A folder for targets that need files.
enum Workshop {
    static let log = LogID(unchecked: [UInt8](repeating: 9, count: 16))

    static let folder: String = {
        let path = TestPair.base + "/packetfs-fuzz-\(getpid())"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(atPath: Workshop.folder) }
        return path
    }()
}
