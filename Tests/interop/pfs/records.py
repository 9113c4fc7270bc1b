"""blueprint.md §4: the records of the data plane."""

from dataclasses import dataclass

from .codec import Malformed, Reader, block, read_block, read_runs, runs, varint

OPENING, LEAF, ORIGINS, MORE = range(1, 5)
FIELDS = {OPENING: 64, LEAF: 2**23, ORIGINS: 2**24, MORE: 64}
TAIL = {OPENING: 0, LEAF: 2**22, ORIGINS: 0, MORE: 0}
STREAM, MANIFEST = 2**60, 192 * 2**20
FILES, VERSIONS = 2**21, 2**16


@dataclass(frozen=True)
class Record:
    type: int
    fields: bytes
    tail: bytes = b""

    def encode(self):
        return bytes([self.type]) + varint(len(self.fields)) + varint(len(self.tail)) + self.fields + self.tail


class RecordReader:
    """Cuts a stream of bytes into records, however they arrive."""

    def __init__(self):
        self.waiting = b""

    def feed(self, data):
        self.waiting += data
        while (found := self._next()) is not None:
            yield found

    def _next(self):
        reader = Reader(self.waiting)
        head = read_head(reader)
        if head is None:
            return None
        kind, fields, tail = head
        if reader.left < fields + tail:
            return None
        record = Record(kind, reader.take(fields), reader.take(tail))
        self.waiting = reader.rest()
        return record


def read_head(reader):
    """Type and lengths, or nothing while bytes of them are missing. What is not allowed is refused as soon as it is read."""
    if not reader.left:
        return None
    kind = reader.u8()
    if kind not in FIELDS:
        raise Malformed("an unknown record")
    lengths = []
    for most in (FIELDS[kind], TAIL[kind]):
        if not any(byte < 0x80 for byte in reader.data[reader.place : reader.place + 10]) and reader.left < 10:
            return None
        lengths.append(reader.varint(most))
        if lengths == [0]:
            raise Malformed("a record without fields")
    return kind, *lengths


def opening(transfer, manifest, content):
    return Record(OPENING, transfer + varint(manifest) + varint(content))


def read_opening(fields):
    reader = Reader(fields)
    found = reader.id(), reader.varint(MANIFEST), reader.varint(STREAM)
    reader.end()
    return found


def more(count):
    return Record(MORE, varint(count))


def read_more(fields):
    reader = Reader(fields)
    count = reader.varint(STREAM)
    reader.end()
    return count


def origins(kept_from):
    """For each file of the manifest, the id of the transfer that it is kept from, or None."""
    versions = list(dict.fromkeys(version for version in kept_from if version))
    column = runs([versions.index(version) + 1 if version else 0 for version in kept_from])
    return Record(ORIGINS, varint(len(kept_from)) + block(varint(len(versions)) + b"".join(versions) + column))


def read_origins(fields):
    reader = Reader(fields)
    count = reader.varint(FILES)
    inner = Reader(read_block(reader, 2**24))
    reader.end()
    versions = [inner.id() for _ in range(inner.count(VERSIONS, 16))]
    column = read_runs(inner, count, len(versions))
    inner.end()
    named = list(dict.fromkeys(value for value in column if value))
    if named != list(range(1, len(versions) + 1)) or len(set(versions)) < len(versions):
        raise Malformed("versions that are not named once and in order")
    return [versions[value - 1] if value else None for value in column]
