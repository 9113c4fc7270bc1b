import Glibc
import PacketFSChannel
import PacketFSPad
import PacketFSWire

extension Home {
    /// Takes in a copy that was carried here, binds it to this machine, and destroys the carried file. A pad is imported
    /// once: also after it was destroyed, no other copy of it is.
    ///
    /// - Returns: the pad, and whether it was here before under this name: an import that was interrupted, of which only
    ///   the destruction of the carried file was left to do.
    public func importPad(from file: String, as name: String) throws -> (pad: PadInfo, wasHere: Bool) {
        try explained {
            let place = try padPlace(name)
            try makePadFolders()
            let lock = try ImportLock(location.state + "/pads")
            defer { withExtendedLifetime(lock) {} }
            let id = try Pad.id(ofFile: file)
            let known = try padNames().first { try idOfLedger($0) == id }
            // What interrupted imports left, also of ones that gave the pad another name.
            try PadMaker().eraseLeftovers(in: location.data + "/pads")
            try Pad.eraseLeftovers(of: file, at: padFileNames().map(padPlace))
            switch known {
            case nil: _ = try Pad.adopt(file, to: place)
            case name: try Pad.finishAdopting(file, at: place)
            default: throw PadError.alreadyImported
            }
            return (try padInfo(name), known != nil)
        }
    }

    /// The pads, by name, also those that were destroyed, and those of which nothing can be said: these have a
    /// `problem`.
    public func pads() throws -> [PadInfo] {
        try explained {
            try Set(padNames() + padFileNames()).sorted().map { name in
                do { return try padInfo(name) } catch let error as PadError {
                    return PadInfo(name: name, id: try? Pad.id(ofLedger: padPlace(name).ledger), PacketFSError(error))
                }
            }
        }
    }

    /// Destroys what is left of a pad and of its kept messages.
    public func destroyPad(_ name: String) throws {
        try explained { try Pad.destroy(padPlace(name)) }
    }

    /// Goes on with a pad that was moved, copied or restored.
    ///
    /// - Parameters:
    ///   - name: the name of the pad.
    ///   - position: the block that sending goes on with. It must lie beyond every block that was ever used: beyond the
    ///     mark that the peer's `pad status` shows, and beyond every message still under way.
    ///   - received: the block before which nothing of the peer's is opened any more: the next one that the peer's
    ///     `pad status` shows. It must be given for a pad that is locked, and must not lie beyond that, else the peer
    ///     takes its own ledger for an old one.
    public func skipPad(_ name: String, past position: UInt64, receivedTo received: UInt64? = nil) throws -> PadInfo {
        try explained {
            try Self.whenFree { try Pad.skip(padPlace(name), past: position, receivedTo: received) }
            return try padInfo(name)
        }
    }

    /// Hands out a message that is kept, the same bytes as before.
    public func keptMessage(
        _ start: UInt64, of name: String, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try explained { try Self.send(start, of: openPad(name), body) }
    }

    /// Keeps a message no longer: the peer has it, as somebody said.
    public func forgetMessage(_ start: UInt64, of name: String) throws {
        try explained { try openPad(name).forget(start) }
    }

    static func send(_ start: UInt64, of pad: Pad, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let message = try pad.read(start)
        while let bytes = try message.next(1 << 18) { try bytes.withUnsafeBytes(body) }
    }
}

extension Home {
    private static let ledgerSuffix = ".ledger"
    private static let padSuffix = ".pad"

    /// Ledgers stand with the state, pads with the data: a backup of one does not match the other. Throws `usage` for what
    /// is no name, such as a path that leads elsewhere.
    func padPlace(_ name: String) throws(PacketFSError) -> PadPlace {
        guard Self.isPadName(name) else {
            throw PacketFSError(.usage, "a pad's name has 1 to 64 letters, digits, `-` and `_`")
        }
        return PadPlace(
            pad: "\(location.data)/pads/\(name)\(Self.padSuffix)",
            ledger: "\(location.state)/pads/\(name)\(Self.ledgerSuffix)",
            messages: "\(location.data)/pads/\(name).messages")
    }

    private func idOfLedger(_ name: String) throws -> PadID {
        do { return try Pad.id(ofLedger: padPlace(name).ledger) } catch {
            throw PacketFSError(
                .integrity, "the ledger of \(name) does not say which pad it is of, perhaps of this one", cause: error)
        }
    }

    func padNames() -> [String] { Self.names(Self.ledgerSuffix, in: location.state + "/pads") }

    /// The pads whose file is here, also without a ledger.
    private func padFileNames() -> [String] { Self.names(Self.padSuffix, in: location.data + "/pads") }

    private static func names(_ suffix: String, in path: String) -> [String] {
        let files = (try? Folder.names(in: path)) ?? []
        return files.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.filter(isPadName)
            .sorted()
    }

    /// The pad of this id. Throws `otherPad` if none is here.
    func padName(of id: PadID) throws -> String {
        guard let name = padNames().first(where: { (try? Pad.id(ofLedger: padPlace($0).ledger)) == id }) else {
            throw PadError.otherPad
        }
        return name
    }

    /// Throws what keeps a message of this length from being opened with the pad of this name, once its head is there:
    /// nobody fills a disk with what nobody can open.
    func expect(_ message: IncomingMessage, length: UInt64, pad name: String) throws {
        let head = try MessageOpener.head(of: message.descriptor)
        try Self.whenFree { try Pad.expect(head, length: length, at: padPlace(name)) }
    }

    /// The name of the pad that a peer shows to hold; throws where it does not. Who only knows which pads there are gets
    /// no further, and nothing is written for it.
    func pad(heldBy hello: CoverHello, in session: SessionIntegrity) throws -> String {
        guard case .pad(let id, _, _) = hello else { throw PadError.otherPad }
        let name = try padName(of: id)
        try Self.whenFree { try Pad.admit(hello, session: session.sessionID, at: padPlace(name)) }
        return name
    }

    /// Opens a pad once nobody has it any more: who only looks at it has it for a moment, too.
    func openPad(_ name: String, gate: any PadGate = OpenPadGate()) throws -> Pad {
        try Self.whenFree { try Pad.open(padPlace(name), gate: gate) }
    }

    /// How often, and after how many microseconds, one looks again for a pad that somebody has.
    private static let looks = 40
    private static let pause: UInt32 = 50_000

    private static func whenFree<Result>(_ body: () throws -> Result) throws -> Result {
        for _ in 1..<looks {
            do { return try body() } catch PadError.busy { PeerLane.aside { _ = usleep(pause) } }
        }
        return try body()
    }

    func padInfo(_ name: String) throws -> PadInfo {
        let info = PadInfo(name: name, try Pad.status(padPlace(name)))
        SessionMetrics.pad(info)
        return info
    }

    func makePadFolders() throws {
        try PrivateFolder.make(location.state + "/pads")
        try PrivateFolder.make(location.data + "/pads")
    }

    private static func isPadName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
                    || byte == 95
            }
    }
}
