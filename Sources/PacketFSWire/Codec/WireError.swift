/// Why bytes from a wire or a file were refused. Carries no content, only what rule was broken.
package enum WireError: Error, Equatable, Sendable {
    /// The bytes end before the value does.
    case truncated
    /// Bytes are left over after the value.
    case trailingBytes
    /// A length or count is above its named bound.
    case tooLarge
    /// A number is not in its shortest form, or does not fit.
    case malformedNumber
    /// A value that this version does not know.
    case unknown
    /// A rule between fields is broken: order, overlap, sum, or padding that is not zero.
    case inconsistent
    /// A name that may not stand in a manifest (empty, `.`, `..`, with NUL or `/`, or too long).
    case forbiddenName
    /// Not UTF-8 where text is required.
    case notText
}
