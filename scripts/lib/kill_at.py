"""Runs a program under ptrace, and kills it at a system call: the nth of all its threads from a certain lock on."""

import ctypes
import os
import platform
import signal
import subprocess
import tempfile

FLOCK = {"x86_64": 73, "aarch64": 32}[platform.machine()]
TRACEME, CONTINUE_TO_CALL, SETOPTIONS, CALL_INFO = 0, 24, 0x4200, 0x420E
MARK_CALLS, FOLLOW_THREADS, FOLLOW_EXEC, DIE_WITH_US = 1, 8, 0x10, 0x100000
ALL_CHILDREN = 0x40000000
ENTRY = 1

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


class CallInfo(ctypes.Structure):
    """The front of the kernel's struct ptrace_syscall_info."""

    _fields_ = [("kind", ctypes.c_uint8), ("other", ctypes.c_uint8 * 23), ("number", ctypes.c_uint64),
                ("rest", ctypes.c_uint8 * 64)]


class Run:
    """What became of a run: how many calls it made from one `flock` on, whether it was killed, what it wrote.

    Calls before are not counted: what a database does after a crash may take more of them with every run."""

    def __init__(self, command, environment=None, kill_before=None, from_lock=1):
        self.calls, self.killed = 0, False
        self.locks_before = from_lock - 1
        self.kill_before = kill_before
        self.info = CallInfo()
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as error:
            process = subprocess.Popen(
                [str(part) for part in command], env=environment, stdin=subprocess.DEVNULL, stdout=output,
                stderr=error, preexec_fn=lambda: libc.ptrace(TRACEME, 0, None, None))
            self.code = self._trace(process.pid)
            process.returncode = self.code
            for file in (output, error):
                file.seek(0)
            self.output, self.error = output.read(), error.read()

    def _trace(self, leader):
        options = MARK_CALLS | FOLLOW_THREADS | FOLLOW_EXEC | DIE_WITH_US
        has_options = False
        while True:
            thread, status = os.waitpid(-1, ALL_CHILDREN)
            if os.WIFEXITED(status) or os.WIFSIGNALED(status):
                if thread == leader:
                    return os.waitstatus_to_exitcode(status)
                continue
            if not has_options:
                libc.ptrace(SETOPTIONS, thread, None, options)
                has_options = True
            forwarded = self._stopped(leader, thread, status)
            libc.ptrace(CONTINUE_TO_CALL, thread, None, forwarded)

    def _stopped(self, leader, thread, status):
        """Takes a stop of a thread; returns the signal to give it."""
        stop = os.WSTOPSIG(status)
        if stop == signal.SIGTRAP | 0x80:
            self._call(leader, thread)
            return None
        is_ours = stop == signal.SIGTRAP or stop == signal.SIGSTOP
        return None if is_ours else stop

    def _begins(self):
        if self.info.number != FLOCK:
            return False
        self.locks_before -= 1
        return self.locks_before < 0

    def _call(self, leader, thread):
        libc.ptrace(CALL_INFO, thread, ctypes.sizeof(self.info), ctypes.addressof(self.info))
        if self.info.kind != ENTRY or (self.calls == 0 and not self._begins()):
            return
        self.calls += 1
        if self.calls == self.kill_before:
            # A call at whose entry its process is killed does not happen.
            self.killed = True
            os.kill(leader, signal.SIGKILL)
