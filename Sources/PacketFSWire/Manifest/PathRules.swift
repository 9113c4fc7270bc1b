private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")

/// The rules on a list of paths (`Specs/blueprint.md` §6.2), one path after another: forbidden names, strictly
/// ascending order, and, in a tree, that each path's parent is a folder that stands before it. Because only what differs
/// from the path before is looked at, a list costs no more than its front-coded bytes.
struct PathRules {
    private(set) var previous: [UInt8] = []
    private var isFirst = true
    /// Bytes of all paths so far.
    private var total = 0
    /// Lengths of the folders that lead to `previous`, itself included if it is one; shortest first.
    private var folders: [Int] = []
    private let isTree: Bool

    /// The empty path may come first: the root. `isTree`: it is a folder, and parents are required.
    init(isTree: Bool) {
        self.isTree = isTree
    }

    /// Takes the next path, which shares `shared` bytes, and not one more, with the one before.
    mutating func accept(_ path: [UInt8], shared: Int, isFolder: Bool) throws(WireError) {
        total += path.count
        guard path.count <= Limits.path, total <= Limits.pathBytes else { throw .tooLarge }
        if isFirst, path.isEmpty {
            guard isFolder || !isTree else { throw .inconsistent }
        } else {
            try checkOrder(of: path, shared: shared)
            let parent = try Self.checkedParent(of: path, shared: shared)
            if isTree { try checkParent(parent, of: path, shared: shared) }
        }
        if isTree, isFolder { folders.append(path.count) }
        previous = path
        isFirst = false
    }

    private func checkOrder(of path: [UInt8], shared: Int) throws(WireError) {
        guard path.count > shared else { throw isFirst ? .forbiddenName : .inconsistent }
        guard shared < previous.count else { return }
        // A component ends before any byte that a longer one could go on with.
        let (old, new) = (previous[shared], path[shared])
        guard old != new, old == slash || (new != slash && old < new) else { throw .inconsistent }
    }

    /// The length of the parent's path, or `nil` beneath the root, once every new component is allowed.
    private static func checkedParent(of path: [UInt8], shared: Int) throws(WireError) -> Int? {
        var start = shared
        while start > 0, path[start - 1] != slash { start -= 1 }
        for index in shared..<path.count {
            guard path[index] != 0 else { throw .forbiddenName }
            guard path[index] == slash else { continue }
            try checkComponent(path, start, index)
            start = index + 1
        }
        try checkComponent(path, start, path.count)
        return start == 0 ? nil : start - 1
    }

    private static func checkComponent(_ path: [UInt8], _ start: Int, _ end: Int) throws(WireError) {
        let length = end - start
        guard length > 0, length <= Limits.component else { throw .forbiddenName }
        guard length > 2 || path[start] != dot || path[end - 1] != dot else { throw .forbiddenName }
    }

    private mutating func checkParent(_ parent: Int?, of path: [UInt8], shared: Int) throws(WireError) {
        while let folder = folders.last, folder > 0 {
            // Within `shared`, and ended by a `/` of this path: still a folder that leads here.
            if folder <= shared, path[folder] == slash { break }
            folders.removeLast()
        }
        guard folders.last ?? 0 == parent ?? 0 else { throw .inconsistent }
    }
}

/// How many bytes two paths begin with in common.
func sharedPrefix(_ left: [UInt8], _ right: [UInt8]) -> Int {
    let bound = min(left.count, right.count)
    var shared = 0
    while shared < bound, left[shared] == right[shared] { shared += 1 }
    return shared
}

extension ByteWriter {
    /// A front-coded path: bytes shared with the one before, the rest of it, and a zero byte.
    mutating func path(_ path: [UInt8], rules: inout PathRules, isFolder: Bool) throws(WireError) {
        let shared = sharedPrefix(rules.previous, path)
        try rules.accept(path, shared: shared, isFolder: isFolder)
        count(shared)
        raw(path[shared...])
        u8(0)
    }
}

extension ByteReader {
    mutating func path(rules: inout PathRules, isFolder: Bool) throws(WireError) -> [UInt8] {
        let shared = try count(atMost: rules.previous.count)
        let path = try terminated(atMost: Limits.path, after: rules.previous, shared: shared)
        try rules.accept(path, shared: shared, isFolder: isFolder)
        return path
    }
}
