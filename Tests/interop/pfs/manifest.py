"""blueprint.md §6: the manifest."""

from dataclasses import dataclass
from itertools import accumulate

from .codec import Malformed, Reader, counted, grouped, read_runs, runs, text, unzigzag, varint, zigzag

FILE, FOLDER, SYMLINK, HARD_LINK = range(4)
ENTRIES, PATH, COMPONENT, PATHS = 2**21, 4095, 255, 2**28
ATTRIBUTES = 2**20
SHAPES = 0o7777 * 8 + 7
SECONDS = 2**59


@dataclass
class Entry:
    path: bytes
    kind: int
    mode: int = 0o644
    sparse: bool = False
    time: tuple = (0, 0)
    owner: int = 0
    group: int = 0
    size: int = 0
    target: bytes = b""
    link: int = -1
    attributes: tuple = ()

    @property
    def shape(self):
        return self.mode * 8 + self.sparse * 4 + self.kind


def order(path):
    """Sorts paths component by component."""
    return path.split(b"/")


def encode(entries):
    out = bytes([1]) + varint(len(entries))
    out += runs([entry.shape for entry in entries]) + encode_paths([entry.path for entry in entries])
    out += encode_times([entry.time for entry in entries])
    out += runs([entry.owner for entry in entries]) + runs([entry.group for entry in entries])
    out += b"".join(varint(entry.size) for entry in entries if entry.kind == FILE)
    out += b"".join(entry.target + b"\0" for entry in entries if entry.kind == SYMLINK)
    out += b"".join(
        varint(place - entry.link - 1) for place, entry in enumerate(entries) if entry.kind == HARD_LINK)
    return out + encode_attributes([entry.attributes for entry in entries])


def encode_paths(paths):
    out, before = bytearray(), b""
    for path in paths:
        shared = common(before, path)
        out += varint(shared) + path[shared:] + b"\0"
        before = path
    return bytes(out)


def common(a, b):
    count = 0
    for x, y in zip(a, b):
        if x != y:
            break
        count += 1
    return count


def encode_times(times):
    out, before = bytearray(), 0
    for (seconds, nanoseconds), length in grouped(times):
        out += varint(zigzag(seconds - before) << 2 | (nanoseconds != 0) << 1 | (length > 1))
        if nanoseconds:
            out += nanoseconds.to_bytes(4, "big")
        if length > 1:
            out += varint(length - 2)
        before = seconds
    return bytes(out)


def encode_attributes(lists):
    out = bytearray()
    for attributes, length in grouped(lists):
        out += varint(len(attributes)) + b"".join(text(name) + counted(value) for name, value in attributes)
        out += varint(length - 1)
    return bytes(out)


def decode(data):
    reader = Reader(data)
    if reader.u8() != 1:
        raise Malformed("an unknown version")
    count = reader.count(ENTRIES, 2)
    shapes = read_runs(reader, count, SHAPES)
    entries = [Entry(path, shape & 3, shape >> 3, bool(shape & 4))
               for shape, path in zip(shapes, read_paths(reader, count))]
    if any(entry.sparse and entry.kind != FILE for entry in entries):
        raise Malformed("only files are sparse")
    check_tree(entries)
    for name, column in (("time", read_times(reader, count)), ("owner", read_runs(reader, count, 2**32 - 1)),
                         ("group", read_runs(reader, count, 2**32 - 1))):
        for entry, value in zip(entries, column):
            setattr(entry, name, value)
    read_kinds(reader, entries)
    for entry, attributes in zip(entries, read_attributes(reader, count)):
        entry.attributes = attributes
    reader.end()
    return entries


def read_paths(reader, count):
    paths, before, total = [], b"", 0
    for _ in range(count):
        shared = reader.varint(len(before))
        path = before[:shared] + reader.until_zero(PATH - shared)
        total += len(path)
        if total > PATHS or shared != common(before, path):
            raise Malformed("a path that is too long, or shares more")
        paths.append(path)
        before = path
    return paths


def check_tree(entries):
    folders, before = set(), None
    for place, entry in enumerate(entries):
        check_path(entry, place)
        if before is not None and order(entry.path) <= order(before):
            raise Malformed("paths that do not ascend")
        parent = entry.path.rpartition(b"/")[0]
        if parent and parent not in folders:
            raise Malformed("a parent that is no folder before it")
        if entry.kind == FOLDER:
            folders.add(entry.path)
        before = entry.path or None


def check_path(entry, place):
    if entry.path == b"":
        if place or entry.kind != FOLDER:
            raise Malformed("the root is the first entry, and a folder")
        return
    for component in entry.path.split(b"/"):
        if not 1 <= len(component) <= COMPONENT or component in (b".", b".."):
            raise Malformed("a component that is not allowed")


def read_times(reader, count):
    times, seconds, before = [], 0, None
    while len(times) < count:
        token = reader.varint()
        seconds += unzigzag(token >> 2)
        nanoseconds = reader.u32() if token & 2 else 0
        length = reader.varint() + 2 if token & 1 else 1
        found = (seconds, nanoseconds)
        if abs(seconds) > SECONDS or (token & 2 and not 0 < nanoseconds < 10**9):
            raise Malformed("a time beyond the limits")
        if found == before or length > count - len(times):
            raise Malformed("runs that do not cover the times once")
        times += [found] * length
        before = found
    return times


def read_kinds(reader, entries):
    total = 0
    for entry in entries:
        if entry.kind == FILE:
            entry.size = reader.varint(2**56)
            total += entry.size
    if total > 2**60:
        raise Malformed("sizes beyond a stream")
    for entry in entries:
        if entry.kind == SYMLINK:
            entry.target = reader.until_zero(PATH)
            if not entry.target:
                raise Malformed("a link to nothing")
    for place, entry in enumerate(entries):
        if entry.kind == HARD_LINK:
            entry.link = place - 1 - reader.varint()
            if entry.link < 0 or entries[entry.link].kind != FILE:
                raise Malformed("a hard link to no file before it")


def read_attributes(reader, count):
    lists, total = [], 0
    while len(lists) < count:
        attributes = tuple((reader.text(255), reader.bytes(65536)) for _ in range(reader.count(64, 2)))
        length = reader.varint() + 1
        names = [name for name, _ in attributes]
        if any(not name.startswith("user.") or name == "user." or "\0" in name for name in names):
            raise Malformed("an attribute that is not allowed")
        if any(a.encode() >= b.encode() for a, b in zip(names, names[1:])):
            raise Malformed("attributes that do not ascend")
        if (lists and lists[-1] == attributes) or length > count - len(lists):
            raise Malformed("runs that do not cover the attributes once")
        total += len(attributes)
        if total > ATTRIBUTES:
            raise Malformed("more attributes than a manifest can have")
        lists += [attributes] * length
    return lists


def file_spans(entries, kept_from):
    """Where the contents of the files that are in the content stream stand: entry to range."""
    files = [place for place, entry in enumerate(entries) if entry.kind == FILE]
    sent = [place for place, origin in zip(files, kept_from) if origin is None]
    ends = [0, *accumulate(entries[place].size for place in sent)]
    return {place: range(*span) for place, span in zip(sent, zip(ends, ends[1:]))}
