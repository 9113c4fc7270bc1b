"""Reads what a ledger says of a pad, and the pad with it (Specs/pads.md §3 and §4)."""

import hashlib
import itertools

RECORD, BODY, BLOCK, CHECK = 64, 40, 4096, 16
RESERVED, SETTLED, BURNT, RECEIVED, CLEARED, DRAWN = 2, 3, 4, 6, 7, 10


class Wrong(Exception):
    """A ledger, or a pad beside it, that breaks the rules."""


def _records(data):
    before = b""
    for start in range(0, len(data) - RECORD + 1, RECORD):
        body, check = data[start : start + BODY], data[start + BODY : start + RECORD]
        if hashlib.sha256(before + body).digest()[: RECORD - BODY] != check:
            raise Wrong(f"record {start // RECORD} of the ledger does not follow from those before")
        before = check
        if start:
            yield body[0], int.from_bytes(body[8:16], "big"), int.from_bytes(body[16:24], "big")


def check(pad, ledger):
    """Sees that no block was set aside, or spent, twice, and that those that are done with are zeros in the pad.

    Returns how many ranges were looked at."""
    file = pad.read_bytes()
    own, blocks = file[56] - 1, int.from_bytes(file[58:66], "big")
    values = BLOCK
    halves = values + -(-2 * blocks * CHECK // BLOCK) * BLOCK
    ranges = {own: [], 1 - own: []}
    for kind, start, count in _records(ledger.read_bytes()):
        if kind in (RESERVED, RECEIVED, DRAWN):
            ranges[own if kind == RESERVED else 1 - own].append((start, start + count))
        if kind in (SETTLED, BURNT, CLEARED):
            first = (1 - own if kind == CLEARED else own) * blocks + start
            for base, size in ((halves, BLOCK), (values, CHECK)):
                place, length = base + first * size, count * size
                if file[place : place + length] != bytes(length):
                    raise Wrong(f"blocks from {start} are done with, and still in the pad")
    for taken in ranges.values():
        for (_, end), (start, _) in itertools.pairwise(sorted(taken)):
            if start < end:
                raise Wrong(f"block {start} was taken twice")
    return sum(map(len, ranges.values()))
