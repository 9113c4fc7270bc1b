import PacketFSChannel
import PacketFSPlan
import PacketFSStore
import PacketFSWire

/// What a peer's first message makes of us, as far as its entry allows.
struct ResponderSides: Sendable {
    let sides: Sides

    func side(for message: ControlMessage, integrity: SessionIntegrity) throws -> any TransferSide {
        switch message {
        case .offer, .holdings:
            let roots = roots(granting: .put)
            guard !roots.isEmpty else { throw AbortReason.refusedByPolicy }
            let placement = Placement.granted(
                roots, special: Set(self.roots(granting: .special)), readable: Set(self.roots(granting: .get)))
            return try sides.receiving(into: placement)(integrity)
        case .message:
            let roots = roots(granting: .put)
            guard !roots.isEmpty else { throw AbortReason.refusedByPolicy }
            return MessageReceivingSide(
                grants: Grants(roots: roots), home: sides.home, integrity: integrity,
                startsThreads: sides.startsThreads)
        case .request(let request):
            return try sides.sending(job(for: request))(integrity)
        default:
            throw AbortReason.malformed
        }
    }

    /// What a peer asks for must lie beneath one of the roots that it may read.
    private func job(for request: Request) throws -> SendJob {
        let grants = Grants(roots: roots(granting: .get))
        var root: String?
        var sources: [String] = []
        for source in request.sources {
            guard let found = grants.resolve(source), root == nil || root == found.root else {
                throw AbortReason.refusedByPolicy
            }
            root = found.root
            // The root itself, by its own name, is a folder among others; without a name it is what is in it.
            let isNamed = SourcePath(source)?.name != nil
            sources.append(found.root + (found.relative.isEmpty && isNamed ? "" : "/" + found.relative))
        }
        guard let root else { throw AbortReason.refusedByPolicy }
        return SendJob(
            sources: sources, destination: request.destination, options: SendOptions(request), confinement: root)
    }

    private func roots(granting verb: Verb) -> [String] {
        sides.peer.grants.filter { $0.verbs.contains(verb) }.map(\.root)
    }
}
