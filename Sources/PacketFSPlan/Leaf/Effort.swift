/// How hard a leaf is looked at.
enum Effort {
    /// So few literals are worth every trial.
    static let few = 64 << 10
    /// From here on a leaf is taken for new content unless its literals replace something.
    static let fresh = 512 << 10
    /// zstd's level for new content that the link waits for: twice as fast as its usual level, for an eighth more bytes.
    static let hasty = 1
    /// Bytes per second from which on a link takes new content faster as it is than zstd could shorten it.
    private static let fastLink = 250e6
    static let none = 0
    /// zstd's level for differences that are not modelled: most of them are zero.
    static let differences = 3
    /// From here on no more than `hasty` is worth it, however much waits: it is the other end that is slow.
    private static let quickLink = 150e6
    /// zstd's levels for new content, and for how many seconds a link must be busy for each: a few times as long as a
    /// leaf takes.
    private static let paced: [(level: Int, seconds: Double)] = [(19, 12), (12, 3), (7, 0.6), (3, 0.06)]

    /// The model decodes slowly: it must save one byte in so many.
    static let modelGain = 32

    /// Whether the model is tried: on changed leaves, and where there are few literals.
    static func models(_ literals: Int, of leaf: Int) -> Bool {
        literals <= few || literals * 4 <= leaf * 3
    }

    /// A link of so many bytes per second that waits takes a leaf as a quick look leaves it sooner than a hard look ends.
    private static let swiftLink = 8e6
    /// Seconds that a hard look at a leaf takes at most, about.
    private static let hardLook = 0.5

    static func isHurried(_ pace: Pace?) -> Bool {
        guard let pace else { return false }
        return pace.isSettled && pace.rate > swiftLink && pace.slack < hardLook
    }

    /// zstd's level that a first guess at the link's pace may lead to.
    private static let guessed = 7

    /// zstd's level for new content, or `none`, where the link's pace is known.
    ///
    /// - Parameter isNew: nothing of the stream resembled the log so far. Else it is another version of something, and
    ///   bytes are what counts.
    static func pacedLevel(_ pace: Pace?, isNew: Bool, _ options: PlanOptions) -> Int? {
        guard let pace, options.effort != .max else { return nil }
        guard pace.rate < fastLink || !isNew else { return none }
        guard pace.rate < quickLink else { return hasty }
        let level = paced.first { pace.slack >= $0.seconds }?.level ?? hasty
        let most = options.effort == .fast ? options.level : pace.isSettled ? level : guessed
        return min(level, most)
    }

    /// zstd's level: the fewer bytes there are to look at, the higher. Leaves with a prefix are the changed ones, and
    /// few; those without may be gigabytes of new content.
    static func level(literals: Int, prefix: Int?, isQuick: Bool, _ options: PlanOptions) -> Int {
        guard !isQuick else { return options.level }
        let level =
            switch literals + (prefix ?? 0) / 4 {
            case ..<(160 << 10): 19
            case ..<(768 << 10): prefix == nil ? 12 : 19
            case ..<(2560 << 10) where prefix != nil: 12
            default: options.level
            }
        return max(level, options.level)
    }
}
