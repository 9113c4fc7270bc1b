"""blueprint.md §7: messages of the repair plane."""

from .codec import Malformed, Reader, block, read_block, varint

FAILED, TAGS, WANTED, PART = range(1, 5)


def leaf_id(stream, leaf):
    return bytes([stream]) + varint(leaf)


def read_leaf_id(reader):
    stream = reader.flag()
    return int(stream), reader.varint(2**40 - 1)


def read_failed(payload):
    reader = Reader(payload)
    found = read_leaf_id(reader)
    reader.end()
    return found


def read_tags(payload):
    reader = Reader(payload)
    leaf = read_leaf_id(reader)
    if reader.left % 16 or not 1 <= reader.left // 16 <= 64:
        raise Malformed("tags in a wrong number")
    return leaf, [reader.take(16) for _ in range(reader.left // 16)]


def read_wanted(payload):
    reader = Reader(payload)
    leaf, parts = read_leaf_id(reader), reader.u64()
    reader.end()
    if parts == 0:
        raise Malformed("no part is wanted")
    return leaf, [part for part in range(64) if parts >> part & 1]


def wanted(leaf, parts):
    return leaf_id(*leaf) + sum(1 << part for part in parts).to_bytes(8, "big")


def part(leaf, number, offset, data):
    return leaf_id(*leaf) + bytes([number]) + varint(offset) + block(data)


def read_part(payload):
    reader = Reader(payload)
    leaf, number = read_leaf_id(reader), reader.u8()
    offset = reader.varint(65535)
    data = read_block(reader, 65536 - offset)
    reader.end()
    if number > 63 or not data:
        raise Malformed("a part beyond the limits")
    return leaf, number, offset, data
