"""Runs inside gdb: stops the program at a few system calls and at its end, and there writes its core, its arguments and
its environment into the folder OBSERVE_INTO; OBSERVE_ARGUMENTS
are the program's, quoted for a shell."""

import os
import pathlib
import platform

import gdb

INTO = pathlib.Path(os.environ["OBSERVE_INTO"])
FIRST_ARGUMENT = "$x0" if platform.machine() == "aarch64" else "$rdi"
STOPS = ("connect", "fdatasync", "pwrite64", "exit_group")


def record(name):
    process = gdb.selected_inferior().pid
    for part in ("cmdline", "environ"):
        (INTO / f"{name}.{part}").write_bytes(pathlib.Path(f"/proc/{process}/{part}").read_bytes())
    gdb.execute(f"gcore {INTO / name}.core", to_string=True)


def main():
    for setting in ("pagination off", "confirm off", "auto-solib-add off", "print thread-events off"):
        gdb.execute(f"set {setting}")
    points = {gdb.execute(f"catch syscall {name}", to_string=True).split()[1]: name for name in STOPS}
    numbers = {int(number): name for number, name in points.items()}
    hit = []
    gdb.events.stop.connect(lambda event: hit.extend(b.number for b in getattr(event, "breakpoints", [])))
    gdb.execute(f"run {os.environ['OBSERVE_ARGUMENTS']} > '{INTO}/out' 2> '{INTO}/err' < /dev/null", to_string=True)
    while gdb.selected_inferior().pid:
        for number in hit:
            record(numbers[number])
            gdb.execute(f"delete {number}")
            if numbers[number] == "exit_group":
                (INTO / "code").write_text(str(int(gdb.parse_and_eval(FIRST_ARGUMENT)) & 0xFF))
                gdb.execute("kill")
                return
        hit.clear()
        gdb.execute("continue", to_string=True)
    (INTO / "code").write_text("signal")


main()
