import Dispatch
import PacketFSPlan

/// A transfer that is scanned and planned as far as its first leaf while the connection is made. If nobody takes it, it
/// leaves nothing behind but bytes in our log that the next one to open that log removes.
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
        errand = Errand(onThread: true) { wish in
            let draft = try TransferDraft(job, in: domain, own, after: nil, while: wish)
            if wish.stands { try draft.planner.prepare() }
            return draft
        }
    }

    /// Nobody wanted it.
    deinit {
        guard let errand else { return }
        nonisolated(unsafe) let own = own
        DispatchQueue.global().async { errand.giveUp()?.planner.giveBack(to: own) }
    }

    /// What was planned, once; `nil` afterwards, if it could not be, for a plan anew tells what the reason is, and if it is
    /// not wanted any more.
    func take(while wish: Wish) -> TransferDraft? {
        while let errand, wish.stands {
            do {
                guard let draft = try errand.take() else { continue }
                self.errand = nil
                return draft
            } catch {
                self.errand = nil
            }
        }
        return nil
    }
}
