import PacketFS

/// The exit codes of the command line, in the order of the documented table.
enum ExitStatus {
    /// One row of the table.
    struct Row: Equatable {
        var code: Int32
        var name: String
        var meaning: String
    }

    static let success: Int32 = 0

    /// Each kind of error has one code, and no two share one.
    static func code(for code: PacketFSError.Code) -> Int32 {
        switch code {
        case .internal: 1
        case .usage: 2
        case .state: 3
        case .peer: 4
        case .connection: 5
        case .handshake: 6
        case .refused: 7
        case .integrity: 8
        case .source: 9
        case .destination: 10
        case .diskFull: 11
        case .missingBytes: 12
        case .limit: 13
        case .peerAborted: 14
        case .unfit: 20
        case .partial: 23
        case .interrupted: 130
        }
    }

    /// The documented table.
    static var table: [Row] {
        let errors = PacketFSError.Code.allCases
            .map { Row(code: code(for: $0), name: $0.rawValue, meaning: meaning(of: $0)) }
            .sorted { $0.code < $1.code }
        return [Row(code: success, name: "success", meaning: "Everything was done.")] + errors
    }

    private static func meaning(of code: PacketFSError.Code) -> String {
        switch code {
        case .internal: "A defect of PacketFS."
        case .usage: "Arguments or settings make no sense, or the answer was no."
        case .state: "A home or settings file is missing, broken or not private."
        case .peer: "No such peer, one too many, or its entry lacks something."
        case .connection: "No connection, or it was lost; the hint says how to go on."
        case .handshake: "Another seed, a removed peer, or not PacketFS."
        case .refused: "The peer's policy, or ours, does not allow it."
        case .integrity: "Bytes are not authentic or damaged; none was committed."
        case .source: "A source could not be read."
        case .destination: "The destination could not be written."
        case .diskFull: "No space is left at the destination or for the blob."
        case .missingBytes: "--offset-only: the blob lacks bytes."
        case .limit: "A bound was exceeded: connections, sizes, counts, time."
        case .peerAborted: "The other end gave the transfer up."
        case .unfit: "doctor: something puts secrets or the home at risk."
        case .partial: "Not all entries are as they were, or a seed's file is left."
        case .interrupted: "Interrupted; the hint says how to go on."
        }
    }
}
