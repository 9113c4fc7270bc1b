import Foundation
import PacketFSBlob
import PacketFSRebuild
import PacketFSWire

/// A folder of its own for one test, with a destination and a replica, removed at the end.
final class Playground {
    let path: String
    var destination: String { path + "/destination" }

    /// `inMemory`: on a RAM disk where there is one, for tests that sync a lot.
    init(inMemory: Bool = false) throws {
        let memory = "/dev/shm/"
        let parent = inMemory && FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        path = parent + "packetfs-rebuild-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: destination, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func root() throws -> DestinationRoot {
        try DestinationRoot.open(base: destination, creates: false)
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: destination + "/" + name))
    }

    func write(_ text: String, to name: String) throws {
        try write(Array(text.utf8), to: name)
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: destination + "/" + name, withIntermediateDirectories: true)
    }

    func makeSymlink(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: destination + "/" + name, withDestinationPath: target)
    }

    func bytes(_ name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: destination + "/" + name).map { Array($0) }
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: destination + "/" + name)
    }

    /// Everything beneath the destination, as sorted relative paths.
    func names() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: destination).sorted()
    }

    /// A replica that holds `bytes` from address 0 in extents of `extent` bytes.
    func replica(_ bytes: [UInt8], extent: Int = Limits.extent, name: String = "log") throws -> (Log, Holdings) {
        let log = try Log(
            file: path + "/" + name, id: LogID(unchecked: [UInt8](repeating: 7, count: LogID.byteCount)), create: true)
        var extents: [Extent] = []
        for start in stride(from: 0, to: bytes.count, by: extent) {
            let part = Array(bytes[start..<min(start + extent, bytes.count)])
            var builder = ExtentBuilder(log: log)
            try part.withUnsafeBytes { try builder.append($0, at: UInt64(start)) }
            extents += try builder.finish()
        }
        return (log, try Holdings(log: LogID(unchecked: [UInt8](repeating: 7, count: 16)), extents: extents))
    }

    /// Overwrites bytes of a file of this playground in place.
    func damage(_ name: String = "log", at offset: Int, with bytes: [UInt8]) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path + "/" + name))
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }

    func truncate(_ name: String = "log", to length: Int) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path + "/" + name))
        try handle.truncate(atOffset: UInt64(length))
        try handle.close()
    }
}
