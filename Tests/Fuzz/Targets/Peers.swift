import PacketFSTestKit
import PacketFSWire

extension Target {
    /// Whole ends of a session, told things by a peer that holds the seed and keeps no rule.
    static let peers = [receiver, sender]

    /// The end that takes in files. Nothing may come to stand outside of the folder that the peer may write to.
    private static let receiver = Target(name: "receiver") { bytes in
        Theatre.one.play(Script(bytes), against: .put)
    } seeds: {
        let opening = try Self.opening("a"), leaves = try Self.leaves("a")
        let whole = opening + leaves + [5]
        promise(Theatre.one.play(whole, against: .put), "what is offered in order is taken in")
        let named = examples(24) { random in
            let (type, payload) = try random.controlMessage(items: 5).encode()[0]
            return [
                [1, 0, 0, 0, type] + Script.piece(payload), opening + [0, 0, type] + Script.piece(payload) + leaves,
            ]
        }
        let escapes = try waysOut.map { try Self.opening($1, to: $0) + Self.leaves($1) + [5] }
        return [whole, opening, opening + leaves + [6, 7]] + named + escapes
    }

    /// Destinations, and names of files, that lie outside of the grant.
    private static var waysOut: [(String, String)] {
        var ways = [("way", "file"), ("way", "x"), ("", "way/x"), ("", "/x"), ("/", "x"), (Theatre.mark, "x")]
        for climb in (1...4).map({ String(repeating: "../", count: $0) }) {
            ways += [(climb, "secret"), ("", climb + "secret"), ("", climb + "x"), ("a/../" + climb, "x")]
        }
        for beside in ["outbox", "withheld", "left/state/seeds", "right/state", "right/state/seeds", "kept-left"] {
            ways += [("../" + beside, "x"), ("\(Theatre.mark)/\(beside)", "x"), ("", "../\(beside)/x")]
        }
        return ways
    }

    /// Acts that offer one file of five bytes, and those that send it.
    private static func opening(_ name: String, to destination: String = "") throws -> [UInt8] {
        let size = try HostileSession.manifest(name).count
        return [1] + Script.piece(Array(destination.utf8)) + [2, UInt8(size >> 8), UInt8(size & 0xff), 0, 5]
    }

    private static func leaves(_ name: String) throws -> [UInt8] {
        try [3, 0, 0] + Script.piece(HostileSession.manifest(name)) + [4, 3, 1, 0] + Script.piece([1, 2, 3, 4, 5])
    }

    /// The end that hands out files, to a peer that asks for them. Nothing that is not granted may be among them.
    private static let sender = Target(name: "sender") { bytes in
        Theatre.one.play(Script(bytes), against: .get)
    } seeds: {
        let opening = Self.request("\(Theatre.mark)/outbox/")
        let sent: [UInt8] = [8, 6, 6, 6], done: [UInt8] = [11, 1, 0, 5, 6]
        promise(Theatre.one.play(opening + sent + done, against: .get), "what is asked for in order is handed out")
        let asked = waysIn.map { Self.request($0) + sent + done }
        let anew: [[UInt8]] = [
            [9, 0], [9, 3, 0, 0, 3, 1, 0, 9], [10, 2, 0, 1, 0, 200, 7, 0, 0, 4, 0, 8, 9, 0], [10, 0, 9, 1],
        ]
        let answers = anew.map { opening + [6] + $0 + sent + done }
        let wanted = try ControlMessage.want([0], isLast: true).encode()[0]
        let wants = opening + sent + [0, 0, wanted.type] + Script.piece(wanted.payload) + sent + done
        let changed = opening + sent + [11, 0, EntryFailure.sourceChanged.rawValue] + sent + done
        let named = examples(24) { random in
            let (type, payload) = try random.controlMessage(items: 5).encode()[0]
            let (kind, repair) = try random.repairMessage().encode()[0]
            return [
                opening + [0, 0, type] + Script.piece(payload), opening + sent + [0, 2, kind] + Script.piece(repair),
            ]
        }
        let whole = opening + sent + done
        return [whole, wants, changed] + asked + answers + named
    }

    /// Paths that are asked for, and mostly are not granted.
    private static var waysIn: [String] {
        let places = [
            "withheld", "withheld/secret", "outbox/../withheld", "outbox/way", "outbox/way/secret", "..", "../secret",
            "left/state/seeds", "outbox/file",
        ]
        return places.flatMap { ["\(Theatre.mark)/\($0)", "\(Theatre.mark)/\($0)/"] }
            + ["way/", "way/secret", "../withheld/secret", "/", ""]
    }

    /// The act that asks for a path, as it lies there.
    private static func request(_ path: String) -> [UInt8] {
        [7, 0] + Script.piece(Array(path.utf8))
    }
}
