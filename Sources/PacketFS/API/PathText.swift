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
