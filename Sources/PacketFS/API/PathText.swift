import PacketFSWire

extension String {
    /// A path as text. Names are bytes: one that is not UTF-8 becomes `\x` and its two digits, and a backslash becomes
    /// two, so that no two paths have one text.
    init(path: [UInt8]) {
        self = ""
        var decoder = UTF8.ForwardParser()
        var bytes = path.makeIterator()
        var number = 0
        while true {
            switch decoder.parseScalar(from: &bytes) {
            case .valid(let scalar):
                number += scalar.count
                let decoded = UTF8.decode(scalar)
                unicodeScalars.append(decoded)
                if decoded == "\\" { unicodeScalars.append(decoded) }
            case .error(let length):
                for byte in path[number..<number + length] { self += "\\x" + [byte].hexadecimal }
                number += length
            case .emptyInput:
                return
            }
        }
    }
}

extension Array where Element == UInt8 {
    /// The path that `String(path:)` made into this text, also where `\u{1b}` stands for a character, as on terminals. `nil`
    /// if a backslash begins nothing of the kind.
    init?(pathText text: String) {
        self = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "\\"):
                append(byte)
            case UInt8(ascii: "x"):
                guard rest.count >= 2, let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                else { return nil }
                append(byte)
                rest = rest.dropFirst(2)
            case UInt8(ascii: "u"):
                guard rest.popFirst() == UInt8(ascii: "{"), let end = rest.firstIndex(of: UInt8(ascii: "}")),
                    let scalar = UInt32(String(decoding: rest[..<end], as: UTF8.self), radix: 16).flatMap(
                        Unicode.Scalar.init)
                else { return nil }
                self += Array(String(scalar).utf8)
                rest = rest[end...].dropFirst()
            default:
                return nil
            }
        }
    }
}
