package import PacketFSWire

/// Time that passes only when told to.
package struct VirtualClock: Sendable {
    package private(set) var now = Instant(nanoseconds: 1_000_000_000)

    package init() {}

    package mutating func advance(seconds: Double) {
        now = now.adding(seconds: seconds)
    }
}
