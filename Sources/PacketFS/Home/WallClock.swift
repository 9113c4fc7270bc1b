import Glibc
import PacketFSWire

/// The time of day, for records that people read. Nothing is decided by it but which interrupted transfers are too old.
enum WallClock {
    /// Seconds since 1970, UTC.
    static var seconds: Int64 { Int64(time(nil)) }
}

extension Instant {
    /// Now, on the clock that does not go back and goes on while the machine sleeps.
    static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }
}

extension Duration {
    /// As seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension Identifier {
    /// Drawn from the system's generator.
    static func random() -> Self {
        var generator = SystemRandomNumberGenerator()
        return Self(unchecked: (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
}
