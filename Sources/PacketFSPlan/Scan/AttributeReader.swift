internal import CLinux
internal import Glibc
internal import PacketFSWire

/// Reads the `user.` extended attributes of one entry after another.
struct AttributeReader {
    private var names = [CChar](repeating: 0, count: 65_536)
    private var value = [UInt8](repeating: 0, count: Limits.attributeValue + 1)

    /// Sorted by name; `isWhole` is cleared if one had to be left out.
    mutating func attributes(
        of name: UnsafePointer<CChar>, in folder: Int32, isWhole: inout Bool
    ) -> [ExtendedAttribute] {
        let bytes = clinux_source_attributes(folder, name, &names, names.count)
        guard bytes > 0 else {
            // A file system without attributes, or a link, has none to lose.
            if bytes < 0, -bytes != EOPNOTSUPP, -bytes != EPERM { isWhole = false }
            return []
        }
        var found: [ExtendedAttribute] = []
        for text in names[..<bytes].split(separator: 0) {
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

    private mutating func read(_ attribute: String, of name: UnsafePointer<CChar>, in folder: Int32) -> [UInt8]? {
        let count = clinux_source_attribute(folder, name, attribute, &value, value.count)
        guard count >= 0, count <= Limits.attributeValue else { return nil }
        return Array(value[..<count])
    }
}
