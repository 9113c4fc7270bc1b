import Glibc

/// What stands beneath a folder: paths relative to it, and everything that a transfer promises to carry over.
package struct Tree: Equatable, Sendable {
    package enum Node: Equatable, Sendable {
        case folder(mode: UInt32)
        /// `modified`: nanoseconds since 1970.
        case file([UInt8], mode: UInt32, modified: Int64)
        case link(String)

        package var isFolder: Bool {
            if case .folder = self { true } else { false }
        }

        /// Whether a reader of the path gets to see the same: contents, without metadata.
        func shows(_ other: Node) -> Bool {
            switch (self, other) {
            case (.folder, .folder): true
            case (.file(let bytes, _, _), .file(let others, _, _)): Self.areEqual(bytes, others)
            case (.link(let target), .link(let other)): target == other
            default: false
            }
        }

        package static func == (left: Node, right: Node) -> Bool {
            guard left.shows(right) else { return false }
            switch (left, right) {
            case (.folder(let mode), .folder(let other)): return mode == other
            case (.file(_, let mode, let modified), .file(_, let other, let otherTime)):
                return mode == other && modified == otherTime
            default: return true
            }
        }

        /// Many times as fast as by elements, which is what arrays compare.
        private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
            left.count == right.count
                && left.withUnsafeBytes { left in
                    right.withUnsafeBytes { right in
                        guard let a = left.baseAddress, let b = right.baseAddress else { return left.isEmpty }
                        return memcmp(a, b, left.count) == 0
                    }
                }
        }
    }

    package var nodes: [String: Node]

    package init(_ nodes: [String: Node] = [:]) {
        self.nodes = nodes
    }

    package var files: [String] {
        nodes.keys.filter { if case .file = nodes[$0] { true } else { false } }.sorted()
    }

    package var folders: [String] {
        nodes.keys.filter { nodes[$0]?.isFolder == true }.sorted()
    }

    /// The path, and all that is beneath it.
    package func paths(beneath path: String) -> [String] {
        nodes.keys.filter { $0 == path || $0.hasPrefix(path + "/") }
    }

    /// The paths at which two trees differ.
    package func differences(from other: Tree) -> [String] {
        Set(nodes.keys).union(other.nodes.keys).filter { nodes[$0] != other.nodes[$0] }.sorted()
    }
}
