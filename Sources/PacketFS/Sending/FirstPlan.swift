import Dispatch
import PacketFSPlan
import Synchronization

/// A transfer that is scanned and planned as far as its first leaf while the connection is made. If nobody takes it, it
/// leaves nothing behind but bytes in our log that the next one to open that log removes.
///
/// `@unchecked Sendable`: nobody but the errand uses the log before `take`.
final class FirstPlan: @unchecked Sendable {
    private final class Wish: Sendable {
        let stands = Mutex(true)
    }

    let domain: PeerDomain
    let own: OwnLog
    private let wish = Wish()
    private var errand: Errand<TransferDraft>?

    init(_ job: SendJob, in domain: PeerDomain) throws {
        let own = try domain.openOwn()
        self.domain = domain
        self.own = own
        errand = Errand(onThread: true) { [wish] in
            let draft = try TransferDraft(job, in: domain, own, after: nil)
            if wish.stands.withLock(\.self) { try draft.planner.prepare() }
            return draft
        }
    }

    /// Nobody wanted it. The scan may take its time to end.
    deinit {
        guard let errand else { return }
        wish.stands.withLock { $0 = false }
        nonisolated(unsafe) let own = own
        DispatchQueue.global().async { errand.settle()?.planner.giveBack(to: own) }
    }

    /// What was planned, once; `nil` afterwards, and if it could not be: what the reason is, a plan anew tells.
    func take() -> TransferDraft? {
        defer { errand = nil }
        return errand?.settle()
    }
}
