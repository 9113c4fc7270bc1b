/// The padded size of `length` bytes by the Padmé rule (Nikitin et al., *Reducing Metadata Leakage from Encrypted Files
/// and Communication with PURBs*, algorithm 1): sizes are floating-point numbers whose mantissa is no longer than their
/// exponent, so that `O(log log length)` bits of a size leak, at a cost of at most 12%.
///
/// Never below `length`; 0 and 1 stay as they are. A result that 64 bits cannot hold becomes `UInt64.max`.
package func padme(_ length: UInt64) -> UInt64 {
    guard length > 1 else { return length }
    let exponent = UInt64.bitWidth - 1 - length.leadingZeroBitCount
    let mantissa = Int.bitWidth - exponent.leadingZeroBitCount
    let mask = (UInt64(1) << UInt64(exponent - mantissa)) - 1
    let (sum, overflow) = length.addingReportingOverflow(mask)
    return overflow ? .max : sum & ~mask
}
