/// A value of JSON. Fields keep the order in which they were written, so that the same vectors are the same bytes.
package enum JSON: Sendable {
    case null
    case bool(Bool)
    case number(UInt64)
    case signed(Int64)
    case text(String)
    case list([JSON])
    case object([(String, JSON)])

    package static func hex(_ bytes: some Sequence<UInt8>) -> JSON { .text(Hex(Array(bytes)).text) }
    package static func count(_ value: Int) -> JSON { .signed(Int64(value)) }

    /// With the fields of `more` behind its own.
    package func with(_ more: JSON) -> JSON {
        guard case .object(let fields) = self, case .object(let others) = more else { return self }
        return .object(fields + others)
    }

    /// Lists of plain values on one line, everything else a line each.
    package func written(_ indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .number(let value): return "\(value)"
        case .signed(let value): return "\(value)"
        case .text(let value): return "\"\(Self.escaped(value))\""
        case .list(let items) where items.allSatisfy(\.isPlain):
            return "[" + items.map { $0.written() }.joined(separator: ", ") + "]"
        case .list(let items):
            return "[\n" + items.map { inner + $0.written(inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let fields):
            let lines = fields.map { "\(inner)\"\($0)\": \($1.written(inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        }
    }

    private var isPlain: Bool {
        switch self {
        case .list, .object: false
        default: true
        }
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case _ where scalar.value < 0x20: "\\u00" + Hex([UInt8(scalar.value)]).text
            default: String(scalar)
            }
        }.joined()
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    package typealias StringLiteralType = String
    package typealias ExtendedGraphemeClusterLiteralType = String
    package typealias UnicodeScalarLiteralType = String
    package typealias IntegerLiteralType = UInt64
    package typealias BooleanLiteralType = Bool

    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: UInt64) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSON: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package typealias ArrayLiteralElement = JSON
    package typealias Key = String
    package typealias Value = JSON

    package init(arrayLiteral elements: JSON...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements) }
}
