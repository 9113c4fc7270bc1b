import PacketFSWire

/// What is to go wrong in one session.
package enum Fault: Equatable, Sendable {
    case none
    case cut(Direction, position: Int)
    case flip(Direction, position: Int, mask: UInt8)
    case crash(isInitiator: Bool, after: Int)
    case stall
    /// The sources change while they are read.
    case edit

    /// Draws one; `bytes` is how much a session may come to.
    package static func random(bytes: Int, using random: inout SeededRandom) -> Fault {
        let direction: Direction = random.oneIn(3) ? .toInitiator : .toResponder
        switch random.draw(0...11) {
        case 0...2: return .cut(direction, position: random.magnitude(upTo: bytes))
        case 3...5:
            return .flip(
                direction, position: random.magnitude(upTo: bytes) - 1, mask: 1 << UInt8(random.draw(0...7)))
        case 6...8: return .crash(isInitiator: random.oneIn(2), after: random.magnitude(upTo: 128) - 1)
        case 9...10: return .edit
        default: return .stall
        }
    }

    package func apply(to setup: inout SessionSetup) {
        switch self {
        case .none, .edit: break
        case .cut(let direction, let position): setup.faults.cut = (direction, position)
        case .flip(let direction, let position, let mask): setup.faults.flip = (direction, position, mask)
        case .crash(true, let writes): setup.initiatorGate = CrashGate(after: writes)
        case .crash(false, let writes): setup.responderGate = CrashGate(after: writes)
        case .stall: setup.stall = 200
        }
    }
}
