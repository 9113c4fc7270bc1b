import PacketFSChannel
import PacketFSRebuild
import PacketFSStore
import PacketFSWire

/// Makes the sides that this home brings into sessions with one peer, over a network or driven by hand.
struct Sides: Sendable {
    /// Makes a side once the session has its keys.
    typealias Maker = @Sendable (SessionIntegrity) throws -> any TransferSide

    let home: Home
    let peer: PeerRecord
    /// Stands before every durable write.
    private let gate: any WriteGate
    /// Whether what takes long has threads of its own.
    let startsThreads: Bool

    /// - Parameter gate: for sides that are driven by hand; these start no thread.
    init(home: Home, peer: PeerRecord, gate: (any WriteGate)? = nil) {
        self.home = home
        self.peer = peer
        self.gate = gate ?? OpenGate()
        startsThreads = gate == nil
    }

    func sending(_ job: SendJob, first: FirstPlan? = nil) -> Maker {
        { integrity in
            let domain = try first?.domain ?? home.domain(of: peer, gate: gate)
            let planner = TransferPlanner(
                job: job, domain: domain, own: try first?.own ?? domain.openOwn(), first: first,
                tagger: integrity.key(for:))
            return SendingSide(planner, startsThreads: startsThreads)
        }
    }

    /// Sends, and plans at once what can be planned without a session. Bytes of a pad are counted before.
    func sendingSoon(_ job: SendJob) throws -> Maker {
        guard startsThreads, job.options.protection == .aead else { return sending(job) }
        return sending(job, first: try FirstPlan(job, in: home.domain(of: peer, gate: gate)))
    }

    /// Sends what was added to our log and the peer lacks, or the first `portion` bytes of it.
    func providing(_ addition: BlobAddition, portion: UInt64) -> Maker {
        { integrity in
            SendingSide(
                ProvisionPlanner(
                    addition: addition, portion: portion, own: try addition.domain.openOwn(),
                    tagger: integrity.key(for:)),
                startsThreads: startsThreads)
        }
    }

    /// `asked`: what we ask for first.
    func receiving(into placement: Placement, asked: Asked? = nil) -> Maker {
        { integrity in
            let desk = ReceivingDesk(
                domain: try home.domain(of: peer, gate: gate), placement: placement, asked: asked,
                tagger: integrity.key(for:))
            return ReceivingSide(desk, startsThreads: startsThreads)
        }
    }
}

extension Home {
    /// The side of one who sends, and the peer to connect to.
    func sender(
        of sources: [String], to destination: PeerPath, options: SendOptions, gate: (any WriteGate)? = nil
    ) throws -> (peer: PeerRecord, side: Sides.Maker) {
        try options.checkExcludes()
        let peer = try record(named: destination.peer)
        let job = SendJob(sources: sources, destination: destination.path, options: options)
        return (peer, try explained { try Sides(home: self, peer: peer, gate: gate).sendingSoon(job) })
    }

    /// The side of one who fetches, and the peer to connect to.
    func getter(
        of sources: [PeerPath], into destination: String, options: SendOptions, gate: (any WriteGate)? = nil
    ) throws -> (peer: PeerRecord, side: Sides.Maker) {
        guard let name = sources.first?.peer, sources.allSatisfy({ $0.peer == name }) else {
            throw PacketFSError(.usage, "the sources are to be of one peer")
        }
        let peer = try record(named: name)
        try options.checkExcludes()
        let path = LocalPath.absolute(destination)
        let alias = try domain(of: peer).alias(of: path)
        let request = Request(sources, into: alias, options: options)
        guard (try? ControlMessage.request(request).encode()) != nil else {
            throw PacketFSError(.usage, "what is asked for does not fit into a request", hint: "ask for less at once")
        }
        let asked = try Asked(request)
        return (peer, Sides(home: self, peer: peer, gate: gate).receiving(into: .local(path), asked: asked))
    }
}
