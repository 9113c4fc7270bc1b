/// The order of manifests and snapshots: component by component, bytes as unsigned numbers.
package enum PathOrder {
    /// Whether `left` stands strictly before `right`.
    package static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let slash = UInt8(ascii: "/")
        for (first, second) in zip(left, right) where first != second {
            // A `/` ends a component, and the shorter component comes first.
            if first == slash { return true }
            if second == slash { return false }
            return first < second
        }
        return left.count < right.count
    }

    /// Whether `path` lies in `folder` or deeper.
    package static func isBeneath(_ path: [UInt8], _ folder: [UInt8]) -> Bool {
        path.count > folder.count && path[folder.count] == UInt8(ascii: "/") && path.starts(with: folder)
    }
}
