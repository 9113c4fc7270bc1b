/// Codes the columns of a leaf's descriptors (`Specs/blueprint.md` §5.1): numbers, each in the context of its column.
package struct ColumnEncoder {
    private var numbers: NumberModel
    private var choices: ChoiceModel
    private var coder = RangeEncoder()

    /// `choiceBits`: bits of the largest choice.
    package init(numberContexts: Int, choiceContexts: Int, choiceBits: Int) {
        numbers = NumberModel(contexts: numberContexts)
        choices = ChoiceModel(contexts: choiceContexts, bits: choiceBits)
    }

    package mutating func number(_ number: UInt64, _ context: Int) {
        _ = numbers.code(number, context, &coder)
    }

    package mutating func choice(_ choice: Int, _ context: Int) {
        _ = choices.code(choice, context, &coder)
    }

    package consuming func finish() -> [UInt8] {
        coder.finish()
    }
}

/// Decodes what `ColumnEncoder` coded.
package struct ColumnDecoder {
    private var numbers: NumberModel
    private var choices: ChoiceModel
    private var coder: RangeDecoder

    /// `bytes` must outlive the decoder.
    package init(_ bytes: UnsafeBufferPointer<UInt8>, numberContexts: Int, choiceContexts: Int, choiceBits: Int) {
        numbers = NumberModel(contexts: numberContexts)
        choices = ChoiceModel(contexts: choiceContexts, bits: choiceBits)
        coder = RangeDecoder(bytes)
    }

    /// Below 2^63, whatever the bytes say.
    package mutating func number(_ context: Int) -> UInt64 {
        numbers.code(0, context, &coder)
    }

    package mutating func choice(_ context: Int) -> Int {
        choices.code(0, context, &coder)
    }

    /// Whether more was asked for than the bytes can have told: what came since is not the sender's.
    package var isOverrun: Bool { coder.isOverrun }
    /// Whether all bytes were needed.
    package var isExact: Bool { coder.isExact }
}
