import Foundation
import Glibc
import PacketFS
import Testing

@Suite("Extents of transfers", .timeLimit(.minutes(15)))
struct ExtentRecordTests {
    /// Three leaves of a file and the manifest make one extent; the leaf of the next file would make it too large.
    @Test func forgettingAFileKeepsTheOthers() async throws {
        let pair = try HomePair()
        try pair.write(HomePair.random(12 << 20, seed: 1), to: "large")
        try pair.write(HomePair.random(4 << 20, seed: 2), to: "small")
        _ = try await pair.serving { try await pair.send() }
        for (home, peer) in [(pair.office, "ship"), (pair.ship, "office")] {
            let extents = try home.extents(peer: peer)
            #expect(extents.map(\.firstPath) == ["large", "small"] && extents.map(\.lastPath) == ["large", "small"])
            // Blocks that it shares with the extent before it stay.
            #expect(try home.forget(path: "inbox/small").extents == 0)
            let release = try home.forget(path: "small")
            #expect(release.extents == 1 && abs(Int(release.bytes) - 4 << 20) <= 8192)
            #expect(release.interruptedBytes <= 8192)
            #expect(try home.extents().map(\.firstPath) == ["large"])
        }
    }

    /// A file whose name is no text is named, and forgotten, like any other.
    @Test(arguments: [([0x7a, 0xff, 0x71], "z\\xffq"), (Array("a\\b".utf8), "a\\\\b")] as [([UInt8], String)])
    func anyNameCanBeForgotten(_ name: [UInt8], _ text: String) async throws {
        let pair = try HomePair()
        try pair.write(HomePair.random(50_000, seed: 1), to: "file")
        let path = (pair.sources + "/").utf8CString.dropLast() + name.map { CChar(bitPattern: $0) } + [0]
        try #require(rename(pair.sources + "/file", Array(path)) == 0)
        _ = try await pair.serving { try await pair.send() }
        #expect(try pair.office.extents().map(\.firstPath) == [text])
        #expect(throws: PacketFSError.self) { try pair.office.forget(path: "\\q") }
        #expect(try pair.office.forget(path: text).extents == 1)
    }

    /// The second transfer teaches nothing but a manifest, in an extent of no file.
    @Test func forgettingAFileTakesExtentsOfNamesAlone() async throws {
        let pair = try HomePair()
        try pair.write(HomePair.random(50_000, seed: 1), to: "old")
        try pair.write(HomePair.random(50_000, seed: 2), to: "other")
        try await pair.serving {
            _ = try await pair.send()
            try FileManager.default.moveItem(atPath: pair.sources + "/other", toPath: pair.sources + "/renamed")
            _ = try await pair.send()
        }
        for home in [pair.office, pair.ship] {
            #expect(try home.extents().map(\.firstPath) == ["old", ""])
            #expect(try home.forget(path: "other").extents == 1)
            #expect(try home.extents().isEmpty)
        }
    }

    @Test func reservedAddressesThatWereNotUsedAreGivenBack() async throws {
        let pair = try HomePair()
        try await pair.serving {
            for number in 1...3 {
                try pair.write(HomePair.random(10_000, seed: UInt64(number)), to: "file \(number)")
                _ = try await pair.send()
            }
        }
        let extents = try pair.office.extents()
        #expect(extents.count == 3)
        #expect(zip(extents, extents.dropFirst()).allSatisfy { $0.address + UInt64($0.length) == $1.address })
    }

    /// A file that the receiver lost comes behind `more`; what is learned there is cut alike at both ends.
    @Test func wantedFilesAreAcknowledgedToo() async throws {
        let pair = try HomePair()
        try pair.write(HomePair.random(50_000, seed: 1), to: "a")
        try await pair.serving {
            var options = SendOptions()
            options.learns = false
            _ = try await pair.send(options)
            try FileManager.default.removeItem(atPath: pair.inbox + "/a")
            let bytes = HomePair.random(60_000, seed: 2)
            try pair.write(bytes, to: "b")
            let sent = try await pair.send()
            #expect(sent.filesWritten == 2 && pair.arrived("b") == bytes)
        }
        let own = try pair.office.extents()
        let replica = try pair.ship.extents()
        #expect(own.allSatisfy { $0.state == "acknowledged" })
        #expect(own.map(\.length) == replica.map(\.length) && own.reduce(0) { $0 + $1.length } >= 110_000)
        #expect(own.map(\.firstPath) == ["b", "a"] && replica.map(\.firstPath) == ["b", "a"])
    }
}
