"""Runs inside gdb: stops the program at a few system calls and at its end, and there writes its core, its arguments and
its environment into the folder OBSERVE_INTO; OBSERVE_ARGUMENTS are the program's, and what it has open, as a shell reads
them. Files that OBSERVE_KEEP matches in its folder are copied at each stop. Where a thread of the program logs in to a
token at that moment, the next stop is taken instead: the token's module has the PIN in its own memory until it answers."""

import os
import pathlib
import platform
import shutil

import gdb

INTO = pathlib.Path(os.environ["OBSERVE_INTO"])
FIRST_ARGUMENT = "$x0" if platform.machine() == "aarch64" else "$rdi"
# Each with how often it stops at most. Locked memory is given up where a secret was just used: what that left on stacks
# and in freed memory is still there.
STOPS = {"connect": 1, "fdatasync": 1, "pwrite64": 1, "munlock": 4, "unlink": 2, "exit_group": 1}


def logs_in():
    """Whether a thread is in C_Login of a token's module, or in what that calls."""
    gdb.execute("sharedlibrary", to_string=True)
    chosen = gdb.selected_thread()
    try:
        return any(frame.name() == "C_Login" for thread in gdb.selected_inferior().threads() for frame in frames(thread))
    finally:
        chosen.switch()


def frames(thread):
    thread.switch()
    frame = gdb.newest_frame()
    while frame:
        yield frame
        frame = frame.older()


def record(name):
    process = gdb.selected_inferior().pid
    for part in ("cmdline", "environ"):
        (INTO / f"{name}.{part}").write_bytes(pathlib.Path(f"/proc/{process}/{part}").read_bytes())
    gdb.execute(f"gcore {INTO / name}.core", to_string=True)
    for kept in pathlib.Path().glob(os.environ["OBSERVE_KEEP"]):
        shutil.copy(kept, INTO / f"{kept.name}.kept")


def main():
    for setting in ("pagination off", "confirm off", "auto-solib-add off", "print thread-events off"):
        gdb.execute(f"set {setting}")
    points = {gdb.execute(f"catch syscall {name}", to_string=True).split()[1]: name for name in STOPS}
    numbers = {int(number): name for number, name in points.items()}
    left = dict(STOPS)
    hit = []
    gdb.events.stop.connect(lambda event: hit.extend(b.number for b in getattr(event, "breakpoints", [])))
    gdb.execute(f"run {os.environ['OBSERVE_ARGUMENTS']} > '{INTO}/out' 2> '{INTO}/err' < /dev/null", to_string=True)
    while gdb.selected_inferior().pid:
        for number in hit:
            name = numbers[number]
            if name != "exit_group" and logs_in():
                continue
            record(f"{name}-{left[name]}")
            left[name] -= 1
            if not left[name]:
                gdb.execute(f"delete {number}")
            if name == "exit_group":
                (INTO / "code").write_text(str(int(gdb.parse_and_eval(FIRST_ARGUMENT)) & 0xFF))
                gdb.execute("kill")
                return
        hit.clear()
        gdb.execute("continue", to_string=True)
    (INTO / "code").write_text("signal")


main()
