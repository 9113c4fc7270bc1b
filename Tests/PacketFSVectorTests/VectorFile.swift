import Foundation
import PacketFSTestKit
import Testing

/// A file of `Vectors/`, whose cases are `Case`.
struct VectorFile<Case: Decodable & Sendable>: Decodable {
    let valid: [Case]
    let invalid: [Case]

    init(_ name: String) throws {
        try self.init(vectors: name)
    }
}

extension Decodable {
    /// Reads the file of `Vectors/` that has this name.
    init(vectors name: String) throws {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = package.appending(path: "Vectors/\(name).json")
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }
}
