"""The commands that the hunt runs, in this order, and where they leave secrets on purpose.

A and B are homes, ADDRESS is where B serves, TOKEN a PKCS#11 token, KEPT a message that A keeps. Every command can read
a passphrase from descriptor 3, a PIN from 4, and both, one a line, from 5.
"""

import re

# Of every command there must be one, or more. A number before it is the code that it ends with, 0 if there is none.
SET_UP = [
    "init --home A",
    "init --home B",
    "peer new b --export seed --home A",
    "peer import seed --name a --keep-file --allow put,get:there --home B",
    "pad create whole --size 4M --source source",
    "pad create drawn --size 1M --source system",
    "pad split whole one other",
    "pad import one --name pad --home A",
    "pad import other --name pad --home B",
]
# What there is to be of secrets where only crashes are looked at.
FOR_CRASHES = [*SET_UP[:4], "seed rotate b --export next --home A"]
# While B serves.
SERVER = "serve --listen 127.0.0.1:0 --metrics 127.0.0.1:0 --log-level trace --home B"
SERVED = [
    "peer set b --address ADDRESS --home A",
    "send tree/ b:place --home A",
    "plan tree/ b:place --explain --home A",
    "get b:place back --home A",
    "blob add more --home A",
    "send tree/ b:ciphered --protection stream-cipher --home A",
    "get b:place back --protection stream-cipher --home A",
    "send tree/ b:covered --protection keystream --home A",
    "get b:covered back --protection keystream --home A",
    "send tree/ b:place --protection otp --home A",
    "pad seal tree --message message --home A",
    "pad open message opened --home B",
    "pad kept KEPT --message again --home A",
    "pad kept KEPT --forget --home A",
    "pad seal tree --message second --home A",
    "pad kept KEPT --send b --home A",
    "seed list --home A",
    "seed rotate b --export next --home A",
    "seed rotate a --import next --keep-file --home B",
    "send tree/ b:rotated --home A",
    "seed rotate b --export dropped --home A",
    "seed rotate b --cancel --home A",
    "seed backup b backup --secret-fd 3 --home A",
    "seed move b --vault file: --passphrase --secret-fd 3 --home A",
    "send tree/ b:sealed --secret-fd 3 --home A",
    "seed move b --vault keyring:session/packetfs-hunt --yes --secret-fd 3 --home A",
    "send tree/ b:ring --home A",
    "seed move b --vault TOKEN --yes --secret-fd 4 --home A",
    "send tree/ b:token --secret-fd 4 --home A",
    "seed restore backup --vault file: --no-passphrase --secret-fd 5 --home A",
    "seed list b --secret-fd 4 --home A",
]
# After the server of B ended, and before it starts again.
PASSED_BY_SYSTEMD = ["seed move a --vault credential:packetfs.a --credential-file passed/packetfs.a --yes --home B"]
SERVED_AGAIN = ["peer set b --address ADDRESS --home A", "send tree/ b:passed --home A"]
LAST = [
    "pad status --home A",
    "pad skip pad --past 400 --received-to 0 --home A",
    "doctor --home A",
    "peer list --home A",
    "peer show b --home A",
    "status --home A",
    "blob list --home A",
    "blob verify --home A",
    "blob forget file --home A",
    "blob trim --to 0 --home A",
    "pad destroy pad --yes --home A",
    "seed revoke b --yes --home A",
    "peer remove b --yes --home A",
    "exit-codes",
    "completions bash",
]
ALL = [*SET_UP, SERVER, *SERVED, *PASSED_BY_SYSTEMD, *SERVED_AGAIN, *LAST]

# Files that are to hold secrets, beneath the folder of the hunt.
HOLDERS = re.compile(
    r"(seed|next|dropped|source|drawn|whole|one|other|passphrase|pin|both|passed/.*|tokens/.*"
    r"|[AB]/state/seeds/.*|[AB]/data/pads/pad\.pad)")

# Sealed messages: what of a pad stands in one, because it covers zeros, is no secret any more.
MESSAGES = "A/data/pads/*/*.message"


def unknown(leaves):
    """Commands that are there, and are not in the lists."""
    known = {" ".join(words[:count]) for words in map(str.split, ALL) for count in (1, 2)}
    return sorted(set(leaves) - known)
