/// Random small trees, and edits of them.
extension Tree {
    private static let names = [
        "a", "b", "c.txt", "d e", "é", "-f", ".g", "notes.md", "x\ny", "long-" + String(repeating: "n", count: 90),
    ]

    /// A tree of up to `count` nodes.
    package static func random(nodes count: Int, using random: inout SeededRandom) -> Tree {
        var tree = Tree()
        for _ in 0..<count { tree.add(using: &random) }
        return tree
    }

    /// Changes contents, metadata and names; with `isFree` also takes things away and changes kinds.
    package mutating func edit(isFree: Bool, using random: inout SeededRandom) {
        for _ in 0..<random.draw(1...4) {
            switch random.draw(0...(isFree ? 7 : 4)) {
            case 0, 1: patch(using: &random)
            case 2: touch(using: &random)
            case 3, 4: add(using: &random)
            case 5: rename(using: &random)
            case 6: removeOne(using: &random)
            default: turn(using: &random)
            }
        }
    }

    private mutating func add(using random: inout SeededRandom) {
        let path = freePath(using: &random)
        guard nodes[path] == nil else { return }
        nodes[path] = Self.node(using: &random)
    }

    private static func node(using random: inout SeededRandom) -> Node {
        switch random.draw(0...7) {
        case 0, 1: .folder(mode: random.oneIn(3) ? 0o700 : 0o755)
        case 2: .link(random.oneIn(2) ? "a" : "../nowhere")
        default: file(using: &random)
        }
    }

    private static func file(using random: inout SeededRandom) -> Node {
        let size = random.oneIn(6) ? 0 : random.magnitude(upTo: 12_000)
        let bytes = random.oneIn(2) ? random.bytes(size) : random.prose(size)
        return .file(bytes, mode: random.oneIn(4) ? 0o600 : 0o644, modified: time(using: &random))
    }

    private static func time(using random: inout SeededRandom) -> Int64 {
        Int64(random.draw(1_000_000_000_000_000_000...1_700_000_000_000_000_000))
    }

    private func freePath(using random: inout SeededRandom) -> String {
        let parents = [""] + folders.map { $0 + "/" }
        return parents[random.draw(0...parents.count - 1)] + Self.names[random.draw(0...Self.names.count - 1)]
    }

    private func anyFile(using random: inout SeededRandom) -> String? {
        let files = files
        return files.isEmpty ? nil : files[random.draw(0...files.count - 1)]
    }

    private mutating func patch(using random: inout SeededRandom) {
        guard let path = anyFile(using: &random), case .file(var bytes, let mode, _) = nodes[path] else { return }
        let at = random.draw(0...bytes.count)
        let end = min(bytes.count, at + random.draw(0...200))
        bytes.replaceSubrange(at..<end, with: random.bytes(random.draw(0...200)))
        nodes[path] = .file(bytes, mode: mode, modified: Self.time(using: &random))
    }

    private mutating func touch(using random: inout SeededRandom) {
        guard let path = anyFile(using: &random), case .file(let bytes, _, _) = nodes[path] else { return }
        nodes[path] = .file(bytes, mode: random.oneIn(2) ? 0o640 : 0o755, modified: Self.time(using: &random))
    }

    private mutating func rename(using random: inout SeededRandom) {
        let all = nodes.keys.sorted()
        guard !all.isEmpty else { return }
        let old = all[random.draw(0...all.count - 1)]
        let new = freePath(using: &random)
        guard nodes[new] == nil, !new.hasPrefix(old + "/") else { return }
        for path in paths(beneath: old) {
            nodes[new + path.dropFirst(old.count)] = nodes.removeValue(forKey: path)
        }
    }

    private mutating func removeOne(using random: inout SeededRandom) {
        let all = nodes.keys.sorted()
        guard !all.isEmpty else { return }
        for path in paths(beneath: all[random.draw(0...all.count - 1)]) { nodes[path] = nil }
    }

    /// Something of another kind comes to stand under a name.
    private mutating func turn(using random: inout SeededRandom) {
        let all = nodes.keys.sorted()
        guard !all.isEmpty else { return }
        let path = all[random.draw(0...all.count - 1)]
        for beneath in paths(beneath: path) { nodes[beneath] = nil }
        nodes[path] = Self.node(using: &random)
    }
}
