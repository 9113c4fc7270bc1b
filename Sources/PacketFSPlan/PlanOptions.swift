package import PacketFSWire

/// How a transfer is planned.
package struct PlanOptions: Equatable, Sendable {
    /// Literals are compressed.
    package var compresses = true
    /// Copies are looked for.
    package var matches = true
    /// Nothing but descriptors may carry content; what the receiver lacks is an error. Metadata travels all the same.
    package var isOffsetOnly = false
    /// Both ends learn the bytes that the blob lacked.
    package var learns = true
    /// zstd's level for leaves that are mostly new, 1 to 19.
    package var level = 3
    /// Only the manifest and the origins are planned: a dry run needs no contents.
    package var omitsContent = false
    /// How much work a byte less on the wire is worth.
    package var effort = PlanEffort.auto
    /// Keeps figures for each file, for `PlanReport.files`.
    package var reportsFiles = false

    package init() {}
}

/// What the planner hands out, in the order in which it must travel.
package enum PlanStep: Equatable, Sendable {
    case record(DataRecord)
    /// These entries changed, vanished or could not be read: zeros stand for the rest of their bytes.
    case dropped([FailedEntry])
}

/// How much work a byte less on the wire is worth.
package enum PlanEffort: Sendable, CaseIterable {
    /// What is quickly found and quickly coded.
    case fast
    /// As `max` for what resembles the log; new content is compressed as hard as the link leaves time for.
    case auto
    /// Short matches, and the strongest coding wherever something resembles the log, whatever the link.
    case max
}
