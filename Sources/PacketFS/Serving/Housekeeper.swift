/// Looks after a home while it is served, on a thread of its own, since it reads and writes files.
actor Housekeeper {
    private static let interval = Duration.seconds(86_400)

    private let executor = SessionExecutor(label: "packetfs.housekeeper")
    private let home: Home
    private let resumeDays: Int
    private let report: @Sendable (ServerEvent) -> Void

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(home: Home, resumeDays: Int, report: @escaping @Sendable (ServerEvent) -> Void) {
        self.home = home
        self.resumeDays = resumeDays
        self.report = report
    }

    /// Works at once and then daily, until its task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                let purged = try home.purgeInterrupted(olderThan: resumeDays)
                if purged > 0 { report(.purged(transfers: purged)) }
                try home.dropSnapshots()
                try home.sweepBlob()
            } catch {
                report(.failed(peer: nil, PacketFSError(explaining: error)))
            }
            try? await Task.sleep(for: Self.interval)
        }
    }
}
