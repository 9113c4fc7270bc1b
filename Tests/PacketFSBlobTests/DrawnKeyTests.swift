import Foundation
import PacketFSBlob
import Testing

@Suite("Drawn key")
struct DrawnKeyTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test func isDrawnOnceAndPrivate() throws {
        let key = try DrawnKey.load(file: scratch.file("key"))
        #expect(key.count == DrawnKey.length)
        #expect(try DrawnKey.load(file: scratch.file("key")) == key)
        #expect(try DrawnKey.load(file: scratch.file("other")) != key)
        #expect(try mode(of: scratch.file("key")) == 0o600)
    }

    @Test(arguments: [0, 1, 31, 33, 64])
    func aFileOfAnotherLengthIsFilledAnew(count: Int) throws {
        let path = scratch.file("key")
        _ = try DrawnKey.load(file: path)
        try Data(repeating: 7, count: count).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let key = try DrawnKey.load(file: path)
        #expect(key.count == DrawnKey.length && !key.starts(with: [7, 7, 7, 7]))
        #expect(FileManager.default.contents(atPath: path) == Data(key))
    }

    @Test func aFileThatOthersMayReadIsRefused() throws {
        let path = scratch.file("key")
        _ = try DrawnKey.load(file: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: BlobError.notPrivate) { try DrawnKey.load(file: path) }
    }
}
