/// The column of extended attributes (`Specs/blueprint.md` §6.4): runs of entries with equal attributes.
struct AttributeWriter {
    private var writer = ByteWriter()
    private var attributes: [ExtendedAttribute] = []
    private var length = 0
    private var total = AttributeTotal()

    mutating func add(_ attributes: [ExtendedAttribute]) throws(WireError) {
        if length > 0, attributes == self.attributes {
            length += 1
        } else {
            try checkAttributes(attributes)
            try total.add(attributes)
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

/// Few bytes may stand for many attributes, and those of a run take memory once.
private struct AttributeTotal {
    private var count = 0

    mutating func add(_ attributes: [ExtendedAttribute]) throws(WireError) {
        count += attributes.count
        guard count <= Limits.allAttributes else { throw .tooLarge }
    }
}

extension Manifest {
    /// Whether its attributes are more than one manifest can have.
    package var hasTooManyAttributes: Bool {
        var (total, previous): (AttributeTotal, [ExtendedAttribute]?) = (AttributeTotal(), nil)
        return !entries.allSatisfy { entry in
            defer { previous = entry.attributes }
            return entry.attributes == previous || (try? total.add(entry.attributes)) != nil
        }
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
        var total = AttributeTotal()
        var names: [String: String] = [:]
        while left > 0 {
            let attributes = try attributeList(sharing: &names)
            guard attributes != previous else { throw .inconsistent }
            try total.add(attributes)
            let run = try self.count(atMost: left - 1) + 1
            try body(attributes, run)
            previous = attributes
            left -= run
        }
    }

    /// `names`: those that were read before, which share the memory of a text.
    private mutating func attributeList(sharing names: inout [String: String]) throws(WireError) -> [ExtendedAttribute]
    {
        var list: [ExtendedAttribute] = []
        for _ in 0..<(try count(atMost: Limits.attributes)) {
            let read = try text(atMost: Limits.attributeName)
            let name = names[read] ?? read
            names[name] = name
            list.append(ExtendedAttribute(name: name, value: try prefixed(atMost: Limits.attributeValue)))
        }
        try checkAttributes(list)
        return list
    }
}
