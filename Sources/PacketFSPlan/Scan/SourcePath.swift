/// A source as rsync understands it: `folder/` stands for what is in it, `folder` for itself under its own name.
package struct SourcePath: Equatable, Sendable {
    /// The folder that is opened; entries are reached beneath it.
    package let folder: String
    /// The entry of `folder` that travels, `nil` if `folder` itself does.
    package let name: String?

    /// `nil` for what is no path.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= 4095, !bytes.contains(0) else { return nil }
        let slash = UInt8(ascii: "/")
        let end = bytes.lastIndex { $0 != slash }.map { $0 + 1 } ?? 0
        let start = (bytes[..<end].lastIndex(of: slash) ?? -1) + 1
        let last = String(decoding: bytes[start..<end], as: UTF8.self)
        if end < bytes.count || last == "." || last == ".." {
            folder = text
            name = nil
        } else {
            folder = start == 0 ? "." : String(decoding: bytes[..<start], as: UTF8.self)
            name = last
        }
    }
}
