internal import Crypto
internal import Glibc
internal import PacketFSSecrets
internal import PacketFSWire

/// What of a pad is spent: an append-only file of records, each with a check value over itself and all before it. It is
/// locked while it is open. A record counts once it is durable, and nothing is done before its record counts.
final class Ledger {
    /// Bytes that are read at once when it is opened.
    private static let part = 1024 * LedgerRecord.size

    let pad: PadID
    private(set) var state: LedgerState
    let file: PrivateFile
    private let calls: PadFileCalls
    private var chain: [UInt8]
    private var end: UInt64

    /// Makes the ledger of a pad that was never used. `binding` says what the pad is bound to.
    static func create(
        _ path: String, pad: PadID, blocks: UInt64, calls: PadFileCalls,
        binding: (PrivateFile) throws(PadError) -> LedgerRecord
    ) throws(PadError) -> Ledger {
        // Under its own name it is whole: a ledger that lacks its binding would be a damaged one.
        let temporary = path + ".new"
        if access(temporary, F_OK) == 0 { try calls.remove(temporary) }
        let file = try calls.create(temporary)
        try file.lock()
        let body = LedgerHeader.body(of: pad)
        let chain = check(of: body, after: [])
        let ledger = Ledger(pad: pad, file: file, state: LedgerState(blocks: blocks), chain: [], calls: calls)
        try calls.write(body + chain, to: file, at: 0)
        (ledger.chain, ledger.end) = (chain, UInt64(LedgerRecord.size))
        try ledger.append(binding(file))
        try calls.rename(temporary, to: path)
        return ledger
    }

    /// Opens and locks a ledger. Throws `busy` while another process has it, `ledgerDamaged` for any record that is not
    /// as it was written.
    static func open(_ path: String, blocks: UInt64, calls: PadFileCalls) throws(PadError) -> Ledger {
        let file = try PrivateFile(path, O_RDWR)
        try file.lock()
        let (pad, chain) = try readHeader(file)
        let ledger = Ledger(
            pad: pad, file: file, state: LedgerState(blocks: blocks), chain: chain, calls: calls)
        try ledger.replay()
        return ledger
    }

    /// The pad that a ledger is of, without locking it.
    static func pad(of path: String) throws(PadError) -> PadID {
        try readHeader(PrivateFile(path, O_RDONLY)).pad
    }

    private init(pad: PadID, file: PrivateFile, state: LedgerState, chain: [UInt8], calls: PadFileCalls) {
        self.pad = pad
        self.file = file
        self.state = state
        self.chain = chain
        self.calls = calls
        end = UInt64(LedgerRecord.size)
    }

    /// Writes a record, and waits until it is durable.
    func append(_ record: LedgerRecord) throws(PadError) {
        var next = state
        try next.apply(record)
        let body = record.body
        let check = Self.check(of: body, after: chain)
        try calls.write(body + check, to: file, at: end)
        try calls.sync(file)
        (state, chain, end) = (next, check, end + UInt64(LedgerRecord.size))
    }

    private static func readHeader(_ file: PrivateFile) throws(PadError) -> (pad: PadID, chain: [UInt8]) {
        let bytes = try file.bytes(LedgerRecord.size, at: 0)
        guard bytes.count == LedgerRecord.size else { throw .ledgerDamaged }
        let (body, chain) = try checked(bytes[...], after: [])
        do { return (try LedgerHeader.pad(body: body), chain) } catch { throw .ledgerDamaged }
    }

    private func replay() throws(PadError) {
        let (size, whole) = (try file.size(), try wholeEnd())
        while end < whole {
            let count = Int(min(UInt64(Self.part), whole - end))
            let part = try file.bytes(count, at: end)
            guard part.count == count else { throw .ledgerDamaged }
            for start in stride(from: 0, to: count, by: LedgerRecord.size) {
                try take(part[start..<start + LedgerRecord.size])
            }
        }
        guard !state.machine.isEmpty else { throw .ledgerDamaged }
        if whole < size { try calls.truncate(file, to: whole) }
    }

    /// Where the last record ends that may have counted. A crash can leave one behind it cut, or the length without the
    /// bytes: that one never was durable, so nothing was done for it.
    private func wholeEnd() throws(PadError) -> UInt64 {
        let record = UInt64(LedgerRecord.size)
        let size = try file.size()
        guard size % record == 0 else { return size - size % record }
        let last = try file.bytes(LedgerRecord.size, at: size - record)
        return last.contains { $0 != 0 } ? size : size - record
    }

    private func take(_ bytes: ArraySlice<UInt8>) throws(PadError) {
        let (body, check) = try Self.checked(bytes, after: chain)
        let record: LedgerRecord
        do { record = try LedgerRecord(body: body) } catch { throw .ledgerDamaged }
        try state.apply(record)
        (chain, end) = (check, end + UInt64(LedgerRecord.size))
    }

    /// Body and check value of a whole record, or of the header.
    private static func checked(
        _ bytes: ArraySlice<UInt8>, after chain: [UInt8]
    ) throws(PadError) -> (body: [UInt8], check: [UInt8]) {
        let body = Array(bytes.prefix(LedgerRecord.bodySize))
        let found = Array(bytes.dropFirst(LedgerRecord.bodySize))
        guard check(of: body, after: chain) == found else { throw .ledgerDamaged }
        return (body, found)
    }

    private static func check(of body: [UInt8], after chain: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: chain + body).prefix(LedgerRecord.checkSize))
    }
}
