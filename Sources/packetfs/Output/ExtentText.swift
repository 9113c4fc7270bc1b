import PacketFS

/// Extents of the blob, for people.
enum ExtentText {
    static func lines(_ extents: [ExtentInfo]) -> [String] {
        var table = Table(["peer", "log", "address", "bytes", "state", "learned", "paths"], right: [2, 3])
        for extent in extents {
            table.add([
                extent.peer, extent.isOwn ? "ours" : "its", "\(extent.address)", "\(extent.length)", extent.state,
                StatusText.date(extent.learnedAt), paths(extent),
            ])
        }
        return table.lines
    }

    private static func paths(_ extent: ExtentInfo) -> String {
        extent.firstPath == extent.lastPath ? extent.firstPath : "\(extent.firstPath) to \(extent.lastPath)"
    }
}
