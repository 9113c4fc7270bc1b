"""rsync from one folder or file to another, and the bytes that it says it would have sent and received."""

import os
import re
import shutil
import subprocess

import packetfs_pair as pair

from . import processes

COMMON = ["-a", "-z", "--zc=zstd", "--no-whole-file", "--stats"]
TREE, FILE = ["-c", "--delete"], ["-I"]


def command(is_tree):
    """Trees of a pair have equal times on purpose: rsync must look into the files, by checksum, which costs it fewer
    bytes than taking all of them for changed."""
    return ["rsync", *COMMON, *(TREE if is_tree else FILE)]


def transfer(old, new, work):
    """Brings a copy of OLD to NEW. Returns the bytes of both directions and what the command used, both ends."""
    target = work / "target"
    subprocess.run(["cp", "-a", old, target], check=True)
    ends = "/" if new.is_dir() else ""
    used = processes.measured([*command(new.is_dir()), f"{new}{ends}", f"{target}{ends}"])
    counts = re.findall(r"^Total bytes (?:sent|received): ([\d,]+)", used.output, re.MULTILINE)
    same = pair.same_trees(new, target)
    shutil.rmtree(target) if target.is_dir() else os.unlink(target)
    if len(counts) != 2 or not same:
        raise processes.Failed(f"rsync did not make {new.parent.name}/{new.name}")
    return sum(int(count.replace(",", "")) for count in counts), used
