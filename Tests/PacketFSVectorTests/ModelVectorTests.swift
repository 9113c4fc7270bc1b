import PacketFSModel
import PacketFSTestKit
import Testing

/// `Vectors/model.json`: what the models code, and what they make of codes that are not right.
@Suite("Vectors of the models")
struct ModelVectorTests {
    struct Case: Decodable, Sendable {
        let name: String
        let kind: String
        let code: Hex
        let stretches: [StretchFields]?
        let adds: [AddFields]?
        let leaf: Hex?
        let literals: [LiteralFields]?
        let context: Hex?
        let content: Hex?
        let level: Int?
        let blocks: [BlockFields]?
    }

    struct StretchFields: Decodable, Sendable {
        let value: Stretch

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            value = Stretch(
                address: try list.decode(UInt64.self), length: try list.decode(Int.self),
                place: try list.decode(Int.self),
                isAdd: try list.decode(Bool.self))
        }
    }

    struct AddFields: Decodable, Sendable {
        let value: VectorModel.Add
        let new: [UInt8]

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            value = VectorModel.Add(
                address: try list.decode(UInt64.self), place: try list.decode(Int.self),
                base: try list.decode(Hex.self).bytes)
            new = try list.decode(Hex.self).bytes
        }
    }

    struct LiteralFields: Decodable, Sendable {
        let value: LiteralPlace

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            value = LiteralPlace(
                try list.decode(RangeFields.self).value, behind: try list.decode(TrackFields.self).value,
                ahead: try list.decode(TrackFields.self).value)
        }
    }

    struct TrackFields: Decodable {
        let value: ContextTrack

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            value = ContextTrack(start: try list.decode(Int.self), known: try list.decode(RangeFields.self).value)
        }
    }

    struct RangeFields: Decodable {
        let value: Range<Int>

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            value = try list.decode(Int.self)..<list.decode(Int.self)
        }
    }

    struct BlockFields: Decodable, Sendable {
        let value: Packing.Block

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            value = Packing.Block(isFixed: try list.decode(Bool.self), tokens: try list.decode(Int.self))
        }
    }

    @Test func whatIsCoded() throws {
        let file = try VectorFile<Case>("model")
        #expect(file.valid.count == 27)
        for vector in file.valid {
            let (isRight, isExact) = try decoded(vector)
            #expect(isRight && isExact, "\(vector.name)")
        }
    }

    @Test func codesThatAreNotUsedExactly() throws {
        let file = try VectorFile<Case>("model")
        #expect(file.invalid.count == 15)
        for vector in file.invalid {
            #expect(try !decoded(vector).isExact, "\(vector.name)")
        }
    }

    private func decoded(_ vector: Case) throws -> (isRight: Bool, isExact: Bool) {
        let code = vector.code.bytes
        switch vector.kind {
        case "differences":
            let adds = try #require(vector.adds)
            let stretches = try #require(vector.stretches).map(\.value)
            let (found, isExact) = VectorModel.differences(code, stretches, adds.map(\.value))
            return (found == adds.map(\.new), isExact)
        case "literals":
            let leaf = try #require(vector.leaf).bytes
            let (found, isExact) = VectorModel.literals(
                code, in: leaf, try #require(vector.literals).map(\.value), context: try #require(vector.context).bytes)
            return (found == leaf, isExact)
        default:
            let content = try #require(vector.content).bytes
            let packing = Packing(
                length: content.count, level: try #require(vector.level),
                blocks: try #require(vector.blocks).map(\.value))
            var patience = Packing.patience
            let packed = content.withUnsafeBytes { packing.pack($0, limit: 1 << 20, patience: &patience) }
            let (found, isExact) = VectorModel.content(code)
            return (found == content && packed == code, isExact)
        }
    }
}
