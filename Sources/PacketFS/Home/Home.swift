/// A machine's PacketFS home: its peers, seeds, blob and journals. Several processes may have one open.
public final class Home: Sendable {
    /// Where it lies.
    public let location: HomeLocation

    init(location: HomeLocation) {
        self.location = location
    }

    /// Makes a home. Throws `state` if there is one already.
    public static func create(at location: HomeLocation) throws -> Home {
        Home(location: location)
    }

    /// Opens a home. Throws `state` if there is none, if others can read it, or if a newer version wrote it.
    public static func open(at location: HomeLocation) throws -> Home {
        Home(location: location)
    }
}
