/// A promise that a run saw broken.
package struct Violation: Error, CustomStringConvertible, Sendable {
    package let seed: UInt64
    package let promise: String

    package var description: String { "seed \(seed): \(promise)" }
}
