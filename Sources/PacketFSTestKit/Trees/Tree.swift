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

        /// What a reader of the path gets to see: contents, without metadata.
        var contents: Node {
            switch self {
            case .folder: .folder(mode: 0)
            case .file(let bytes, _, _): .file(bytes, mode: 0, modified: 0)
            case .link: self
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
