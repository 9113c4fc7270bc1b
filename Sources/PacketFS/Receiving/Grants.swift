/// The roots that a peer's entry grants, and which paths lie beneath them.
struct Grants {
    /// Absolute paths, the first is the base of relative paths.
    let roots: [String]

    /// The root that covers a path as the peer wrote it, and the rest of the path beneath it; `nil` if none does.
    /// A trailing `/` is kept.
    func resolve(_ path: String) -> (root: String, relative: String)? {
        guard let first = roots.first, !path.utf8.contains(0) else { return nil }
        let components = Self.components(path).filter { $0 != "." }
        guard !components.contains("..") else { return nil }
        let slash = path.utf8.last == UInt8(ascii: "/") ? "/" : ""
        guard path.utf8.first == UInt8(ascii: "/") else { return (first, Self.join(components[...], slash)) }
        for root in roots {
            let own = Self.components(root)
            guard components.starts(with: own, by: { $0.utf8.elementsEqual($1.utf8) }) else { continue }
            return (root, Self.join(components.dropFirst(own.count), slash))
        }
        return nil
    }

    /// Cut at bytes, as the kernel does it: a combining mark makes another character of the slash before it.
    private static func components(_ path: String) -> [Substring] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { Substring($0) }
    }

    private static func join(_ components: ArraySlice<Substring>, _ slash: String) -> String {
        components.isEmpty ? "" : components.joined(separator: "/") + slash
    }
}
