import PacketFSEngine
import PacketFSPlan
import PacketFSWire

/// What we asked a peer for (`get`). What the files hold is the peer's word; what happens on this disk is ours
/// (`Specs/blueprint.md` §8, step 1).
struct Asked: Sendable {
    let request: Request
    /// The only names that may come to stand in the destination; `nil` if a source means all that is in a folder.
    private let names: Set<[UInt8]>?
    private let excludes: ExcludeList

    /// Throws `WireError` for patterns that are none.
    init(_ request: Request) throws(WireError) {
        self.request = request
        let named = request.sources.map { SourcePath($0)?.name }
        names = named.contains(nil) ? nil : Set(named.compactMap { $0.map { Array($0.utf8) } })
        excludes = try ExcludeList(request.options.excludes)
    }

    /// The options are to be those asked for. A sender that could not list everything may ask for no deletions, one that
    /// has what does not travel may ask for it to be spared, and the one thing asked for may turn out to be a file.
    func check(_ offer: Offer) throws(EngineError) {
        var options = offer.options
        if request.options.deletes {
            options.deletes = true
            let asked = request.options.excludes
            if options.excludes.starts(with: asked) { options.excludes = asked }
        }
        if request.sources.count == 1, names != nil { options.isSingleFile = request.options.isSingleFile }
        guard options == request.options else { throw .unexpectedMessage }
    }

    /// A manifest is to name nothing but what was asked for.
    func check(_ entries: [ManifestEntry]) throws(EngineError) {
        for entry in entries {
            let top = entry.path.prefix { $0 != UInt8(ascii: "/") }
            guard names?.contains(Array(top)) ?? true,
                !excludes.excludes(path: entry.path, isFolder: entry.kind == .folder)
            else { throw .unexpectedMessage }
        }
    }
}
