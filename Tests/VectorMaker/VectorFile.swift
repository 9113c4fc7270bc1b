import PacketFSTestKit

/// One file of vectors: what must be accepted, and what must be refused, with what may be released before.
struct VectorFile {
    let name: String
    var specification: [String]
    var notes: String
    var shared: [(String, JSON)] = []
    var valid: [JSON] = []
    var invalid: [JSON] = []

    init(_ name: String, of specification: String..., notes: String) {
        self.name = name
        self.specification = specification
        self.notes = notes
    }

    mutating func accept(_ name: String, _ fields: JSON) {
        valid.append(JSON.object([("name", .text(name))]).with(fields))
    }

    mutating func refuse(_ name: String, _ fields: JSON) {
        invalid.append(JSON.object([("name", .text(name))]).with(fields))
    }

    var text: String {
        let fields: [(String, JSON)] =
            [("specification", .list(specification.map { .text("Specs/\($0)") })), ("notes", .text(notes))] + shared
            + [("valid", .list(valid)), ("invalid", .list(invalid))]
        return JSON.object(fields).written() + "\n"
    }
}
