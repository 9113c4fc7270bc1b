"""Cores: of programs run under gdb, of running ones, and of those that crash."""

import os
import pathlib
import re
import resource
import shlex
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
GDB = ["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off"]
MAPPING = re.compile("([0-9a-f]+)-([0-9a-f]+) ")
PATTERN = pathlib.Path("/proc/sys/kernel/core_pattern")


class Survived(Exception):
    """A crash signal did not end a process."""


class Failed(Exception):
    """The hunt itself could not do its work."""


def observe(command, environment, into, folder, descriptors, keep):
    """Runs a command with stops at which its core is written into a folder, beside copies of the files that `keep` matches
    in its own; `descriptors` are pairs of a number and the file that is open there for reading. Returns its exit code."""
    into.mkdir()
    opened = " ".join(f"{number}< {shlex.quote(str(path))}" for number, path in descriptors)
    done = subprocess.run(
        [*GDB, "-x", HERE / "observe_in_gdb.py", command[0]], cwd=folder,
        env=environment | {
            "OBSERVE_INTO": str(into), "OBSERVE_ARGUMENTS": f"{shlex.join(map(str, command[1:]))} {opened}", "OBSERVE_KEEP": keep},
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )
    code = into / "code"
    if not code.exists():
        raise Failed(f"gdb could not run {command[0]}: {done.stderr.strip()[-500:]}")
    return code.read_text()


def dump_running(process, path):
    """A core of a running process, as root's debugger takes it."""
    gdb(process, f"gcore {path}")
    if not path.exists():
        raise Failed(f"gcore wrote no core of process {process}")


def gdb(process, command):
    subprocess.run([*GDB, "-p", str(process), "-ex", command], stdin=subprocess.DEVNULL, capture_output=True)


def written(process):
    """Bytes that a process has written to files and sockets."""
    fields = dict(line.split(": ") for line in pathlib.Path(f"/proc/{process}/io").read_text().splitlines())
    return int(fields["wchar"])


def rest(process):
    """Waits until a process computes nothing: what is in the registers of its threads then is left over."""
    spent = [None, None]

    def rests():
        time.sleep(0.5)
        fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        spent[:] = spent[1], fields[11:13]
        return spent[0] == spent[1]

    wait_for(rests, "rest")


def locked_values(process):
    """What looks like keys in the memory that a process has locked: 32 bytes each."""
    found = []
    with open(f"/proc/{process}/mem", "rb", 0) as memory, open(f"/proc/{process}/smaps") as maps:
        for line in maps:
            if match := MAPPING.match(line):
                start, end = (int(number, 16) for number in match.groups())
            elif line.startswith("VmFlags:") and {"lo", "rd"} <= set(line.split()):
                memory.seek(start)
                content = memory.read(end - start)
                found += [content[at : at + 32] for at in range(0, len(content) - 31, 16)]
    return [value for value in found if all(len(set(half)) > 11 for half in (value[:16], value[16:]))]


def unlimited():
    """Before exec: whatever the shell says of cores, only the program itself turns them off."""
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class CorePattern:
    """While it lasts, the kernel writes cores into a folder."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()

    def __enter__(self):
        self.before = PATTERN.read_text()
        PATTERN.write_text(f"{self.folder}/core.%p")
        return self

    def __exit__(self, *_):
        PATTERN.write_text(self.before)

    def crash(self, process, signal):
        """Ends a process by a signal; returns its core, or None if the kernel wrote none. Throws Survived if a handler of
        its own is busy with the crash."""
        process.send_signal(signal)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Survived()
        core = self.folder / f"core.{process.pid}"
        return core if core.exists() else None


def requirements():
    """What is missing for a hunt; an empty list if nothing is."""
    missing = [] if os.geteuid() == 0 else ["it sets the core pattern and dumps processes: run it as root"]
    for tool, package in (("gdb", "gdb"), ("cc", "gcc")):
        if subprocess.run(["sh", "-c", f"command -v {tool}"], capture_output=True).returncode:
            missing.append(f"{tool} is missing: apt-get install {package}")
    return missing


def wait_for(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise Failed(f"{what} did not happen within {seconds} s")
