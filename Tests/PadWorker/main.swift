import Glibc
import PacketFSPad
import PacketFSWire

// Covers payloads with a pad until it is killed, and tells what would leave: for `scripts/pad-crash`.
//
// pad-worker PAD LEDGER MESSAGES VALUE   payloads of this byte: 'B' start count for announced blocks, 'P' length bytes
// pad-worker PAD LEDGER MESSAGES steps   one keystream and one message; how many durable steps they took

/// Counts the steps at which a simulation crashes.
final class CountingGate: PadGate, @unchecked Sendable {
    // One thread only uses it.
    var steps = 0
    func pass(_: PadStep) { steps += 1 }
}

func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        guard count > 0 else { exit(1) }
        rest = rest.dropFirst(count)
    }
}

func bigEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
}

func cover(_ sender: KeystreamSender, value: UInt8, count: Int) throws {
    var payload = [UInt8](repeating: value, count: count)
    try payload.withUnsafeMutableBytes { payload in
        try sender.cover(payload) {
            write([UInt8(ascii: "B")] + bigEndian($0.lowerBound) + bigEndian(UInt64($0.count)))
        }
    }
    write([UInt8(ascii: "P")] + bigEndian(UInt32(count)) + payload)
}

let arguments = CommandLine.arguments
guard arguments.count == 5 else { exit(2) }
let gate = CountingGate()
let pad = try Pad.open(PadPlace(pad: arguments[1], ledger: arguments[2], messages: arguments[3]), gate: gate)
if let value = UInt8(arguments[4]) {
    let sender = try KeystreamSender(pad)
    for _ in 0..<5 { try cover(sender, value: value, count: Int.random(in: 1...20_000)) }
    try sender.close()
} else {
    let sender = try KeystreamSender(pad)
    var payload = [UInt8](repeating: 0, count: Limits.payload)
    try payload.withUnsafeMutableBytes { try sender.cover($0) { _ in } }
    try sender.close()
    let sealer = try MessageSealer(pad)
    try sealer.append(payload)
    let message = try sealer.finish()
    let reader = try pad.read(message.start)
    while try reader.next(1 << 16) != nil {}
    try pad.forget(message.start)
    print(gate.steps)
}
