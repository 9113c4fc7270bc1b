"""PacketFS on a pair, through scripts/bench-pair: whole sessions between two fresh homes."""

import hashlib
import json
import os
import subprocess

from . import ROOT, processes


def session(binary, old, new, *options):
    """The figures of the session that brings NEW to a receiver that got OLD before, as bench-pair prints them."""
    done = subprocess.run(
        [ROOT / "scripts" / "bench-pair", old, new, *options], env=os.environ | {"PACKETFS_BIN": str(binary)},
        stdout=subprocess.PIPE, text=True, timeout=processes.TIME_LIMIT,
    )
    if done.returncode != 0:
        why = "the result differs" if done.returncode == 1 else "it could not be measured"
        raise processes.Failed(f"{new.parent.name} ({new.name}): {why}")
    return json.loads(done.stdout.splitlines()[-1])


def version(binary):
    """The version, and of which build: figures of another build are not these."""
    said = subprocess.run([binary, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return f"{said} ({hashlib.sha256(binary.read_bytes()).hexdigest()[:8]})"


def has_option(binary, option):
    shown = subprocess.run([binary, "help", "send"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return f"--{option}" in shown
