import Foundation

/// A call that the kernel refuses to a program, and to no other.
struct RefusedCall {
    /// `prlimit64` for the limit on core dumps.
    static let limitOfCores = RefusedCall(x86: 302, arm: 261, argument: 1, value: 4, error: EPERM)
    /// `renameat2` with `RENAME_NOREPLACE`, as NFS refuses it.
    static let renamingToNew = RefusedCall(x86: 316, arm: 276, argument: 4, value: 1, error: EINVAL)

    /// `write` of 256 KiB, as where the user's quota is used up.
    static let writingOfPieces = RefusedCall(x86: 1, arm: 64, argument: 2, value: 1 << 18, error: EDQUOT)

    static let isPossible = access("/usr/bin/python3", X_OK) == 0

    private let x86: Int32
    private let arm: Int32
    /// Refused if this argument has this value.
    private let argument: Int32
    private let value: Int32
    private let error: Int32

    /// What starts the program so.
    var starter: [String] { ["python3", "-c", Self.script] + [x86, arm, argument, value, error].map { "\($0)" } }

    private static let script = """
        ctypes, os, struct, sys = map(__import__, ("ctypes", "os", "struct", "sys"))
        x86, arm, argument, value, error = map(int, sys.argv[1:6])
        call = x86 if os.uname().machine == "x86_64" else arm
        code = [(0x20, 0, 0, 0), (0x15, 0, 3, call), (0x20, 0, 0, 16 + 8 * argument), (0x15, 0, 1, value),
                (0x06, 0, 0, 0x50000 | error), (0x06, 0, 0, 0x7fff0000)]
        filter = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in code))
        program = ctypes.create_string_buffer(struct.pack("@HP", len(code), ctypes.addressof(filter)))
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program): sys.exit("no filter")
        os.execvp(sys.argv[6], sys.argv[6:])
        """
}
