/// Announcements (`Specs/blueprint.md` §3.2): one frame each.
extension ByteWriter {
    mutating func offer(_ offer: Offer) throws(WireError) {
        guard offer.holdingsDigest.count == Limits.digest else { throw .inconsistent }
        identifier(offer.transfer)
        identifier(offer.log)
        raw(offer.holdingsDigest)
        optional(offer.resumes)
        optional(offer.continues)
        flag(offer.provisions)
        try path(offer.destination)
        try options(offer.options)
    }

    mutating func request(_ request: Request) throws(WireError) {
        u8(
            flags([
                (RequestFlag.offersCompression, request.offersCompression),
                (RequestFlag.offersMatching, request.offersMatching), (RequestFlag.offsetOnly, request.offsetOnly),
            ]))
        guard request.sources.count <= Limits.sources else { throw .tooLarge }
        count(request.sources.count)
        for source in request.sources { try path(source) }
        try path(request.destination)
        try patterns(request.excludes)
        try options(request.options)
    }

    mutating func optional(_ transfer: TransferID?) {
        flag(transfer != nil)
        if let transfer { identifier(transfer) }
    }

    private mutating func options(_ options: TransferOptions) throws(WireError) {
        u8(
            flags([
                (OptionFlag.deletes, options.deletes), (OptionFlag.isDryRun, options.isDryRun),
                (OptionFlag.checksums, options.checksums), (OptionFlag.keepsSpecialModes, options.keepsSpecialModes),
                (OptionFlag.keepsOwner, options.keepsOwner), (OptionFlag.learns, options.learns),
                (OptionFlag.digests, options.digests), (OptionFlag.isSingleFile, options.isSingleFile),
            ]))
        try patterns(options.excludes)
    }

    private mutating func patterns(_ patterns: [String]) throws(WireError) {
        guard patterns.count <= Limits.patterns else { throw .tooLarge }
        count(patterns.count)
        for pattern in patterns {
            guard pattern.utf8.count <= Limits.pattern else { throw .tooLarge }
            text(pattern)
        }
    }

    private mutating func path(_ path: String) throws(WireError) {
        guard path.utf8.count <= Limits.path else { throw .tooLarge }
        guard !path.utf8.contains(0) else { throw .forbiddenName }
        text(path)
    }
}

extension ByteReader {
    mutating func offer() throws(WireError) -> Offer {
        let transfer = try identifier(TransferID.self)
        let log = try identifier(LogID.self)
        let digest = try bytes(Limits.digest)
        let resumes = try optionalTransfer()
        let continues = try optionalTransfer()
        let provisions = try flag()
        let destination = try path()
        return Offer(
            transfer: transfer, destination: destination, options: try options(), log: log, holdingsDigest: digest,
            resumes: resumes, continues: continues, provisions: provisions)
    }

    mutating func request() throws(WireError) -> Request {
        let flags = try flags(of: RequestFlag.self)
        var sources: [String] = []
        for _ in 0..<(try count(atMost: Limits.sources)) { sources.append(try path()) }
        let destination = try path()
        let excludes = try patterns()
        return Request(
            sources: sources, options: try options(), destination: destination, excludes: excludes,
            offersCompression: flags.contains(.offersCompression), offersMatching: flags.contains(.offersMatching),
            offsetOnly: flags.contains(.offsetOnly))
    }

    mutating func optionalTransfer() throws(WireError) -> TransferID? {
        try flag() ? try identifier(TransferID.self) : nil
    }

    private mutating func options() throws(WireError) -> TransferOptions {
        let flags = try flags(of: OptionFlag.self)
        var options = TransferOptions()
        options.deletes = flags.contains(.deletes)
        options.isDryRun = flags.contains(.isDryRun)
        options.checksums = flags.contains(.checksums)
        options.keepsSpecialModes = flags.contains(.keepsSpecialModes)
        options.keepsOwner = flags.contains(.keepsOwner)
        options.learns = flags.contains(.learns)
        options.digests = flags.contains(.digests)
        options.isSingleFile = flags.contains(.isSingleFile)
        options.excludes = try patterns()
        return options
    }

    private mutating func patterns() throws(WireError) -> [String] {
        var patterns: [String] = []
        for _ in 0..<(try count(atMost: Limits.patterns)) { patterns.append(try text(atMost: Limits.pattern)) }
        return patterns
    }

    private mutating func path() throws(WireError) -> String {
        let path = try text(atMost: Limits.path)
        guard !path.utf8.contains(0) else { throw .forbiddenName }
        return path
    }

    /// A byte of flags, all of them known.
    private mutating func flags<Flag: RawRepresentable<UInt8> & CaseIterable & Hashable>(
        of _: Flag.Type
    ) throws(WireError) -> Set<Flag> {
        let bits = try u8()
        let known = Flag.allCases.reduce(0) { $0 | $1.rawValue }
        guard bits & ~known == 0 else { throw .unknown }
        return Set(Flag.allCases.filter { bits & $0.rawValue != 0 })
    }
}

private enum OptionFlag: UInt8, CaseIterable {
    case deletes = 1
    case isDryRun = 2
    case checksums = 4
    case keepsSpecialModes = 8
    case keepsOwner = 16
    case learns = 32
    case digests = 64
    case isSingleFile = 128
}

private enum RequestFlag: UInt8, CaseIterable {
    case offersCompression = 1
    case offersMatching = 2
    case offsetOnly = 4
}

private func flags<Flag: RawRepresentable<UInt8>>(_ flags: [(Flag, Bool)]) -> UInt8 {
    flags.reduce(0) { bits, flag in flag.1 ? bits | flag.0.rawValue : bits }
}
