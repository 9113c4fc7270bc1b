import PacketFSEngine
import PacketFSWire

/// One accepted transfer, as the receiving side drives it.
protocol Incoming: AnyObject {
    /// Whether everything has come and is verified.
    var isComplete: Bool { get }
    var progress: Progress { get }
    /// Whether this record, or this leaf's next part, may take longer than the sender waits for a word.
    func takesLong(_ record: DataRecord) -> Bool
    func takesLong(_ leaf: LeafID) -> Bool
    func rebuild(_ record: DataRecord) throws -> Receiver.Rebuilt
    func wrongParts(of leaf: LeafID, tags: [UInt8]) throws -> [Int]
    func patch(_ leaf: LeafID, part: Int, offset: Int, bytes: [UInt8]) throws -> (Receiver.Patched, Receiver.Rebuilt)
    func drop(_ entries: [FailedEntry]) throws
    /// Makes everything durable.
    func commit() throws -> Receipt
    /// What is done with it now need not be done, unless that is its commit.
    func giveUp()
    /// It is interrupted, maybe within a leaf: remembers what it takes to go on.
    func interrupt(within leaf: CutLeaf?)
    func warnings(from receipt: Receipt) -> [TransferWarning]
    /// Counts what the transfer was about.
    func count(in summary: inout TransferSummary)
}
