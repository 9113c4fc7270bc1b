import PacketFSWire

/// One component of a path, as the `*at` calls take it. Its existence proves that it names something right in its
/// folder: it is not empty, neither `.` nor `..`, and holds neither `/` nor NUL.
struct Name: Hashable, Sendable {
    /// With the closing NUL.
    private let terminated: [UInt8]

    init?(_ component: some Collection<UInt8>) {
        guard !component.isEmpty, component.count <= Limits.component else { return nil }
        guard !component.contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") }) else { return nil }
        guard component.count > 2 || component.contains(where: { $0 != UInt8(ascii: ".") }) else { return nil }
        var bytes = [UInt8]()
        bytes.reserveCapacity(component.count + 1)
        bytes.append(contentsOf: component)
        bytes.append(0)
        terminated = bytes
    }

    var bytes: ArraySlice<UInt8> { terminated.dropLast() }

    func withCString<R, E: Error>(_ body: (UnsafePointer<CChar>) throws(E) -> R) throws(E) -> R {
        try withTerminated(terminated, body)
    }
}

/// `body` over bytes that end with NUL, as C sees them.
func withTerminated<R, E: Error>(
    _ bytes: [UInt8], _ body: (UnsafePointer<CChar>) throws(E) -> R
) throws(E) -> R {
    try bytes.withUnsafeBufferPointer { buffer throws(E) -> R in
        guard let base = buffer.baseAddress else { preconditionFailure("no closing NUL") }
        return try base.withMemoryRebound(to: CChar.self, capacity: buffer.count, body)
    }
}

extension [UInt8] {
    /// The path of the folder in which a path's last component stands; empty for the root.
    var parent: ArraySlice<UInt8> { self[..<(lastIndex(of: UInt8(ascii: "/")) ?? 0)] }
}

/// A path beneath the destination's root, taken apart.
struct EntryPath {
    /// The folder that it stands in; empty for the root itself.
    let folder: [UInt8]
    let name: Name

    /// `nil` for the root itself, for an absolute path and for a last component that may not be.
    init?(_ path: [UInt8]) {
        let slash = path.lastIndex(of: UInt8(ascii: "/"))
        guard slash != 0 else { return nil }
        guard let name = Name(path[(slash.map { $0 + 1 } ?? 0)...]) else { return nil }
        self.name = name
        folder = Array(path[..<(slash ?? 0)])
    }
}
