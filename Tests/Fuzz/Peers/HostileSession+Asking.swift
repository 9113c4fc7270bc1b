import PacketFSChannel
import PacketFSTestKit
import PacketFSWire

@testable import PacketFSBlob

/// What the script says as one who asks for files: it knows what it was offered.
extension HostileSession {
    func request(_ script: inout Script) -> Request {
        let flags = script.byte()
        var options = TransferOptions()
        options.checksums = flags & 1 != 0
        return Request(
            sources: [path(&script)], options: options, destination: "/x", offersCompression: flags & 2 != 0,
            offersMatching: flags & 4 != 0, offsetOnly: flags & 8 != 0)
    }

    /// Of an offer, if there is one.
    func answer(_ kind: UInt8, _ script: inout Script) -> ControlMessage? {
        guard let offered else { return nil }
        switch kind {
        case 8: return .accept(offered.transfer)
        case 9: return .anew(partial(of: offered, &script), isLast: true)
        case 10: return .holdings(offered.log, extents(&script), isLast: true)
        default: return .receipt(receipt(of: offered, &script), isLast: true)
        }
    }

    private func partial(of offer: Offer, _ script: inout Script) -> PartialState {
        let flags = script.byte()
        var state = PartialState(
            voids: offer.transfer, transfer: flags & 1 == 0 ? nil : offer.resumes ?? offer.transfer, files: [])
        guard state.transfer != nil else { return state }
        for _ in 0..<flags >> 1 & 3 {
            let entry = state.files.last.map { $0.entry + 1 } ?? 0
            state.files.append(PartialFile(entry: entry + Int(script.byte()), bytes: UInt64(script.number())))
        }
        return state
    }

    private func extents(_ script: inout Script) -> [Extent] {
        var end: UInt64 = 0
        return (0..<script.byte() & 7).map { _ in
            let range = AddressRange(address: end + UInt64(script.number()), length: script.number() + 1)
            end = range.end
            return Extent(range: range, digest: [UInt8](repeating: script.byte(), count: Limits.digest))
        }
    }

    /// Says whether what was learned is held, and how the first entry fared.
    private func receipt(of offer: Offer, _ script: inout Script) -> Receipt {
        var receipt = Receipt(transfer: offer.transfer)
        if script.byte() & 1 == 1 {
            receipt.learned = learned.map { address, bytes in
                Extent(
                    range: AddressRange(address: address, length: bytes.count),
                    digest: Digests.digest(of: bytes, at: address, of: offer.log))
            }
        }
        receipt.failures = EntryFailure(rawValue: script.byte()).map { [FailedEntry(entry: 0, failure: $0)] } ?? []
        return receipt
    }
}

// MARK: Listening

extension HostileSession {
    /// Takes what the victim says, and keeps what there is to answer to.
    func listen() {
        let said = victim.said(now: clock.now)
        // Whoever was silent for too long hears nothing any more.
        try? channel.opener.open(said, now: clock.now) { try hear($0) }
    }

    private func hear(_ frame: Frame) throws {
        switch frame.plane {
        case .control:
            guard case .offer(let offer) = try ControlMessage.decode(type: frame.type, payload: frame.payload) else {
                return
            }
            offered = offer
            learned = []
        case .data:
            try records.append(frame.payload)
            while let record = records.next() {
                if case .leaf(_, let leaf)? = try? DataRecord(decoding: record) { hear(leaf) }
            }
        case .repair, .pad: break
        }
    }

    private func hear(_ leaf: LeafBlueprint) {
        promise(!leaf.literals.contains(Theatre.secret), "nothing leaves that is not granted")
        guard let address = leaf.learnedAt, leaf.coding == .raw, leaf.learnedLength == leaf.literals.count else {
            return
        }
        if let last = learned.last, last.address + UInt64(last.bytes.count) == address {
            learned[learned.count - 1].bytes += leaf.literals
        } else {
            learned.append((address, leaf.literals))
        }
    }
}
