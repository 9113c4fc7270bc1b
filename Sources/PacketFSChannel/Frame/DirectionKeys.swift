internal import PacketFSSecrets

/// The keys of one direction in one epoch, and the way to the next (`Specs/handshake.md` §7).
struct DirectionKeys: ~Copyable {
    enum TrafficSecret: KeyPurpose {}
    enum FrameKey: KeyPurpose {}
    enum FrameIV: KeyPurpose {}

    private let context: SessionContext
    private let direction: Direction
    private(set) var epoch: UInt32 = 0
    private var secret: SecretKey<TrafficSecret>
    private var key: SecretKey<FrameKey>
    private var iv: SecretKey<FrameIV>

    init(_ master: borrowing SecretKey<MasterSecret>, _ context: SessionContext, direction: Direction) {
        self.context = context
        self.direction = direction
        let fields = Self.fields(context, direction, epoch: 0)
        secret = KeyDerivation.expand(master, info: KeyLabel.traffic.encoded(fields))
        key = KeyDerivation.expand(secret, info: KeyLabel.frameKey.encoded(fields))
        iv = KeyDerivation.expand(secret, info: KeyLabel.frameIV.encoded(fields))
    }

    /// Goes to the next epoch; the old secrets are wiped.
    mutating func advance() throws(ChannelError) {
        guard epoch < .max else { throw .sequenceExhausted }
        epoch += 1
        let fields = Self.fields(context, direction, epoch: epoch)
        secret = KeyDerivation.expand(secret, info: KeyLabel.nextEpoch.encoded(fields))
        key = KeyDerivation.expand(secret, info: KeyLabel.frameKey.encoded(fields))
        iv = KeyDerivation.expand(secret, info: KeyLabel.frameIV.encoded(fields))
    }

    mutating func erase() {
        secret.erase()
        key.erase()
        iv.erase()
    }

    /// Appends ciphertext ‖ tag; `length` is the frame's clear length.
    borrowing func seal(
        _ plaintext: UnsafeRawBufferPointer, sequence: UInt64, length: UInt16, into output: inout some ByteSink
    ) throws(ChannelError) {
        try withNonceAndData(sequence, length) { nonce, data throws(ChannelError) in
            try SuiteAEAD.seal(
                plaintext, suite: context.suite, key: key, nonce: nonce, authenticating: data, into: &output)
        }
    }

    /// Runs `body` with the plaintext of `sealed`. Throws `notAuthentic`.
    borrowing func open<R>(
        _ sealed: UnsafeRawBufferPointer, sequence: UInt64, length: UInt16, _ body: (UnsafeRawBufferPointer) -> R
    ) throws(ChannelError) -> R {
        try withNonceAndData(sequence, length) { nonce, data throws(ChannelError) in
            try SuiteAEAD.open(
                sealed, suite: context.suite, key: key, nonce: nonce, authenticating: data, body)
        }
    }

    private static func fields(_ context: SessionContext, _ direction: Direction, epoch: UInt32) -> [[UInt8]] {
        context.fields + [[direction.rawValue], withUnsafeBytes(of: epoch.bigEndian) { Array($0) }]
    }
}

extension DirectionKeys {
    private static let associatedSize = 32

    private borrowing func withNonceAndData<R>(
        _ sequence: UInt64, _ length: UInt16,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(ChannelError) -> R
    ) throws(ChannelError) -> R {
        let nonceSize = context.suite.nonceSize
        return try withUnsafeTemporaryAllocation(
            byteCount: nonceSize + Self.associatedSize, alignment: 8
        ) { buffer throws(ChannelError) in
            let nonce = UnsafeMutableRawBufferPointer(rebasing: buffer[..<nonceSize])
            let data = UnsafeMutableRawBufferPointer(rebasing: buffer[nonceSize...])
            writeNonce(sequence, into: nonce)
            writeAssociatedData(sequence, length, into: data)
            return try body(UnsafeRawBufferPointer(nonce), UnsafeRawBufferPointer(data))
        }
    }

    /// AES-256-GCM: the IV xor the sequence number (RFC 8446 §5.3). XChaCha20: the prefix, then the sequence number.
    private borrowing func writeNonce(_ sequence: UInt64, into nonce: UnsafeMutableRawBufferPointer) {
        let position = nonce.count - 8
        iv.withUnsafeBytes { nonce.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<nonce.count])) }
        let base = context.suite == .aes256gcm ? nonce.loadUnaligned(fromByteOffset: position, as: UInt64.self) : 0
        nonce.storeBytes(of: base ^ sequence.bigEndian, toByteOffset: position, as: UInt64.self)
    }

    /// version (1), session id (16), direction (1), epoch (4), sequence (8), length (2).
    private borrowing func writeAssociatedData(
        _ sequence: UInt64, _ length: UInt16, into data: UnsafeMutableRawBufferPointer
    ) {
        data[0] = protocolVersion
        UnsafeMutableRawBufferPointer(rebasing: data[1..<17]).copyBytes(from: context.sessionID)
        data[17] = direction.rawValue
        data.storeBytes(of: epoch.bigEndian, toByteOffset: 18, as: UInt32.self)
        data.storeBytes(of: sequence.bigEndian, toByteOffset: 22, as: UInt64.self)
        data.storeBytes(of: length.bigEndian, toByteOffset: 30, as: UInt16.self)
    }
}
