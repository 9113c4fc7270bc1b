import Glibc
import PacketFSPlan
import PacketFSWire

extension TransferWarning {
    init(_ problem: ScanProblem) {
        self.init(path: String(path: problem.path), reason: problem.reason.explanation)
    }
}

extension ScanProblem.Reason {
    /// For a person.
    var explanation: String {
        switch self {
        case .folderUnreadable(let number): "folder could not be listed: \(String(cString: strerror(number)))"
        case .unreadable(let number): "could not be looked at: \(String(cString: strerror(number)))"
        case .unsupportedKind: "devices, sockets and pipes do not travel"
        case .pathTooLong: "its path is too long"
        case .tooLarge: "it has more bytes than a file may have (\(Limits.fileSize))"
        case .attribute: "travels without some of its extended attributes"
        case .duplicate: "another source brought an entry of this path"
        }
    }
}
