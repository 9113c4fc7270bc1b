/// One exclude pattern, with the meaning that rsync gives it: `*` and `?` stay within a component, `**` does not,
/// `[…]` is a class, `\` quotes. A leading `/` ties it to the root, a trailing `/` to folders. A pattern without
/// another `/` is held against the last component alone, else against the path's tail.
package struct ExcludePattern: Equatable, Sendable {
    private let tokens: [Token]
    private let isAnchored: Bool
    private let onlyFolders: Bool
    private let takesPath: Bool

    /// Throws `inconsistent` for an empty pattern, `tooLarge` above `Limits.pattern` bytes.
    package init(_ text: String) throws(WireError) {
        var bytes = Array(text.utf8)
        guard bytes.count <= Limits.pattern else { throw .tooLarge }
        onlyFolders = bytes.last == UInt8(ascii: "/") && bytes.count > 1
        if onlyFolders { bytes.removeLast() }
        isAnchored = bytes.first == UInt8(ascii: "/")
        if isAnchored { bytes.removeFirst() }
        guard !bytes.isEmpty else { throw .inconsistent }
        tokens = Token.parse(bytes)
        takesPath = isAnchored || bytes.contains(UInt8(ascii: "/")) || tokens.contains(.anyPath)
    }

    /// The text of a pattern that matches this path. What is not UTF-8 no text can say: `?` stands for it.
    package static func naming(_ path: [UInt8]) -> String {
        let isText = String(validating: path, as: UTF8.self) != nil
        var bytes = [UInt8(ascii: "/")]
        for byte in path {
            if "*?[\\".utf8.contains(byte) { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(isText || byte < 0x80 ? byte : UInt8(ascii: "?"))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the entry itself matches; what stands beneath an excluded folder is the caller's to leave out.
    package func matches(path: [UInt8], isFolder: Bool) -> Bool {
        guard isFolder || !onlyFolders else { return false }
        if isAnchored { return matches(path[...]) }
        var start = takesPath ? 0 : (path.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1
        while true {
            if matches(path[start...]) { return true }
            guard takesPath, let slash = path[start...].firstIndex(of: UInt8(ascii: "/")) else { return false }
            start = slash + 1
        }
    }

    /// Follows all ways to match at once, so that no pattern takes more than pattern times path.
    private func matches(_ path: ArraySlice<UInt8>) -> Bool {
        if tokens.allSatisfy(\.isByte) {
            return tokens.count == path.count && zip(tokens, path).allSatisfy { $0.accepts($1) }
        }
        var states = [Bool](repeating: false, count: tokens.count + 1)
        states[0] = true
        spread(&states)
        for byte in path {
            states[tokens.count] = false
            for index in tokens.indices.reversed() where states[index] {
                let accepted = tokens[index].accepts(byte)
                states[index] = accepted && tokens[index].repeats
                if accepted { states[index + 1] = true }
            }
            spread(&states)
            if !states.contains(true) { return false }
        }
        return states[tokens.count]
    }

    /// A token that repeats may also stand for nothing.
    private func spread(_ states: inout [Bool]) {
        for index in tokens.indices where states[index] && tokens[index].repeats { states[index + 1] = true }
    }
}

extension ExcludePattern {
    /// One step of a pattern.
    private enum Token: Equatable, Sendable {
        case byte(UInt8)
        /// `?`
        case anyByte
        /// `*`
        case anyName
        /// `**`
        case anyPath
        case oneOf([ClosedRange<UInt8>], negated: Bool)

        var repeats: Bool { self == .anyName || self == .anyPath }

        var isByte: Bool {
            if case .byte = self { true } else { false }
        }

        func accepts(_ byte: UInt8) -> Bool {
            switch self {
            case .byte(let expected): byte == expected
            case .anyByte, .anyName: byte != UInt8(ascii: "/")
            case .anyPath: true
            case .oneOf(let ranges, let negated):
                byte != UInt8(ascii: "/") && ranges.contains { $0.contains(byte) } != negated
            }
        }

        static func parse(_ bytes: [UInt8]) -> [Token] {
            var tokens: [Token] = []
            var rest = bytes[...]
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "*"):
                    let stars = 1 + rest.prefix { $0 == byte }.count
                    rest = rest.dropFirst(stars - 1)
                    tokens.append(stars > 1 ? .anyPath : .anyName)
                case UInt8(ascii: "?"):
                    tokens.append(.anyByte)
                case UInt8(ascii: "["):
                    tokens.append(parseClass(&rest) ?? .byte(byte))
                case UInt8(ascii: "\\"):
                    tokens.append(.byte(rest.popFirst() ?? byte))
                default:
                    tokens.append(.byte(byte))
                }
            }
            return tokens
        }

        /// The class after a `[`; `nil`, and nothing taken, if it is never closed.
        private static func parseClass(_ rest: inout ArraySlice<UInt8>) -> Token? {
            var body = rest
            let negated = body.first == UInt8(ascii: "!") || body.first == UInt8(ascii: "^")
            if negated { body.removeFirst() }
            var ranges: [ClosedRange<UInt8>] = []
            var isFirst = true
            while var low = body.popFirst() {
                if low == UInt8(ascii: "]"), !isFirst {
                    rest = body
                    return .oneOf(ranges, negated: negated)
                }
                isFirst = false
                if low == UInt8(ascii: "\\"), let quoted = body.popFirst() { low = quoted }
                var high = low
                if body.first == UInt8(ascii: "-"), let end = body.dropFirst().first, end != UInt8(ascii: "]") {
                    body = body.dropFirst(2)
                    high = end
                }
                // A range that runs backwards holds nothing.
                if low <= high { ranges.append(low...high) }
            }
            return nil
        }
    }
}

/// Exclude patterns together.
package struct ExcludeList: Equatable, Sendable {
    private let patterns: [ExcludePattern]

    /// Throws as `ExcludePattern.init` does, and `tooLarge` above `Limits.patterns`.
    package init(_ texts: [String]) throws(WireError) {
        guard texts.count <= Limits.patterns else { throw .tooLarge }
        var patterns: [ExcludePattern] = []
        for text in texts { patterns.append(try ExcludePattern(text)) }
        self.patterns = patterns
    }

    package init() { patterns = [] }

    /// Whether the entry itself is excluded; a folder takes with it what stands beneath.
    package func excludes(path: [UInt8], isFolder: Bool) -> Bool {
        patterns.contains { $0.matches(path: path, isFolder: isFolder) }
    }
}
