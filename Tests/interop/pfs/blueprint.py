"""blueprint.md §5: the blueprint of a leaf."""

from dataclasses import dataclass, field
from typing import Optional

from .codec import Malformed, Reader, counted, signed, unzigzag, varint, wrapped, zigzag
from .model import BitReader, BitWriter, Numbers

COPY, LITERAL, FILL, HELD, ADD = range(5)
RAW, ZSTD, WITH_CONTEXT, WITH_PREVIOUS, MODELLED = range(5)
LEARNED = 8
LEAF, PART, DESCRIPTORS, ADDRESS, WINDOW_BYTES = 2**22, 2**16, 2**19, 2**56, 2**23


@dataclass(frozen=True)
class Descriptor:
    kind: int
    length: int
    address: int = 0
    byte: int = 0

    @property
    def is_from_log(self):
        return self.kind in (COPY, ADD)


@dataclass
class Blueprint:
    stream: int
    leaf: int
    tag: bytes
    descriptors: list
    coding: int = RAW
    learned: Optional[int] = None
    contexts: list = field(default_factory=list)
    differences: bytes = b""

    @property
    def length(self):
        return sum(descriptor.length for descriptor in self.descriptors)

    @property
    def literal_length(self):
        return sum(descriptor.length for descriptor in self.descriptors if descriptor.kind == LITERAL)

    def encode(self):
        out = bytes([self.stream]) + varint(self.leaf) + self.tag
        out += bytes([self.coding | (LEARNED if self.learned is not None else 0)])
        if self.learned is not None:
            out += varint(self.learned)
        if self.coding in (WITH_CONTEXT, MODELLED):
            out += varint(len(self.contexts)) + encode_ranges(self.contexts)
        out += varint(len(self.descriptors)) + counted(encode_columns(self.descriptors))
        if any(descriptor.kind == ADD for descriptor in self.descriptors):
            out += counted(self.differences)
        return out


def of_record(record):
    """The blueprint of a record of type 2. Literals that are told as they are must be as long as they are to be."""
    found = decode(record.fields)
    if len(record.tail) != found.literal_length and (found.coding == RAW or found.literal_length == 0):
        raise Malformed("literals of another length")
    if found.literal_length == 0 and found.coding != RAW:
        raise Malformed("a coding of no literals")
    return found


def decode(fields):
    reader = Reader(fields)
    stream, leaf, tag, flags = int(reader.flag()), reader.varint(2**40 - 1), reader.take(16), reader.flags(15)
    found = Blueprint(stream, leaf, tag, [], flags & 7)
    if found.coding > MODELLED:
        raise Malformed("an unknown coding")
    if flags & LEARNED:
        found.learned = reader.varint(ADDRESS)
    if found.coding in (WITH_CONTEXT, MODELLED):
        found.contexts = read_ranges(reader, 1 if found.coding == WITH_CONTEXT else 0)
    count = reader.varint(DESCRIPTORS)
    found.descriptors = decode_columns(reader.bytes(2**23), count)
    if any(descriptor.kind == ADD for descriptor in found.descriptors):
        found.differences = reader.bytes(2**22)
    reader.end()
    return found


def encode_ranges(ranges):
    out, end = b"", 0
    for span in ranges:
        out += signed(span.start - end) + varint(len(span) - 1)
        end = span.stop
    return out


def read_ranges(reader, least):
    count = reader.count(64, 2)
    if count < least:
        raise Malformed("too few contexts")
    ranges, end = [], 0
    for _ in range(count):
        start, length = end + reader.signed(), reader.varint(WINDOW_BYTES - 1) + 1
        end = start + length
        if start < 0 or end > ADDRESS:
            raise Malformed("a context beyond the limits")
        ranges.append(range(start, end))
    if sum(map(len, ranges)) > WINDOW_BYTES:
        raise Malformed("too long contexts")
    return ranges


class Columns:
    """§5.1: the descriptors one by one, over a coder of either direction."""

    def __init__(self, coder):
        self.numbers = Numbers(coder)
        self.before = self.second = 0
        self.place = self.address = self.address_place = 0

    def descriptor(self, given=None):
        kind = self.numbers.choice(16 * self.before + self.second, 4, given and given.kind)
        if kind > ADD:
            raise Malformed("an unknown kind of descriptor")
        length = self.numbers.number(8 * kind + self.before, given and given.length - 1) + 1
        address = self._address(given) if kind in (COPY, ADD) else 0
        byte = self._byte(given) if kind == FILL else 0
        self.second, self.before = self.before, kind + 1
        self.place += length
        return Descriptor(kind, length, address, byte)

    def _address(self, given):
        diagonal = self.address + self.place - self.address_place
        told = given and zigzag(wrapped(given.address - diagonal))
        difference = unzigzag(self.numbers.number(40 + self.before, told))
        self.address, self.address_place = (diagonal + difference) % 2**64, self.place
        return self.address

    def _byte(self, given):
        high = self.numbers.choice(256, 4, given and given.byte >> 4)
        return high << 4 | self.numbers.choice(257 + high, 4, given and given.byte & 15)


def encode_columns(descriptors):
    columns = Columns(BitWriter())
    for descriptor in descriptors:
        columns.descriptor(descriptor)
    return columns.numbers.coder.finish()


def decode_columns(data, count):
    if count == 0:
        raise Malformed("a leaf without descriptors")
    columns, found, total = Columns(BitReader(data)), [], 0
    for _ in range(count):
        descriptor = columns.descriptor()
        total += descriptor.length
        if total > LEAF or descriptor.address + descriptor.length > ADDRESS or columns.numbers.coder.is_overrun:
            raise Malformed("descriptors beyond the limits")
        found.append(descriptor)
    columns.numbers.coder.check()
    if encode_columns(found) != data:
        raise Malformed("columns that are not the only ones for their descriptors")
    return found
