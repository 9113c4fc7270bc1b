import PacketFSWire

/// What is to go wrong in one session.
package enum Fault: Equatable, Sendable {
    case none
    case cut(Direction, position: Int)
    case flip(Direction, position: Int, mask: UInt8)
    case crash(isInitiator: Bool, after: Int)
    /// Some durable writes of one end find the disk full.
    case full(isInitiator: Bool, writes: Range<Int>)
    /// The clock leaps ahead.
    case leap(step: Int, seconds: Double)
    /// The sources change while they are read.
    case edit

    /// Around the limits of epochs, silence and sessions.
    private static let leaps = [1.0, 29, 31, 119, 121, 179, 181, 7_199, 7_201, 100_000]

    /// Bytes of a handshake's message, about.
    private static let handshake = 1300

    /// Draws one; `bytes` is how much a session may come to.
    package static func random(bytes: Int, using random: inout SeededRandom) -> Fault {
        let direction: Direction = random.oneIn(3) ? .toInitiator : .toResponder
        let start = random.oneIn(4) ? 0 : handshake
        switch random.draw(0...14) {
        case 0...2: return .cut(direction, position: start + random.magnitude(upTo: bytes))
        case 3...5:
            return .flip(
                direction, position: start + random.magnitude(upTo: bytes) - 1, mask: 1 << UInt8(random.draw(0...7)))
        case 6...8: return .crash(isInitiator: random.oneIn(2), after: random.magnitude(upTo: 128) - 1)
        case 9, 10:
            let first = random.magnitude(upTo: 64) - 1
            return .full(isInitiator: random.oneIn(2), writes: first..<first + random.magnitude(upTo: 16))
        case 11, 12: return .leap(step: random.draw(1...12), seconds: leaps[random.draw(0...leaps.count - 1)])
        default: return .edit
        }
    }

    package var harm: Harm? {
        switch self {
        case .none: nil
        case .cut: .cut
        case .flip: .flip
        case .crash: .crash
        case .full: .full
        case .leap: .leap
        case .edit: .edit
        }
    }

    package func apply(to setup: inout SessionSetup) {
        switch self {
        case .none, .edit: break
        case .cut(let direction, let position): setup.faults.cut = (direction, position)
        case .flip(let direction, let position, let mask): setup.faults.flip = (direction, position, mask)
        case .crash(true, let writes): setup.initiatorGate = CrashGate(after: writes)
        case .crash(false, let writes): setup.responderGate = CrashGate(after: writes)
        case .full(true, let writes): setup.initiatorGate = CrashGate(full: writes)
        case .full(false, let writes): setup.responderGate = CrashGate(full: writes)
        case .leap(let step, let seconds): setup.leap = (step, seconds)
        }
    }
}
