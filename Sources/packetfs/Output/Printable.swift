extension String {
    /// The text with everything escaped that could move a terminal's cursor, change its state or reverse the reading
    /// order: names come from peers, and a peer is hostile until proven otherwise.
    var printable: String {
        guard unicodeScalars.contains(where: \.isUnsafeOnTerminals) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.isUnsafeOnTerminals {
                text += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    fileprivate var isUnsafeOnTerminals: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
