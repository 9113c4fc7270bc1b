import Foundation
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFSPad

/// A folder of one test, gone with it, with a pad that was made, split and imported on two sides.
final class PadFolder {
    let path: String
    private var files: [Int32] = []

    init() throws {
        let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : NSTemporaryDirectory()
        path = base + "packetfs-pad-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        for side in ["a", "b"] {
            try FileManager.default.createDirectory(atPath: path + "/" + side, withIntermediateDirectories: false)
        }
    }

    deinit {
        files.forEach { close($0) }
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    func place(_ side: String) -> PadPlace {
        PadPlace(pad: file(side + "/pad"), ledger: file(side + "/ledger"), messages: file(side + "/messages"))
    }

    /// A file of random bytes, as a source.
    func source(_ count: Int, _ name: String = "source") throws -> String {
        var random = SeededRandom(seed: UInt64(count))
        try Data(random.bytes(count)).write(to: URL(filePath: file(name)))
        return file(name)
    }

    /// Copies for both sides, not imported yet: `carried-a` and `carried-b`.
    func carry(blocks: Int) throws {
        let size = blocks * 2 * Limits.padBlock
        let maker = PadMaker()
        _ = try maker.create(file("whole"), size: UInt64(size), source: source(size))
        try maker.split(file("whole"), into: (file("carried-a"), file("carried-b")))
    }

    /// Imports both copies.
    func fill(blocks: Int, machine: MachineIdentity = .test) throws {
        try carry(blocks: blocks)
        for side in ["a", "b"] { _ = try Pad.adopt(file("carried-" + side), to: place(side), machine: machine) }
    }

    /// A program that a test beside this one starts has the lock, too, until it runs.
    func open(_ side: String, gate: any PadGate = OpenPadGate()) throws -> Pad {
        for _ in 0..<100 {
            do { return try Pad.open(place(side), machine: .test, gate: gate) } catch PadError.busy { usleep(2000) }
        }
        return try Pad.open(place(side), machine: .test, gate: gate)
    }

    /// Seals sections and hands out the message.
    func seal(_ sections: [[UInt8]], _ side: String = "a", gate: any PadGate = OpenPadGate()) throws -> [UInt8] {
        let pad = try open(side, gate: gate)
        let sealer = try MessageSealer(pad)
        for section in sections { try sealer.append(section) }
        return try message(sealer.finish().start, of: pad)
    }

    func message(_ start: UInt64, of pad: Pad) throws -> [UInt8] {
        let message = try pad.read(start)
        var bytes: [UInt8] = []
        while let more = try message.next(1 << 16) { bytes += more }
        return bytes
    }

    /// Opens a message, and spends what it covers.
    func open(_ message: [UInt8], _ side: String = "b", gate: any PadGate = OpenPadGate()) throws -> [UInt8] {
        let pad = try open(side, gate: gate)
        let opener = try MessageOpener(pad, message: received(message))
        var plain: [UInt8] = []
        try opener.open { plain += $0 }
        try opener.spend()
        return plain
    }

    func write(_ bytes: [UInt8], to name: String = "received") throws -> String {
        try Data(bytes).write(to: URL(filePath: file(name)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file(name))
        return file(name)
    }

    /// The message in an open file.
    func received(_ message: [UInt8]) throws -> Int32 {
        let file = Glibc.open(try write(message), O_RDONLY)
        files.append(file)
        return file
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: file(name))))
    }

    /// Files of messages that side `a` keeps, whole or not.
    func messageNames() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: file("a/messages"))
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: file(name))
    }

    /// The bytes of a half as they are in the pad file.
    func half(_ half: Int, of side: String) throws -> [UInt8] {
        let pad = try bytes(side + "/pad")
        let header = try PadHeader.decode(Array(pad.prefix(512))).header
        let layout = PadLayout(blocks: header.blocks)
        let start = Int(layout.offset(half: half, block: 0))
        return Array(pad[start..<start + Int(header.blocks) * Limits.padBlock])
    }

    /// Replaces a file by a copy of itself, as a restored backup does.
    func restore(_ name: String) throws {
        try FileManager.default.moveItem(atPath: file(name), toPath: file(name + ".old"))
        try FileManager.default.copyItem(atPath: file(name + ".old"), toPath: file(name))
    }

    /// Writes a backup into a file, which stays the same file.
    func overwrite(_ name: String, with bytes: [UInt8]) throws {
        let handle = try FileHandle(forWritingTo: URL(filePath: file(name)))
        defer { try? handle.close() }
        try handle.write(contentsOf: Data(bytes))
        try handle.truncate(atOffset: UInt64(bytes.count))
    }

    func append(_ bytes: [UInt8], to name: String) throws {
        let handle = try FileHandle(forWritingTo: URL(filePath: file(name)))
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(bytes))
    }

    /// What a snapshot of a whole machine keeps of a side: contents, and which files they are in.
    struct Snapshot {
        var pad: [UInt8]
        var ledger: [UInt8]
        var mooring: String
    }

    func keep(_ side: String) throws -> Snapshot {
        let place = place(side)
        let names: [String] = [place.newMooring, place.mooring]
        let mooring = names.first { access($0, F_OK) == 0 }
        let kept = file("mooring-" + UUID().uuidString)
        try FileManager.default.linkItem(atPath: #require(mooring), toPath: kept)
        return Snapshot(pad: try bytes(side + "/pad"), ledger: try bytes(side + "/ledger"), mooring: kept)
    }

    func rollBack(_ side: String, to snapshot: Snapshot, withPad: Bool = true) throws {
        if withPad { try overwrite(side + "/pad", with: snapshot.pad) }
        try overwrite(side + "/ledger", with: snapshot.ledger)
        rename(snapshot.mooring, place(side).mooring)
    }

    func flip(_ name: String, at offset: Int, bit: UInt8 = 1) throws {
        var bytes = try bytes(name)
        bytes[offset] ^= bit
        let handle = try FileHandle(forWritingTo: URL(filePath: file(name)))
        defer { try? handle.close() }
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: Data([bytes[offset]]))
    }
}

extension MachineIdentity {
    static let test = MachineIdentity(id: "a machine of tests")
}
