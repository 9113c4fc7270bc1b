package import PacketFSWire

extension SeededRandom {
    package mutating func identifier<T: Identifier>(_: T.Type = T.self) -> T {
        T(unchecked: bytes(16))
    }

    package mutating func flag() -> Bool { oneIn(2) }

    package mutating func text(upTo bound: Int) -> String {
        let letters = ["a", "Z", "0", "/", ".", "é", "日", "🙂", " ", "*", "\n"]
        return (0..<number(below: bound / 4 + 1)).map { _ in letters[number(below: letters.count)] }.joined()
    }

    package mutating func options() -> TransferOptions {
        var options = TransferOptions()
        options.deletes = flag()
        options.isDryRun = flag()
        options.checksums = flag()
        options.keepsSpecialModes = flag()
        options.keepsOwner = flag()
        options.learns = flag()
        options.digests = flag()
        options.isSingleFile = flag()
        options.excludes = (0..<number(below: 5)).map { _ in text(upTo: 40) }
        return options
    }

    package mutating func offer() -> Offer {
        Offer(
            transfer: identifier(), destination: text(upTo: 400), options: options(), log: identifier(),
            holdingsDigest: bytes(32), resumes: flag() ? identifier() : nil, continues: flag() ? identifier() : nil,
            provisions: flag())
    }

    package mutating func request() -> Request {
        Request(
            sources: (0..<number(below: 9)).map { _ in text(upTo: 200) }, options: options(),
            destination: text(upTo: 200), excludes: (0..<number(below: 5)).map { _ in text(upTo: 40) },
            offersCompression: flag(), offersMatching: flag(), offsetOnly: flag())
    }

    package mutating func extents(_ count: Int) -> [Extent] {
        var end: UInt64 = 0
        return (0..<count).map { _ in
            let address = end + (flag() ? 0 : number(below: 1 << 36))
            let range = AddressRange(address: address, length: 1 + number(below: Limits.extent))
            end = range.end
            return Extent(range: range, digest: bytes(32))
        }
    }

    /// Ascending entry numbers, some of them neighbours.
    package mutating func entries(_ count: Int) -> [Int] {
        var next = 0
        var entries: [Int] = []
        for _ in 0..<count {
            next += flag() ? 0 : number(below: 64)
            entries.append(next)
            next += 1
        }
        return entries
    }

    package mutating func failures(_ count: Int) -> [FailedEntry] {
        (0..<count).map { _ in
            FailedEntry(entry: number(below: Limits.entries), failure: EntryFailure.allCases[number(below: 7)])
        }
    }

    package mutating func receipt(items: Int) -> Receipt {
        Receipt(
            transfer: identifier(), filesWritten: number(below: Limits.entries + 1), filesKept: number(below: 9),
            deleted: number(below: Limits.deleted + 1), bytesWritten: next() % (Limits.stream + 1),
            leavesRepaired: number(below: 9), bytesRepaired: next() % (Limits.stream + 1),
            extentsHealed: number(below: 300), extentsLost: number(below: 300),
            failures: failures(number(below: items + 1)), learned: extents(number(below: items + 1)))
    }

    package mutating func partial(files: Int) -> PartialState {
        let transfer: TransferID? = files > 0 || flag() ? identifier() : nil
        let files = entries(files).map { PartialFile(entry: $0, bytes: number(below: Limits.fileSize + 1)) }
        return PartialState(voids: identifier(), transfer: transfer, files: files)
    }

    package mutating func controlMessage(items: Int) -> ControlMessage {
        switch number(below: 1000) % 15 {
        case 0: .request(request())
        case 1: .offer(offer())
        case 2: .accept(identifier())
        case 3: .holdings(identifier(), extents(number(below: items + 1)), isLast: flag())
        case 4: .anew(partial(files: number(below: items + 1)), isLast: flag())
        case 5: .want(entries(number(below: items + 1)), isLast: flag())
        case 6: .dropped(failures(number(below: items + 1)))
        case 7: .receipt(receipt(items: items), isLast: flag())
        case 8: .abort(AbortReason.allCases[number(below: AbortReason.allCases.count)])
        case 9: .alive
        case 10: .end(bytes: next(), frames: next())
        case 11: .cover(flag() ? .streamCipher : padHello())
        case 12:
            .blocks(start: UInt64(number(below: 1 << 30)), count: UInt64(1 + number(below: Int(Limits.padAnnounced))))
        case 13: .message(length: messageLength(), padHello())
        default: .piece(bytes(1 + number(below: 100)))
        }
    }

    private mutating func padHello() -> CoverHello {
        .pad(identifier(), seen: 1 << 36, proof: bytes(CoverHello.proofSize))
    }

    private mutating func messageLength() -> UInt64 {
        let blocks = UInt64(1 + number(below: 1 << 28))
        return UInt64(MessageHead.size + Limits.tag) + UInt64(Limits.padCover) * blocks
    }

    package mutating func leaf() -> LeafID {
        LeafID(flag() ? .manifest : .content, number(below: Limits.leaves))
    }

    package mutating func repairMessage() -> RepairMessage {
        switch next() % 4 {
        case 0: .failed(leaf())
        case 1: .tags(leaf(), bytes((1 + number(below: 64)) * Limits.tag))
        case 2: .wanted(leaf(), [number(below: 32), 32 + number(below: 32)])
        default:
            .part(leaf(), part: number(below: 64), offset: number(below: 1000), bytes: bytes(1 + number(below: 999)))
        }
    }
}
