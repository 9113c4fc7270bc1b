"""blueprint.md §3, frames.md §9, pads.md §6.1, keystream.md: messages of the control plane."""

from dataclasses import dataclass, field
from typing import Optional

from .codec import Malformed, Reader, optional_id, text, varint
from .frames import CONTROL, PAD

(REQUEST, OFFER, ACCEPT, HOLDINGS, ANEW, WANT, DROPPED, RECEIPT, ABORT, ALIVE, END, COVER, BLOCKS, MESSAGE,
 PIECE) = range(1, 16)

ENTRIES, PAD_BLOCKS, PAD_ANNOUNCED, MESSAGE_BLOCKS = 2**21, 2**36, 4096, 2**28
DELETE, DRY_RUN, NO_STAT_CACHE, SPECIAL_MODES, OWNERS, LEARN, DIGESTS, ONE_FILE = (1 << bit for bit in range(8))
RECEIPT_COUNTS = {
    "written": 2**21, "kept": 2**21, "deleted": 2**40, "repaired": 2**40, "healed": 2**20, "lost": 2**20,
    "bytes_written": 2**60, "bytes_repaired": 2**60}


def says_something(frame):
    return frame.plane != PAD and (frame.plane, frame.type) != (CONTROL, ALIVE)


@dataclass(frozen=True)
class Extent:
    """blob.md §3."""

    address: int
    length: int
    digest: bytes

    @property
    def end(self):
        return self.address + self.length


@dataclass
class Options:
    flags: int = 0
    spared: list = field(default_factory=list)

    def encode(self):
        return bytes([self.flags]) + patterns(self.spared)

    @classmethod
    def read(cls, reader):
        return cls(reader.flags(0xFF), read_patterns(reader))


@dataclass
class Offer:
    transfer: bytes
    log: bytes
    holdings: bytes
    resumes: Optional[bytes] = None
    continues: Optional[bytes] = None
    provisions: bool = False
    destination: str = ""
    options: Options = field(default_factory=Options)

    def encode(self):
        return (
            self.transfer + self.log + self.holdings + optional_id(self.resumes) + optional_id(self.continues)
            + bytes([self.provisions]) + text(self.destination) + self.options.encode())

    @classmethod
    def decode(cls, payload):
        reader = Reader(payload)
        found = cls(
            reader.id(), reader.id(), reader.take(32), reader.optional_id(), reader.optional_id(), reader.flag(),
            reader.path_text(), Options.read(reader))
        reader.end()
        return found


@dataclass
class Request:
    flags: int
    sources: list
    destination: str = ""
    excludes: list = field(default_factory=list)
    options: Options = field(default_factory=Options)

    def encode(self):
        sources = varint(len(self.sources)) + b"".join(map(text, self.sources))
        return (
            bytes([self.flags]) + sources + text(self.destination) + patterns(self.excludes) + self.options.encode())

    @classmethod
    def decode(cls, payload):
        reader = Reader(payload)
        flags = reader.flags(7)
        sources = [reader.path_text() for _ in range(reader.count(1024))]
        found = cls(flags, sources, reader.path_text(), read_patterns(reader), Options.read(reader))
        reader.end()
        return found


def patterns(items):
    return varint(len(items)) + b"".join(map(text, items))


def read_patterns(reader):
    return [reader.text(4096) for _ in range(reader.count(1024))]


def extents_after(extents, end=0):
    out = bytearray()
    for extent in extents:
        out += varint(extent.address - end) + varint(extent.length) + extent.digest
        end = extent.end
    return bytes(out)


def read_extent(reader, end):
    """§2.4, with the bounds of blob.md §1."""
    address = end + reader.varint()
    length = reader.varint(2**24)
    if length == 0 or address + length > 2**56:
        raise Malformed("an extent beyond the limits")
    return Extent(address, length, reader.take(32))


def holdings(log, extents, last=True):
    return bytes([last]) + log + extents_after(extents)


def read_holdings(payload):
    reader = Reader(payload)
    last, log, extents = reader.flag(), reader.id(), []
    while reader.left:
        extents.append(read_extent(reader, extents[-1].end if extents else 0))
    return last, log, extents


def anew(voided, interrupted=None, files=(), last=True):
    """Files are pairs of entry and bytes on disk."""
    out, following = bytes([last]) + voided + optional_id(interrupted), 0
    for entry, held in files:
        out += varint(entry - following) + varint(held)
        following = entry + 1
    return out


def read_anew(payload):
    reader = Reader(payload)
    last, voided, interrupted, files, following = reader.flag(), reader.id(), reader.optional_id(), [], 0
    while reader.left:
        entry = bounded_entry(following + reader.varint())
        files.append((entry, reader.varint(2**56)))
        following = entry + 1
    if files and interrupted is None:
        raise Malformed("files of no transfer")
    return last, voided, interrupted, files


def want(ranges, last=True):
    """Ranges of Python, ascending, with a gap between any two."""
    out, least = bytes([last]), 0
    for entries in ranges:
        out += varint(entries.start - least) + varint(len(entries) - 1)
        least = entries.stop + 1
    return out


def read_want(payload):
    reader = Reader(payload)
    last, ranges, least = reader.flag(), [], 0
    while reader.left:
        first = bounded_entry(least + reader.varint())
        final = bounded_entry(first + reader.varint())
        ranges.append(range(first, final + 1))
        least = final + 2
    return last, ranges


def bounded_entry(entry):
    if entry >= ENTRIES:
        raise Malformed("an entry beyond the limit")
    return entry


def read_failure(reader):
    entry, reason = bounded_entry(reader.varint()), reader.u8()
    if not 1 <= reason <= 7:
        raise Malformed("an unknown reason")
    return entry, reason


def failures(items):
    return b"".join(varint(entry) + bytes([reason]) for entry, reason in items)


def read_dropped(payload):
    reader, items = Reader(payload), []
    while reader.left:
        items.append(read_failure(reader))
    return items


@dataclass
class Receipt:
    transfer: bytes
    counts: dict
    failures: list = field(default_factory=list)
    extents: list = field(default_factory=list)
    last: bool = True

    def encode(self):
        out = bytes([self.last]) + self.transfer + b"".join(varint(self.counts[name]) for name in RECEIPT_COUNTS)
        out += b"".join(b"\1" + failures([item]) for item in self.failures)
        end = 0
        for extent in self.extents:
            out += b"\2" + extents_after([extent], end)
            end = extent.end
        return out

    @classmethod
    def decode(cls, payload):
        reader = Reader(payload)
        last, transfer = reader.flag(), reader.id()
        counts = {name: reader.varint(most) for name, most in RECEIPT_COUNTS.items()}
        found = cls(transfer, counts, [], [], last)
        while reader.left:
            found._read_item(reader)
        return found

    def _read_item(self, reader):
        kind = reader.u8()
        if kind == 1 and not self.extents:
            self.failures.append(read_failure(reader))
        elif kind == 2:
            self.extents.append(read_extent(reader, self.extents[-1].end if self.extents else 0))
        else:
            raise Malformed("an unknown item, or a failure behind extents")


def end(data_bytes, data_frames):
    return varint(data_bytes) + varint(data_frames)


def read_end(payload):
    reader = Reader(payload)
    counts = reader.varint(), reader.varint()
    reader.end()
    return counts


def read_abort(payload):
    reader = Reader(payload)
    reason = reader.u8()
    reader.end()
    if not 1 <= reason <= 13:
        raise Malformed("an unknown reason")
    return reason


def read_accept(payload):
    reader = Reader(payload)
    transfer = reader.id()
    reader.end()
    return transfer


def read_nothing(payload):
    Reader(payload).end()


def cover(value):
    """keystream.md §3: fields by their names there."""
    if value["kind"] == 2:
        return b"\2"
    return b"\1" + value["pad"] + value["seen"].to_bytes(8, "big") + value["proof"]


def read_cover(payload):
    reader = Reader(payload)
    kind = reader.u8()
    if kind not in (1, 2):
        raise Malformed("an unknown cover")
    found = {"kind": kind} | (_read_pad(reader) if kind == 1 else {})
    reader.end()
    return found


def _read_pad(reader):
    found = {"pad": reader.id(), "seen": reader.u64(), "proof": reader.take(16)}
    if found["seen"] > PAD_BLOCKS:
        raise Malformed("a mark beyond a pad")
    return found


def read_blocks(payload):
    reader = Reader(payload)
    start, count = reader.varint(PAD_BLOCKS), reader.varint(PAD_BLOCKS)
    reader.end()
    if not 1 <= count <= PAD_ANNOUNCED or start + count > PAD_BLOCKS:
        raise Malformed("no blocks, too many, or beyond a half")
    return {"start": start, "count": count}


def message(value):
    """pads.md §6.1."""
    return varint(value["length"]) + cover(value | {"kind": 1})


def read_message(payload):
    reader = Reader(payload)
    length = reader.varint()
    if not 1 <= (length - 49) // 4064 <= MESSAGE_BLOCKS or (length - 49) % 4064:
        raise Malformed("a length that no message has")
    if reader.u8() != 1:
        raise Malformed("a message under no pad")
    found = {"length": length} | _read_pad(reader)
    reader.end()
    return found
