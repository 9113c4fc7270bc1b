import Foundation
import Glibc
import PacketFSBlob
import PacketFSStore
import PacketFSTestKit
import PacketFSWire
import Testing

@testable import PacketFS

/// A home on a disk that is full.
@Suite struct FullHomeTests {
    private static let size = 3 << 20

    /// A small RAM disk with a home, whose blob for one peer has some bytes.
    private final class SmallDisk {
        let location: HomeLocation
        private let pair: TestPair
        private let path: String

        init?() throws {
            pair = try TestPair()
            path = pair.folder + "/disk"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            guard mount("none", path, "tmpfs", 0, "size=8m,mode=0700") == 0 else { return nil }
            location = HomeLocation(folder: path + "/home")
        }

        deinit { umount2(path, Int32(MNT_DETACH)) }

        /// Bytes that are set aside.
        var ballast: Int { SparseFile(location.state + "/ballast").allocated }

        func makeHome(isOpen: Bool) throws -> Home? {
            let home = try Home.create(at: location)
            _ = try home.newPeer("other", exportingTo: pair.folder + "/seed")
            let own = try home.domain(of: home.record(named: "other")).openOwn()
            let range = try own.reserve(exactly: size)
            try own.log.write([UInt8](repeating: 7, count: size), at: range.address)
            let extent = Extent(range: range, digest: [UInt8](repeating: 0, count: Limits.digest))
            try own.insert([(extent: extent, first: [], last: [])], transfer: nil)
            return isOpen ? home : nil
        }

        func fill() {
            let file = open(path + "/full", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(file) }
            let bytes = [UInt8](repeating: 1, count: 4096)
            while write(file, bytes, bytes.count) > 0 {}
        }
    }

    private static let canMount = (try? SmallDisk()) != nil

    /// Whether other processes, such as a server, have it open or not.
    @Test(.enabled(if: canMount, "mounting a RAM disk needs privilege"), arguments: [false, true])
    func itsBlobCanBeTrimmed(isOpen: Bool) throws {
        let disk = try #require(try SmallDisk())
        let served = try disk.makeHome(isOpen: isOpen)
        disk.fill()
        if !isOpen {
            let error = #expect(throws: PacketFSError.self) { try Home.open(at: disk.location) }
            #expect(error?.code == .diskFull)
        }
        do {
            let home = try Home.open(at: disk.location, makesRoom: true)
            #expect(try home.trimBlob(to: 0).bytes >= UInt64(Self.size))
        }
        #expect(try Home.open(at: disk.location).extents().isEmpty)
        #expect(disk.ballast == 1 << 20)
        withExtendedLifetime(served) {}
    }
}
