import PacketFSPlan

/// A transfer that is scanned and planned as far as its first leaf while the connection is made. It leaves nothing behind,
/// if there is none, but bytes in our log that the next one to open that log removes.
///
/// `@unchecked Sendable`: nobody but the errand uses the log before `take`.
final class FirstPlan: @unchecked Sendable {
    let domain: PeerDomain
    let own: OwnLog
    private var errand: Errand<TransferDraft>?

    init(_ job: SendJob, in domain: PeerDomain) throws {
        let own = try domain.openOwn()
        self.domain = domain
        self.own = own
        errand = Errand(onThread: true) {
            let draft = try TransferDraft(job, in: domain, own, after: nil)
            try draft.planner.prepare()
            return draft
        }
    }

    /// What was planned, once; `nil` afterwards, and if it could not be: what the reason is, a plan anew tells.
    func take() -> TransferDraft? {
        defer { errand = nil }
        return errand?.settle()
    }
}
