"""blueprint.md §2: values, blocks and columns of runs."""

import zstandard


class Malformed(Exception):
    """Bytes that the specification says must be refused."""


class Reader:
    """Takes values off bytes, in order, and refuses whatever is not their one encoding."""

    def __init__(self, data):
        self.data = bytes(data)
        self.place = 0

    @property
    def left(self):
        return len(self.data) - self.place

    def take(self, count):
        if count > self.left:
            raise Malformed("truncated")
        self.place += count
        return self.data[self.place - count : self.place]

    def rest(self):
        return self.take(self.left)

    def whole(self, width):
        return int.from_bytes(self.take(width), "big")

    def u8(self):
        return self.whole(1)

    def u32(self):
        return self.whole(4)

    def u64(self):
        return self.whole(8)

    def varint(self, most=2**64 - 1):
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 63:
                raise Malformed("a varint of more than 64 bits")
        if (byte == 0 and shift) or value >= 2**64:
            raise Malformed("a varint that is not the shortest form")
        if value > most:
            raise Malformed("beyond a limit")
        return value

    def signed(self):
        return unzigzag(self.varint())

    def flag(self):
        value = self.u8()
        if value > 1:
            raise Malformed("a flag that is neither 0 nor 1")
        return value == 1

    def flags(self, known):
        value = self.u8()
        if value & ~known:
            raise Malformed("a flag without a meaning")
        return value

    def id(self):
        return self.take(16)

    def optional_id(self):
        return self.id() if self.flag() else None

    def bytes(self, most=2**64 - 1):
        return self.take(self.varint(most))

    def text(self, most=2**64 - 1):
        return utf8(self.bytes(most))

    def path_text(self):
        data = self.bytes(4095)
        if 0 in data:
            raise Malformed("NUL in a path")
        return utf8(data)

    def count(self, most, least_bytes=1):
        """A count of items that follow and take at least so many bytes each."""
        value = self.varint(most)
        if value * least_bytes > self.left:
            raise Malformed("a count beyond the bytes that are left")
        return value

    def until_zero(self, most):
        end = self.data.find(b"\0", self.place)
        if end < 0 or end - self.place > most:
            raise Malformed("bytes without an end within the limit")
        found = self.take(end - self.place)
        self.take(1)
        return found

    def end(self):
        if self.left:
            raise Malformed("bytes left over")


def utf8(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8") from error


def zigzag(number):
    return (number << 1) ^ (number >> 63)


def unzigzag(value):
    return (value >> 1) ^ -(value & 1)


def wrapped(number):
    """A difference modulo 2^64, as two's complement."""
    return (number + 2**63) % 2**64 - 2**63


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(number):
    return varint(zigzag(number))


def counted(data):
    return varint(len(data)) + data


def text(string):
    return counted(string.encode("utf-8"))


def optional_id(identifier):
    return b"\0" if identifier is None else b"\1" + identifier


def read_block(reader, most):
    """§2.2. Gives at most `most` bytes."""
    if not reader.flag():
        return reader.bytes(most)
    length = reader.varint(most)
    frame = reader.bytes(length)
    return inflate(frame, length)


def block(data):
    packed = zstandard.ZstdCompressor().compress(data)
    if len(data) < 128 or len(packed) > len(data):
        return b"\0" + counted(data)
    return b"\1" + varint(len(data)) + counted(packed)


def inflate(frame, length, prefix=b""):
    """One zstd frame that gives exactly `length` bytes; a prefix is history before its content."""
    parameters = zstandard.get_frame_parameters(frame) if frame else None
    if parameters is None or parameters.window_size > 2**24 or parameters.dict_id:
        raise Malformed("a zstd frame beyond what is allowed")
    history = zstandard.ZstdCompressionDict(prefix, dict_type=zstandard.DICT_TYPE_RAWCONTENT) if prefix else None
    decoder = zstandard.ZstdDecompressor(dict_data=history, max_window_size=2**24).decompressobj()
    try:
        found = decoder.decompress(frame)
    except zstandard.ZstdError as error:
        raise Malformed("a zstd frame that does not decode") from error
    if not decoder.eof or decoder.unused_data or len(found) != length:
        raise Malformed("a zstd frame of another length")
    return found


def read_runs(reader, count, most=2**64 - 1):
    """§2.3: the value of each of `count` places."""
    values = []
    while len(values) < count:
        value = reader.varint(most)
        length = reader.varint() + 1
        if (values and values[-1] == value) or length > count - len(values):
            raise Malformed("runs that do not cover their values once")
        values += [value] * length
    return values


def runs(values):
    out = bytearray()
    for value, length in grouped(values):
        out += varint(value) + varint(length - 1)
    return bytes(out)


def grouped(values):
    """Runs of equal neighbours, as (value, length)."""
    found = []
    for value in values:
        if found and found[-1][0] == value:
            found[-1][1] += 1
        else:
            found.append([value, 1])
    return found
