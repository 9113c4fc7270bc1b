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

        /// `files`: so many can be made, with folders and the root.
        init?(files: Int = 1 << 16) throws {
            pair = try TestPair()
            path = pair.folder + "/disk"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            guard mount("none", path, "tmpfs", 0, "size=8m,mode=0700,nr_inodes=\(files)") == 0 else { return nil }
            location = HomeLocation(folder: path + "/home")
        }

        deinit { umount2(path, Int32(MNT_DETACH)) }

        /// Bytes that are set aside.
        var ballast: Int { SparseFile(location.state + "/ballast").allocated }

        /// `transfer`: whose the extent is.
        func makeHome(isOpen: Bool, transfer: TransferID? = nil) throws -> Home? {
            let home = try Home.create(at: location)
            _ = try home.newPeer("other", exportingTo: pair.folder + "/seed")
            let own = try home.domain(of: home.record(named: "other")).openOwn()
            let range = try own.reserve(exactly: size)
            try own.log.write([UInt8](repeating: 7, count: size), at: range.address)
            let extent = Extent(range: range, digest: [UInt8](repeating: 0, count: Limits.digest))
            try own.insert([(extent: extent, first: [], last: [])], transfer: transfer)
            return isOpen ? home : nil
        }

        func fill() {
            let file = open(path + "/full", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(file) }
            let bytes = [UInt8](repeating: 1, count: 4096)
            while write(file, bytes, bytes.count) > 0 {}
        }

        func fillWithFiles() {
            var number = 0
            while mkdir(path + "/\(number)", 0o700) == 0 { number += 1 }
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

    /// What an interrupted transfer left takes no new file to go.
    @Test(.enabled(if: canMount, "mounting a RAM disk needs privilege"))
    func itsBlobCanBeTrimmedWithoutAFileToSpare() throws {
        let disk = try #require(try SmallDisk(files: 200))
        let transfer = TransferID(unchecked: [UInt8](repeating: 1, count: TransferID.byteCount))
        let home = try #require(try disk.makeHome(isOpen: true, transfer: transfer))
        disk.fillWithFiles()
        #expect(try home.trimBlob(to: .max).bytes >= UInt64(Self.size))
        #expect(try home.extents().isEmpty)
    }
}
