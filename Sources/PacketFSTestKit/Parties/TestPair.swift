import Foundation
package import PacketFS

/// Two homes that share a seed, in a folder of their own. Both names for the other are `peer`.
package final class TestPair {
    package static let peer = "peer"

    /// Where trees to send and received ones lie; `right` grants `inbox` for put, `left` grants `outbox` for get.
    package let folder: String
    package var outbox: String { folder + "/outbox" }
    package var inbox: String { folder + "/inbox" }
    package private(set) var left: Home
    package private(set) var right: Home

    /// Makes two new homes, in a new folder in `place`.
    package init(in place: String = base) throws {
        folder = place + "/packetfs-test-\(UUID().uuidString)"
        for path in [folder, folder + "/outbox", folder + "/inbox"] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        left = try Home.create(at: HomeLocation(folder: folder + "/left"))
        right = try Home.create(at: HomeLocation(folder: folder + "/right"))
        let file = folder + "/peer"
        _ = try left.newPeer(
            Self.peer, exportingTo: file, grants: [Grant(root: folder + "/outbox", verbs: [.get])])
        _ = try right.importPeer(
            from: file, as: Self.peer, grants: [Grant(root: folder + "/inbox", verbs: [.put])])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// A disk in memory where there is one: what is simulated is not the disk.
    package static var base: String {
        let shared = "/dev/shm"
        return FileManager.default.isWritableFile(atPath: shared) ? shared : FileManager.default.temporaryDirectory.path
    }

    /// Opens both homes anew from their folders, as after a crash.
    package func reopen() throws {
        left = try Home.open(at: left.location)
        right = try Home.open(at: right.location)
    }

    /// One of the two homes.
    package enum Side: String, CaseIterable, Sendable {
        case left
        case right
    }

    package subscript(side: Side) -> Home { side == .left ? left : right }

    /// Keeps the homes as they are now, for `restore`.
    package func keep() throws {
        for side in Side.allCases { try copy(side, to: "kept") }
    }

    /// Brings back the homes that were kept, and empties the folders of trees.
    package func restore() throws {
        for side in Side.allCases { try bring(side, from: "kept") }
        for box in [inbox, outbox] {
            for name in Folder.names(in: box) { try Folder.remove("\(box)/\(name)") }
        }
        try reopen()
    }

    /// Keeps one home as it is now, for `bringBack`.
    package func set(aside side: Side) throws {
        try copy(side, to: "old")
    }

    /// Puts a home in the place of itself, as whoever restores a backup does.
    package func bringBack(_ side: Side) throws {
        try bring(side, from: "old")
        try reopen()
    }

    private func copy(_ side: Side, to name: String) throws {
        let target = "\(folder)/\(name)-\(side)"
        try Folder.remove(target)
        try Folder.copy("\(folder)/\(side)", to: target)
    }

    private func bring(_ side: Side, from name: String) throws {
        try Folder.remove("\(folder)/\(side)")
        try Folder.copy("\(folder)/\(name)-\(side)", to: "\(folder)/\(side)")
    }

    /// The file in which `right` keeps its replica of the log of `left`.
    package var replica: String? { blobFile("replica.log", of: right) }
    /// The log of `left`, and its index.
    package var ownLog: String? { blobFile("own.log", of: left) }
    package var ownIndex: String? { blobFile("own.index", of: left) }

    private func blobFile(_ name: String, of home: Home) -> String? {
        let blobs = home.location.data + "/blob"
        return Folder.names(in: blobs).min().map { "\(blobs)/\($0)/\(name)" }
    }
}
