import PacketFSTestKit
import PacketFSWire

/// What the vectors are made of: every byte follows from these lines.
enum Inputs {
    static let initiator = [UInt8](repeating: 0x01, count: 16)
    static let responder = [UInt8](repeating: 0x02, count: 16)
    static let seed = counting(from: 0x07, 32)
    static let transfer = [UInt8](repeating: 0x74, count: 16)
    static let log = [UInt8](repeating: 0x11, count: 16)
    static let tag = [UInt8](repeating: 0x99, count: 16)

    static func session(suite: UInt8, exchange: String = "classical") -> VectorInputs {
        VectorInputs(
            suite: suite, exchange: exchange, seed: Hex(seed), initiator: Hex(initiator), responder: Hex(responder),
            saltI: Hex(counting(from: 0x31, 32)), x25519I: Hex(counting(from: 0x51, 32)),
            mlkemSeed: exchange == "hybrid" ? Hex(counting(from: 0x80, 64)) : [],
            saltR: Hex(counting(from: 0x61, 32)), x25519R: Hex(counting(from: 0x71, 32)))
    }

    static func counting(from first: UInt8, _ count: Int) -> [UInt8] {
        (0..<count).map { first &+ UInt8(truncatingIfNeeded: $0) }
    }

    static func noise(_ count: Int, _ seed: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed)
        return random.bytes(count)
    }

    /// Lower-case words that come again and again.
    static func text(_ count: Int, _ seed: UInt64) -> [UInt8] {
        let draws = noise(400 + count, seed)
        let words = (0..<40).map { word in draws[word * 8..<word * 8 + 2 + Int(draws[word]) % 7].map { 97 + $0 % 26 } }
        var text: [UInt8] = []
        for draw in draws where text.count < count { text += words[Int(draw) % words.count] + [32] }
        return Array(text.prefix(count))
    }
}

extension VectorInputs {
    var json: JSON {
        [
            "suite": .count(Int(suite)), "exchange": .text(exchange), "seed": .text(seed.text),
            "initiator": .text(initiator.text), "responder": .text(responder.text), "salt_i": .text(saltI.text),
            "x25519_i": .text(x25519I.text), "mlkem_seed": .text(mlkemSeed.text), "salt_r": .text(saltR.text),
            "x25519_r": .text(x25519R.text),
        ]
    }
}

extension [UInt8] {
    /// With one bit flipped, counted from the highest of the first byte.
    func flipping(bit: Int) -> [UInt8] {
        var bytes = self
        bytes[bit / 8] ^= 0x80 >> UInt8(bit % 8)
        return bytes
    }

    func replacing(_ place: Int, with byte: UInt8) -> [UInt8] {
        var bytes = self
        bytes[place] = byte
        return bytes
    }
}
