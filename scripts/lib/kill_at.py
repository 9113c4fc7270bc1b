#!/usr/bin/env python3
"""Runs a program under ptrace, and kills it at a system call: the nth of all its threads from a certain call on.

    kill_at.py COUNTED NUMBER COMMAND…

kills a server before its NUMBERth call since it accepted its first connection (0: never), and writes to the file COUNTED
how many calls those were, and whether it was killed. SIGTERM is for the server."""

import contextlib
import ctypes
import os
import platform
import signal
import subprocess
import sys
import tempfile

FLOCK, ACCEPT = {"x86_64": (73, 288), "aarch64": (32, 242)}[platform.machine()]
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


class Trace:
    """A traced process: how many calls it made from the nth of one kind on, and whether it was killed.

    Calls before are not counted: what a database does after a crash may take more of them with every run."""

    def __init__(self, command, kill_before, first, nth=1, **options):
        self.calls, self.killed = 0, False
        self.first, self.before = first, nth - 1
        self.kill_before = kill_before
        self.info = CallInfo()
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL,
            preexec_fn=lambda: libc.ptrace(TRACEME, 0, None, None), **options)

    def end(self):
        """Lets it run to its end, and returns its code."""
        self.process.returncode = self._trace(self.process.pid)
        return self.process.returncode

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
        if self.info.number != self.first:
            return False
        self.before -= 1
        return self.before < 0

    def _call(self, leader, thread):
        libc.ptrace(CALL_INFO, thread, ctypes.sizeof(self.info), ctypes.addressof(self.info))
        if self.info.kind != ENTRY or (self.calls == 0 and not self._begins()):
            return
        self.calls += 1
        if self.calls == self.kill_before:
            # A call at whose entry its process is killed does not happen.
            self.killed = True
            os.kill(leader, signal.SIGKILL)


class Run:
    """What became of a run: how many calls it made from one `flock` on, whether it was killed, what it wrote."""

    def __init__(self, command, environment=None, kill_before=None, from_lock=1):
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as error:
            trace = Trace(command, kill_before, FLOCK, from_lock, env=environment, stdout=output, stderr=error)
            self.code = trace.end()
            self.calls, self.killed = trace.calls, trace.killed
            for file in (output, error):
                file.seek(0)
            self.output, self.error = output.read(), error.read()


def main():
    counted, number, *command = sys.argv[1:]
    trace = Trace(command, int(number), ACCEPT)

    def pass_on(*_):
        with contextlib.suppress(ProcessLookupError):
            os.kill(trace.process.pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, pass_on)
    code = trace.end()
    with open(counted, "w") as file:
        print(trace.calls, int(trace.killed), file=file)
    sys.exit(0 if trace.killed else code)


if __name__ == "__main__":
    main()
