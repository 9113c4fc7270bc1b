/// Paths as the store keeps them: with `/` as a zero byte, so that comparing bytes is comparing component by component.
enum PathKey {
    static func key(_ path: [UInt8]) -> [UInt8] {
        path.map { $0 == UInt8(ascii: "/") ? 0 : $0 }
    }

    static func path(_ key: [UInt8]) -> [UInt8] {
        key.map { $0 == 0 ? UInt8(ascii: "/") : $0 }
    }
}
