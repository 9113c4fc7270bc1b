import PacketFSChannel
import PacketFSPlan
import PacketFSStore
import PacketFSWire

extension Suite {
    var wire: CipherSuite {
        switch self {
        case .aes256gcm: .aes256gcm
        case .xchacha20poly1305: .xchacha20poly1305
        }
    }

    init(_ suite: CipherSuite) {
        switch suite {
        case .aes256gcm: self = .aes256gcm
        case .xchacha20poly1305: self = .xchacha20poly1305
        }
    }
}

extension PaddingRule {
    var wire: Padding {
        switch self {
        case .padme: .padme
        case .none: .none
        }
    }
}

extension Effort {
    var plan: PlanEffort {
        switch self {
        case .fast: .fast
        case .auto: .auto
        case .max: .max
        }
    }
}

extension SendOptions {
    /// The part that the receiver has to know.
    var wire: TransferOptions {
        var wire = TransferOptions()
        wire.deletes = deletes
        wire.isDryRun = isDryRun
        wire.checksums = checksums
        wire.keepsSpecialModes = keepsSpecialModes
        wire.learns = learns && !isDryRun
        wire.digests = digests
        wire.excludes = excludes
        return wire
    }

    /// What a peer's request says.
    init(_ request: Request) {
        self.init()
        let wire = request.options
        deletes = wire.deletes
        excludes = request.excludes
        compresses = request.offersCompression
        matches = request.offersMatching
        offsetOnly = request.offsetOnly
        isDryRun = wire.isDryRun
        checksums = wire.checksums
        keepsSpecialModes = wire.keepsSpecialModes
        learns = wire.learns
        digests = wire.digests
    }
}

extension Grant {
    init(_ grant: PacketFSStore.Grant) {
        self.init(root: grant.root, verbs: Set(Verb.allCases.filter { grant.verbs.contains($0.record) }))
    }

    var record: PacketFSStore.Grant {
        .init(root: root, verbs: Set(verbs.map(\.record)))
    }
}

extension Grant.Verb {
    fileprivate var record: PacketFSStore.Verb {
        switch self {
        case .put: .put
        case .get: .get
        case .special: .special
        }
    }
}

extension Request {
    /// Asks for these paths of a peer.
    init(_ sources: [PeerPath], into destination: String, options: SendOptions) {
        self.init(
            sources: sources.map(\.path), options: options.wire, destination: destination, excludes: options.excludes,
            offersCompression: options.compresses, offersMatching: options.matches, offsetOnly: options.offsetOnly)
    }
}
