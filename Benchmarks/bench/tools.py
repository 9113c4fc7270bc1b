"""The peers' programs: installs what is missing through apt and pip, and asks each for its version."""

import os
import re
import shutil
import subprocess
import sys

from . import processes

APT = ("rsync", "zstd", "xdelta3", "bsdiff", "rdiff")  # each package is named after its program


class Tools:
    """`folder` is where the Python package is put; apt's go where apt puts them."""

    def __init__(self, folder):
        self.python = folder / "hdiffpatch" / "bin" / "python"

    def install(self):
        missing = [name for name in APT if not shutil.which(name)]
        if missing:
            print(f"installing {', '.join(missing)} through apt-get", file=sys.stderr, flush=True)
            root = [] if os.geteuid() == 0 else ["sudo"]
            processes.run([*root, "apt-get", "update", "-qq"])
            processes.run([*root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing])
        if not self.python.exists():
            print("installing hdiffpatch through pip", file=sys.stderr, flush=True)
            processes.run([sys.executable, "-m", "venv", self.python.parent.parent])
            processes.run([self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "hdiffpatch"])

    def has(self, program):
        return self.python.exists() if program == "hdiffpatch" else shutil.which(program) is not None

    def version(self, program):
        if program == "hdiffpatch":
            return _number([self.python, "-m", "pip", "show", "--disable-pip-version-check", "hdiffpatch"])
        if program == "bsdiff":
            return _number(["dpkg-query", "-W", "bsdiff"])
        if program == "hdiffz":
            return _number(["hdiffz", "-v"])
        return _number([program, "-V" if program == "xdelta3" else "--version"])


def _number(command):
    try:
        done = subprocess.run(
            [str(each) for each in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    except OSError:
        return "missing"
    found = re.search(r"\d+(\.\d+)+", done.stdout)
    return found[0] if found else "unknown"
