import Foundation
import PacketFSPlan
import PacketFSWire
import Testing

@testable import PacketFS

/// The sources are looked at while the connection is made.
@Suite struct FirstLookTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "first-look-\(UUID())")

    private func names(_ job: SendJob) throws -> [String] {
        try job.scan().manifest.entries.map { String(decoding: $0.path, as: UTF8.self) }
    }

    /// What is planned again is looked at again.
    @Test func itCountsOnce() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("1".utf8).write(to: folder.appending(path: "early"))
        var job = SendJob(sources: [folder.path + "/"], destination: "", options: SendOptions())
        let look = FirstLook(at: job)
        let seen = try #require(look.take()?.manifest.entries.count)
        #expect(seen == 2)
        #expect(look.take() == nil)
        job.firstLook = look
        try Data("2".utf8).write(to: folder.appending(path: "late"))
        #expect(try names(job) == ["", "early", "late"])
    }

    @Test func whatItCannotFindTheScanNames() throws {
        var job = SendJob(sources: [folder.path], destination: "", options: SendOptions())
        job.firstLook = FirstLook(at: job)
        let error = #expect(throws: PacketFSError.self) { try job.scan() }
        #expect(error?.message.contains(folder.lastPathComponent) == true)
    }
}
