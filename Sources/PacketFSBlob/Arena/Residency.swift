/// How a log is kept in memory (`Specs/blob.md` §2). All off: it is read from its file.
package struct Residency: Sendable, Equatable {
    /// How much is done for something that the machine may not have.
    package enum Effort: String, Sendable, CaseIterable {
        /// Nothing.
        case off
        /// It is asked for, and done without if it cannot be had.
        case attempt = "try"
        /// Without it nothing is done.
        case require
    }

    /// What can be asked for.
    package enum Part: String, Sendable, CaseIterable {
        case hugePages
        case transparentHugePages
        case numaNode
        case lock
        /// Memory, and address space, at all.
        case memory
    }

    /// Pages of 1 GiB where the machine has some, else of 2 MiB, that the system has set aside.
    package var hugePages = Effort.off
    /// Pages of 2 MiB that the kernel puts together itself, where there are no others.
    package var transparentHugePages = Effort.off
    /// Memory of one node alone.
    package var numa = Effort.off
    package var numaNode = 0
    /// Never swapped out.
    package var lock = Effort.off

    package init() {}

    /// Whether anything is kept in memory at all.
    package var isOn: Bool { self != Residency() }

    /// Throws `unattainable` for what is required, and the machine does not have for even a little.
    package func check() throws(BlobError) {
        guard let memory = ArenaMemory(span: ArenaUnits.size, residency: self) else { throw .unattainable(.memory) }
        try memory.back([0])
    }

    func effort(for part: Part) -> Effort {
        switch part {
        case .hugePages: hugePages
        case .transparentHugePages: transparentHugePages
        case .numaNode: numa
        case .lock: lock
        case .memory: [hugePages, transparentHugePages, numa, lock].contains(.require) ? .require : .attempt
        }
    }
}
