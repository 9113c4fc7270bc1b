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

    /// Throws `usage` for patterns of what is to be left out that are none, or for which an offer has no room.
    func checkExcludes() throws(PacketFSError) {
        let room = Limits.payload - 4 * Limits.path
        if let defect = excludes.lazy.compactMap(Self.defect).first {
            throw Self.refusal("a pattern of what is to be left out \(defect)")
        }
        guard excludes.count <= Limits.patterns, excludes.reduce(0, { $0 + $1.utf8.count + 2 }) <= room else {
            throw Self.refusal(
                "what is to be left out are more than \(Limits.patterns) patterns, or more than \(room) bytes of them")
        }
    }

    private static func defect(of pattern: String) -> String? {
        guard pattern.utf8.count <= Limits.pattern else { return "is longer than \(Limits.pattern) bytes" }
        return (try? ExcludePattern(pattern)) == nil ? "names nothing: '\(pattern)'" : nil
    }

    private static func refusal(_ reason: String) -> PacketFSError {
        PacketFSError(.usage, reason, hint: "see --exclude, PACKETFS_EXCLUDE and 'exclude' in the settings file")
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
    /// Asks for these paths of a peer. `alias`: what it is to call the destination.
    init(_ sources: [PeerPath], into alias: String, options: SendOptions) {
        self.init(
            sources: sources.map(\.path), options: options.wire, destination: alias, excludes: options.excludes,
            offersCompression: options.compresses, offersMatching: options.matches, offsetOnly: options.offsetOnly)
    }
}
