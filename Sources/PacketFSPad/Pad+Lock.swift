internal import PacketFSWire

/// What locks a pad: it is not where it was bound, or it was rolled back (`Specs/pads.md` §5).
extension Pad {
    /// Throws `unknownMachine` where no pad can be told from its copy on another machine.
    static func require(_ machine: MachineIdentity?) throws(PadError) -> MachineIdentity {
        guard let machine else { throw .unknownMachine }
        return machine
    }

    /// Throws `unknownMachine`, `otherMachine`, `otherFiles` for a pad that is not known to be where it was bound.
    func requireBound(to machine: MachineIdentity?) throws(PadError) {
        let machine = try Self.require(machine)
        guard state.machine == machine.digest else { throw .otherMachine }
        guard try isMoored() else { throw .otherFiles }
    }

    /// Throws `rolledBack` if the peer has seen blocks beyond those that our ledger knows of.
    func requireNotRolledBack() throws(PadError) {
        guard state.claimed <= state.next else { throw .rolledBack(mark: state.claimed) }
    }

    /// What locks the pad, if anything does.
    func lock(for machine: MachineIdentity?) throws(PadError) -> PadStatus.Lock? {
        do throws(PadError) {
            try requireBound(to: machine)
            try requireNotRolledBack()
            return nil
        } catch {
            switch error {
            case .unknownMachine: return .unknownMachine
            case .otherMachine: return .otherMachine
            case .otherFiles: return .otherFiles
            case .rolledBack: return .rolledBack
            default: throw error
            }
        }
    }
}
