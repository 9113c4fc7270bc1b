"""blueprint.md §5: the blueprint of a leaf."""

from dataclasses import dataclass, field
from typing import Optional

from .codec import Malformed, Reader, counted, signed, unzigzag, varint, wrapped, zigzag
from .model import BitReader, BitWriter, Numbers
from .packing import EFFORTS, Packing

COPY, LITERAL, FILL, HELD, ADD, PACKED = range(6)
RAW, ZSTD, WITH_CONTEXT, WITH_PREVIOUS, MODELLED = range(5)
LEARNED = 8
SUBTRACTED = 16
WHOLE = 32
LEAF, PART, DESCRIPTORS, ADDRESS, WINDOW_BYTES = 2**22, 2**16, 2**19, 2**56, 2**23
OPENED, PACKINGS, BLOCKS = 2**25, 2**12, 2**14


@dataclass(frozen=True)
class Descriptor:
    kind: int
    length: int
    address: int = 0
    byte: int = 0

    @property
    def is_from_log(self):
        return self.kind in (COPY, ADD)


class Described:
    """What has descriptors, a coding, contexts and differences."""

    @property
    def length(self):
        return sum(descriptor.length for descriptor in self.descriptors)

    @property
    def literal_length(self):
        return sum(descriptor.length for descriptor in self.descriptors if descriptor.kind == LITERAL)

    def encode_contexts(self):
        if self.coding not in (WITH_CONTEXT, MODELLED):
            return b""
        return varint(len(self.contexts)) + encode_ranges(self.contexts)

    def encode_descriptors(self):
        out = varint(len(self.descriptors)) + counted(encode_columns(self.descriptors))
        return out + counted(self.differences) if self.has_adds else out

    @property
    def has_adds(self):
        return any(descriptor.kind == ADD for descriptor in self.descriptors)

    def read_contexts(self, reader):
        if self.coding in (WITH_CONTEXT, MODELLED):
            self.contexts = read_ranges(reader, 1 if self.coding == WITH_CONTEXT else 0)

    def read_descriptors(self, reader, limit):
        count = reader.varint(DESCRIPTORS)
        self.descriptors = decode_columns(reader.bytes(2**23), count, limit)
        if self.has_adds:
            self.differences = reader.bytes(2**22)


@dataclass
class Opened(Described):
    """§5.3: what is packed in a leaf."""

    bases: list
    packings: list
    coding: int
    contexts: list = field(default_factory=list)
    descriptors: list = field(default_factory=list)
    differences: bytes = b""
    literals: bytes = b""

    def encode(self):
        out = varint(len(self.bases)) + encode_ranges(self.bases) + counted(encode_packings(self.packings))
        out += bytes([self.coding]) + self.encode_contexts() + self.encode_descriptors()
        return out + counted(self.literals)


@dataclass
class Blueprint(Described):
    stream: int
    leaf: int
    tag: bytes
    descriptors: list
    coding: int = RAW
    learned: Optional[int] = None
    contexts: list = field(default_factory=list)
    differences: bytes = b""
    subtracted: bool = False
    opened: Optional[Opened] = None
    whole: bool = False

    def encode(self):
        out = bytes([self.stream]) + varint(self.leaf) + self.tag
        out += bytes([
            self.coding | (LEARNED if self.learned is not None else 0) | (SUBTRACTED if self.subtracted else 0)
            | (WHOLE if self.whole else 0)])
        if self.learned is not None:
            out += varint(self.learned)
        out += self.encode_contexts() + self.encode_descriptors()
        return out + self.opened.encode() if self.opened else out


def of_record(record):
    """The blueprint of a record of type 2. Literals that are told as they are must be as long as they are to be."""
    found = decode(record.fields)
    if len(record.tail) != found.literal_length and (found.coding == RAW or found.literal_length == 0):
        raise Malformed("literals of another length")
    check_frame(found, record.tail)
    return found


def check_frame(found, literals):
    if found.literal_length > LEAF:
        raise Malformed("too many literals")
    if found.literal_length == 0 and found.coding != RAW:
        raise Malformed("a coding of no literals")
    if found.coding not in (RAW, MODELLED) and not literals:
        raise Malformed("literals without a frame")


def decode(fields):
    reader = Reader(fields)
    stream, leaf, tag, flags = int(reader.flag()), reader.varint(2**40 - 1), reader.take(16), reader.flags(63)
    found = Blueprint(stream, leaf, tag, [], flags & 7)
    if found.coding > MODELLED:
        raise Malformed("an unknown coding")
    if flags & LEARNED:
        found.learned = reader.varint(ADDRESS)
    if flags & WHOLE:
        if found.learned is None:
            raise Malformed("a whole leaf that is not learned")
        found.whole = True
    found.read_contexts(reader)
    found.read_descriptors(reader, LEAF)
    if flags & SUBTRACTED:
        if not found.has_adds:
            raise Malformed("differences of nothing")
        found.subtracted = True
    packed = sum(descriptor.kind == PACKED for descriptor in found.descriptors)
    if packed:
        found.opened = read_opened(reader, packed)
    reader.end()
    return found


def read_opened(reader, count):
    if count > PACKINGS:
        raise Malformed("too many packed descriptors")
    bases = read_ranges(reader, 0, PACKINGS, OPENED)
    found = Opened(bases, decode_packings(reader.bytes(2**23), count), reader.varint(MODELLED))
    found.read_contexts(reader)
    found.read_descriptors(reader, OPENED)
    found.literals = reader.bytes(2**22)
    if found.coding == WITH_PREVIOUS or any(each.kind in (HELD, PACKED) for each in found.descriptors):
        raise Malformed("what may not be packed")
    if found.length != sum(packing.length for packing in found.packings):
        raise Malformed("content of another length")
    if found.coding == RAW and len(found.literals) != found.literal_length:
        raise Malformed("literals of another length")
    check_frame(found, found.literals)
    return found


def encode_ranges(ranges):
    out, end = b"", 0
    for span in ranges:
        out += signed(span.start - end) + varint(len(span) - 1)
        end = span.stop
    return out


def read_ranges(reader, least, most=64, limit=WINDOW_BYTES):
    count = reader.count(most, 2)
    if count < least:
        raise Malformed("too few contexts")
    ranges, end = [], 0
    for _ in range(count):
        start, length = end + reader.signed(), reader.varint(limit - 1) + 1
        end = start + length
        if start < 0 or end > ADDRESS:
            raise Malformed("a context beyond the limits")
        ranges.append(range(start, end))
    if sum(map(len, ranges)) > limit:
        raise Malformed("too long contexts")
    return ranges


class Columns:
    """§5.1: the descriptors one by one, over a coder of either direction."""

    def __init__(self, coder):
        self.numbers = Numbers(coder)
        self.before = self.second = self.place = self.choice = 0
        self.diagonals = [0]

    def descriptor(self, given=None):
        kind = self.numbers.choice(16 * self.before + self.second, 4, given and given.kind)
        if kind > PACKED:
            raise Malformed("an unknown kind of descriptor")
        length = self.numbers.number(kind, given and given.length - 1) + 1
        address = self._address(given) if kind in (COPY, ADD) else 0
        byte = self._byte(given) if kind == FILL else 0
        self.second, self.before = self.before, kind + 1
        self.place += length
        return Descriptor(kind, length, address, byte)

    def _address(self, given):
        choice, told = self._nearest(given.address - self.place) if given else (None, None)
        self.choice = self.numbers.choice(257 if self.choice else 256, 4, choice)
        if self.choice >= len(self.diagonals):
            raise Malformed("a diagonal that there is not")
        told = self.numbers.number(7 if self.choice else 6, told)
        diagonal = (self.diagonals[self.choice] + unzigzag(told)) % 2**64
        if told < 512:
            del self.diagonals[self.choice]
        self.diagonals = [diagonal, *self.diagonals[:15]]
        return (diagonal + self.place) % 2**64

    def _nearest(self, diagonal):
        """The choice that tells a diagonal in the fewest bits, and the difference from it."""
        told = [zigzag(wrapped(diagonal - other)) for other in self.diagonals]
        bits = [number.bit_length() + (choice and choice.bit_length() + 1) for choice, number in enumerate(told)]
        choice = bits.index(min(bits))
        return choice, told[choice]

    def _byte(self, given):
        high = self.numbers.choice(258, 4, given and given.byte >> 4)
        return high << 4 | self.numbers.choice(259 + high, 4, given and given.byte & 15)


def encode_columns(descriptors):
    columns = Columns(BitWriter())
    for descriptor in descriptors:
        columns.descriptor(descriptor)
    return columns.numbers.coder.finish()


def decode_columns(data, count, limit):
    if count == 0:
        raise Malformed("a leaf without descriptors")
    columns, found, total = Columns(BitReader(data)), [], 0
    for _ in range(count):
        descriptor = columns.descriptor()
        total += descriptor.length
        if total > limit or descriptor.address + descriptor.length > ADDRESS or columns.numbers.coder.is_overrun:
            raise Malformed("descriptors beyond the limits")
        found.append(descriptor)
    columns.numbers.coder.check()
    if encode_columns(found) != data:
        raise Malformed("columns that are not the only ones for their descriptors")
    return found


def code_packings(coder, count, given=None):
    """§5.3: packings, over a coder of either direction."""
    numbers, found, latest, blocks = Numbers(coder), [], 0, 0
    for place in range(count):
        one = given and given[place]
        length = numbers.number(0, one and one.length)
        level = numbers.choice(0, 4, one and one.level)
        behind = numbers.number(1, len(one.blocks) - 1 if one else None)
        blocks += behind + 1
        if not 0 < length <= OPENED or level not in EFFORTS or blocks > BLOCKS:
            raise Malformed("a packing beyond the limits")
        told = []
        for number in range(behind + 1):
            fixed = numbers.choice(1, 4, int(one.blocks[number][0]) if one else None)
            if fixed > 1:
                raise Malformed("an unknown kind of block")
            if number < behind:
                tokens = None if one is None else one.blocks[number][1]
                tokens = numbers.number(
                    2 + (number > 0), None if tokens is None else 0 if tokens == latest else tokens + 1)
                latest = tokens - 1 if tokens else latest
            told.append((bool(fixed), latest if number < behind else 0))
        found.append(Packing(length, level, tuple(told)))
    return found


def encode_packings(packings):
    coder = BitWriter()
    code_packings(coder, len(packings), packings)
    return coder.finish()


def decode_packings(data, count):
    coder = BitReader(data)
    found = code_packings(coder, count)
    coder.check()
    if encode_packings(found) != data:
        raise Malformed("packings that are not the only ones for what they tell")
    return found
