/// Bytes less others, modulo 256, one by one.
package enum ByteDifferences {
    private typealias Wide = SIMD32<UInt8>

    /// Writes `bytes` less as many of `base` to the start of `target`, which has room for them.
    package static func subtract(
        _ base: UnsafeRawBufferPointer, from bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) {
        combine(bytes, base, into: target, { $0 &- $1 }, { $0 &- $1 })
    }

    /// Writes `base` plus as many `differences` to the start of `target`, which has room for them and may be the base.
    package static func add(
        _ differences: UnsafeRawBufferPointer, to base: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) {
        combine(base, differences, into: target, { $0 &+ $1 }, { $0 &+ $1 })
    }

    @inline(__always)
    private static func combine(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer,
        _ wide: (Wide, Wide) -> Wide, _ single: (UInt8, UInt8) -> UInt8
    ) {
        precondition(left.count == right.count && target.count >= left.count)
        guard let first = left.baseAddress, let second = right.baseAddress, let target = target.baseAddress else {
            return
        }
        var offset = 0
        while offset + MemoryLayout<Wide>.size <= left.count {
            let value = wide(
                (first + offset).loadUnaligned(as: Wide.self), (second + offset).loadUnaligned(as: Wide.self))
            (target + offset).storeBytes(of: value, as: Wide.self)
            offset &+= MemoryLayout<Wide>.size
        }
        while offset < left.count {
            let value = single((first + offset).load(as: UInt8.self), (second + offset).load(as: UInt8.self))
            (target + offset).storeBytes(of: value, as: UInt8.self)
            offset &+= 1
        }
    }
}
