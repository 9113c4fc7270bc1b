import Foundation

/// One JSON object on one line. Names of fields are in snake case and sorted, so that lines can be compared.
enum JSONLine {
    static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan"
        )
        guard let data = try? encoder.encode(value) else { return #"{"event":"error","code":"internal"}"# }
        return String(decoding: data, as: UTF8.self)
    }
}
