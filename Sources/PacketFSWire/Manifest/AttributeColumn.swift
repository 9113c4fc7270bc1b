/// The column of extended attributes (`Specs/blueprint.md` §6.4): runs of entries with equal attributes.
struct AttributeWriter {
    private var writer = ByteWriter()
    private var attributes: [ExtendedAttribute] = []
    private var length = 0

    mutating func add(_ attributes: [ExtendedAttribute]) throws(WireError) {
        if length > 0, attributes == self.attributes {
            length += 1
        } else {
            try checkAttributes(attributes)
            flush()
            self.attributes = attributes
            length = 1
        }
    }

    private mutating func flush() {
        guard length > 0 else { return }
        writer.count(attributes.count)
        for attribute in attributes {
            writer.text(attribute.name)
            writer.prefixed(attribute.value)
        }
        writer.count(length - 1)
    }

    mutating func finish() -> [UInt8] {
        flush()
        length = 0
        return writer.bytes
    }
}

/// Only the `user.` namespace may travel: others would let a sender change how the receiver's system treats a file.
private func checkAttributes(_ attributes: [ExtendedAttribute]) throws(WireError) {
    guard attributes.count <= Limits.attributes else { throw .tooLarge }
    for (index, attribute) in attributes.enumerated() {
        let name = attribute.name.utf8
        guard name.count <= Limits.attributeName, attribute.value.count <= Limits.attributeValue else {
            throw .tooLarge
        }
        guard name.starts(with: "user.".utf8), name.count > 5, !name.contains(0) else { throw .forbiddenName }
        guard index == 0 || attributes[index - 1].name.utf8.lexicographicallyPrecedes(name) else {
            throw .inconsistent
        }
    }
}

extension ByteReader {
    /// Reads attributes that cover exactly `count` entries. A run shares one list, however long it is.
    mutating func attributes(
        of count: Int, _ body: (_ attributes: [ExtendedAttribute], _ run: Int) throws(WireError) -> Void
    ) throws(WireError) {
        var left = count
        var previous: [ExtendedAttribute]?
        while left > 0 {
            let attributes = try attributeList()
            guard attributes != previous else { throw .inconsistent }
            let run = try self.count(atMost: left - 1) + 1
            try body(attributes, run)
            previous = attributes
            left -= run
        }
    }

    private mutating func attributeList() throws(WireError) -> [ExtendedAttribute] {
        var list: [ExtendedAttribute] = []
        for _ in 0..<(try count(atMost: Limits.attributes)) {
            let name = try text(atMost: Limits.attributeName)
            list.append(ExtendedAttribute(name: name, value: try prefixed(atMost: Limits.attributeValue)))
        }
        try checkAttributes(list)
        return list
    }
}
