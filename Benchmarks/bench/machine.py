"""What the figures were measured with, and how busy the machine was. No names, no paths."""

import os
import platform
import re
import subprocess
import time


def describe(binary):
    return {
        "kernel": platform.release(),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "packetfs": _version([binary, "--version"]),
        "ssh": _version(["ssh", "-V"]),
        "rsync": _version(["rsync", "--version"]),
        "socat": _version(["socat", "-V"], line=1),
        "python": platform.python_version(),
    }


def _processor():
    with open("/proc/cpuinfo") as table:
        names = [line.split(":", 1)[1].strip() for line in table if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(command, line=0):
    try:
        shown = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20).stdout
    except OSError:
        return "missing"
    lines = shown.splitlines()
    found = re.search(r"\d+(\.\d+)+\w*", lines[line]) if len(lines) > line else None
    return found[0] if found else "unknown"


def wait_until_quiet(seconds):
    """Waits at most that long for others to leave the processors alone; returns the share that was idle at the end."""
    limit = time.monotonic() + seconds
    while True:
        idle = _idle_share()
        if idle > 0.93 or time.monotonic() >= limit:
            return idle


def warm(path, size):
    """Writes a file of that size and removes it: its pages are then the next that anybody gets. On a virtual machine,
    memory that was not used for a while must first be fetched from the host, which can cost more than the transfer."""
    piece = bytes(1 << 20)
    with open(path, "wb") as file:
        for _ in range(0, size, len(piece)):
            file.write(piece)
    path.unlink()


def _idle_share():
    before = _times()
    time.sleep(0.25)
    after = _times()
    spent = [late - early for early, late in zip(before, after)]
    return (spent[3] + spent[4]) / max(1, sum(spent))


def _times():
    with open("/proc/stat") as table:
        return [int(value) for value in table.readline().split()[1:9]]
