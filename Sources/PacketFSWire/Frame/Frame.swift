/// The plane that a frame belongs to (`Specs/frames.md` §4).
package enum Plane: UInt8, Sendable, CaseIterable {
    case control = 0
    case data = 1
    case repair = 2
    /// Carries nothing; brings a direction's total to its padded size.
    case pad = 3
}

/// What a frame says once opened. `type` is read by its plane's decoder; data and pad frames have type 0.
package struct Frame: Equatable, Sendable {
    package var plane: Plane
    package var type: UInt8
    package var payload: [UInt8]

    package init(plane: Plane, type: UInt8, payload: [UInt8]) {
        self.plane = plane
        self.type = type
        self.payload = payload
    }
}
