/// What goes wrong in a run, for counts.
package enum Harm: String, CaseIterable, Sendable {
    case cut = "cuts"
    case flip = "changed bytes"
    case crash = "crashes"
    case full = "full disks"
    case leap = "leaps of the clock"
    case edit = "edits"
    case damage = "damaged blobs"
    case restore = "restored states"
    /// Extents were dropped while a session ran.
    case trim = "trimmed blobs"
    /// A copy was from what either end dropped since it was planned.
    case lost = "copies of what was trimmed"
}
