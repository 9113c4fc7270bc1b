internal import CLinux
internal import Glibc
internal import PacketFSWire

/// Reads the `user.` extended attributes of an entry.
enum AttributeReader {
    /// Bytes of the names of most entries' attributes, and of any's at most (XATTR_LIST_MAX): the system gets memory of
    /// that size for each look.
    private static let (few, most) = (512, 65_536)

    /// Sorted by name; `isWhole` is cleared if one had to be left out.
    static func attributes(
        of name: UnsafePointer<CChar>, in folder: Int32, isWhole: inout Bool
    ) -> [ExtendedAttribute] {
        var (count, names) = list(name, in: folder, atMost: few)
        if count == -Int(ERANGE) { (count, names) = list(name, in: folder, atMost: most) }
        // A file system without attributes, or a link, has none to lose.
        if count < 0, -count != EOPNOTSUPP, -count != EPERM { isWhole = false }
        var found: [ExtendedAttribute] = []
        for text in names.split(separator: 0) {
            let raw = text.map { UInt8(bitPattern: $0) }
            guard raw.starts(with: "user.".utf8) else { continue }
            guard found.count < Limits.attributes, raw.count <= Limits.attributeName,
                let attribute = String(validating: raw, as: UTF8.self),
                let value = read(attribute, of: name, in: folder)
            else {
                isWhole = false
                continue
            }
            found.append(ExtendedAttribute(name: attribute, value: value))
        }
        return found.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// How many bytes there are, or negative errno, and the bytes.
    private static func list(
        _ name: UnsafePointer<CChar>, in folder: Int32, atMost bytes: Int
    ) -> (count: Int, names: [CChar]) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes) { buffer in
            let count = clinux_source_attributes(folder, name, buffer.baseAddress, buffer.count)
            return (count, count > 0 ? [CChar](buffer[..<count]) : [])
        }
    }

    private static func read(_ attribute: String, of name: UnsafePointer<CChar>, in folder: Int32) -> [UInt8]? {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Limits.attributeValue + 1) { buffer in
            let count = clinux_source_attribute(folder, name, attribute, buffer.baseAddress, buffer.count)
            return 0...Limits.attributeValue ~= count ? Array(buffer[..<count]) : nil
        }
    }
}
