/// The roots that a peer's entry grants, and which paths lie beneath them.
struct Grants {
    /// Absolute paths, the first is the base of relative paths.
    let roots: [String]

    /// The root that covers a path as the peer wrote it, and the rest of the path beneath it; `nil` if none does.
    /// A trailing `/` is kept.
    func resolve(_ path: String) -> (root: String, relative: String)? {
        guard let first = roots.first, !path.utf8.contains(0) else { return nil }
        let components = path.split(separator: "/").filter { $0 != "." }
        guard !components.contains("..") else { return nil }
        let slash = path.hasSuffix("/") ? "/" : ""
        guard path.hasPrefix("/") else { return (first, Self.join(components[...], slash)) }
        for root in roots {
            let own = root.split(separator: "/")
            guard components.starts(with: own) else { continue }
            return (root, Self.join(components.dropFirst(own.count), slash))
        }
        return nil
    }

    private static func join(_ components: ArraySlice<Substring>, _ slash: String) -> String {
        components.isEmpty ? "" : components.joined(separator: "/") + slash
    }
}
