import ArgumentParser
import PacketFS

/// `VERB:PATH`, such as `put:/srv/incoming` `put,get:/srv/shared` or `put,special:/srv/image`. Of `special` alone nothing
/// would come.
struct GrantArgument: ExpressibleByArgument, Equatable {
    var root: String
    var verbs: Set<Grant.Verb>

    init?(argument: String) {
        guard let colon = argument.firstIndex(of: ":") else { return nil }
        let names = argument[..<colon].split(separator: ",", omittingEmptySubsequences: false)
        let verbs = names.compactMap { Grant.Verb(rawValue: String($0)) }
        root = String(argument[argument.index(after: colon)...])
        guard verbs.count == names.count, !root.isEmpty else { return nil }
        guard !verbs.contains(.special) || verbs.contains(.put), !Self.isAnotherGrantIn(root) else { return nil }
        self.verbs = Set(verbs)
    }

    /// `put:/a,get:/b` is no folder of that name, but two grants, which go with an option each.
    private static func isAnotherGrantIn(_ root: String) -> Bool {
        Grant.Verb.allCases.contains { root.contains(",\($0.rawValue):") }
    }

    /// Adds grants to a list. Verbs of a root that stands there already are put together; order is kept, because the
    /// first root is the base of relative paths.
    static func adding(_ arguments: [GrantArgument], to grants: [Grant] = []) throws -> [Grant] {
        var grants = grants
        for argument in arguments {
            let root = try LocalPath.absolute(argument.root)
            if let index = grants.firstIndex(where: { $0.root == root }) {
                grants[index].verbs.formUnion(argument.verbs)
            } else {
                grants.append(Grant(root: root, verbs: argument.verbs))
            }
        }
        return grants
    }
}
