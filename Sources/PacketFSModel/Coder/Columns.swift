/// Codes numbers and choices one after another, each in the context of its column (`Specs/model.md` §4): what the
/// descriptors of a leaf are made of.
package struct ColumnEncoder: ~Copyable {
    private let numbers: NumberModel
    private let choices: ChoiceModel
    private var coder = RangeEncoder()

    package init(_ shape: ColumnShape) {
        numbers = NumberModel(contexts: shape.numberContexts)
        choices = ChoiceModel(contexts: shape.choiceContexts, bits: shape.choiceBits)
    }

    deinit {
        numbers.free()
        choices.free()
    }

    /// `number` below 2^62.
    package mutating func number(_ number: UInt64, _ context: Int) {
        _ = numbers.code(number, context, &coder)
    }

    package mutating func choice(_ choice: Int, _ context: Int) {
        _ = choices.code(choice, context, &coder)
    }

    package mutating func finish() -> [UInt8] {
        coder.finish()
    }
}

/// Decodes what `ColumnEncoder` coded. Hostile bytes give some numbers or other, and nothing worse.
package struct ColumnDecoder: ~Copyable {
    private let numbers: NumberModel
    private let choices: ChoiceModel
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private var coder: RangeDecoder

    package init(_ coded: [UInt8], _ shape: ColumnShape) {
        numbers = NumberModel(contexts: shape.numberContexts)
        choices = ChoiceModel(contexts: shape.choiceContexts, bits: shape.choiceBits)
        bytes = .allocate(capacity: coded.count)
        _ = bytes.initialize(from: coded)
        coder = RangeDecoder(UnsafeBufferPointer(bytes))
    }

    deinit {
        numbers.free()
        choices.free()
        bytes.deallocate()
    }

    /// At most 2^64 - 2, whatever the bytes say.
    package mutating func number(_ context: Int) -> UInt64 {
        numbers.code(0, context, &coder)
    }

    package mutating func choice(_ context: Int) -> Int {
        choices.code(0, context, &coder)
    }

    /// Whether more was asked for than the bytes can have told: what came since is not the sender's.
    package var isOverrun: Bool { coder.isOverrun }
    /// Whether all bytes were needed, and no more.
    package var isExact: Bool { coder.isExact }
}

/// How many contexts columns have.
package struct ColumnShape: Sendable {
    let numberContexts: Int
    let choiceContexts: Int
    /// Bits of the largest choice.
    let choiceBits: Int

    package init(numberContexts: Int, choiceContexts: Int, choiceBits: Int) {
        self.numberContexts = numberContexts
        self.choiceContexts = choiceContexts
        self.choiceBits = choiceBits
    }
}
