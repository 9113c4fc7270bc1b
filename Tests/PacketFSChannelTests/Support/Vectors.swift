import Foundation
import Testing

/// Test vectors from elsewhere, read from `PACKETFS_VECTORS`, else from `../shared/vectors` beside the package. Suites
/// that need them are skipped where neither is there.
enum Vectors {
    static let folder: URL? = {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["PACKETFS_VECTORS"].map { URL(filePath: $0) }
        let folder = named ?? package.deletingLastPathComponent().appending(path: "shared/vectors")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    static var areThere: Bool { folder != nil }

    static let absence: Comment = "skipped: no test vectors in PACKETFS_VECTORS or ../shared/vectors"

    static func load<T: Decodable>(_ path: String, as _: T.Type = T.self) throws -> T {
        let folder = try #require(Self.folder)
        return try JSONDecoder().decode(T.self, from: Data(contentsOf: folder.appending(path: path)))
    }
}

/// Bytes as vectors write them.
struct Hex: Decodable, Equatable {
    let bytes: [UInt8]

    init(from decoder: any Decoder) throws {
        let text = Array(try decoder.singleValueContainer().decode(String.self))
        bytes = try stride(from: 0, to: text.count, by: 2).map { index in
            try #require(UInt8(String(text[index...index + 1]), radix: 16))
        }
    }
}

/// A file of Wycheproof vectors whose tests are `T`.
struct Wycheproof<T: Decodable>: Decodable {
    struct Group: Decodable {
        let keySize: Int?
        let ivSize: Int?
        let tagSize: Int?
        let tests: [T]
    }

    enum Result: String, Decodable {
        case valid, invalid, acceptable
    }

    let testGroups: [Group]
}
