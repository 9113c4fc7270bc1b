import PacketFSWire

/// A message that may travel in pieces.
protocol Piecewise: Equatable {
    /// This piece and the next as one; `nil` if that does not go on with this.
    func joined(with next: Self) -> Self?
}

extension Piecewise {
    /// Whether these are its pieces.
    func consists(of pieces: [Self]) -> Bool {
        pieces.dropFirst().reduce(pieces.first) { whole, piece in whole?.joined(with: piece) } == self
    }
}

extension ControlMessage: Piecewise {
    func joined(with next: ControlMessage) -> ControlMessage? {
        switch (self, next) {
        case (.holdings(let log, let some, isLast: false), .holdings(let same, let more, let isLast)):
            return log == same ? .holdings(log, some + more, isLast: isLast) : nil
        case (.anew(var partial, isLast: false), .anew(let more, let isLast)):
            guard partial.voids == more.voids, partial.transfer == more.transfer else { return nil }
            partial.files += more.files
            return .anew(partial, isLast: isLast)
        case (.want(let some, isLast: false), .want(let more, let isLast)):
            return .want(some + more, isLast: isLast)
        case (.dropped(let some), .dropped(let more)):
            return .dropped(some + more)
        case (.receipt(let some, isLast: false), .receipt(var more, let isLast)):
            more.failures = some.failures + more.failures
            more.learned = some.learned + more.learned
            return .receipt(more, isLast: isLast)
        default:
            return nil
        }
    }
}

extension RepairMessage: Piecewise {
    func joined(with next: RepairMessage) -> RepairMessage? {
        guard case .part(let leaf, let part, let offset, let some) = self,
            case .part(leaf, part: part, offset: offset + some.count, bytes: let more) = next
        else { return nil }
        return .part(leaf, part: part, offset: offset, bytes: some + more)
    }
}
