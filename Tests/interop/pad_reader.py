#!/usr/bin/env python3
"""Opens a one-time-pad message with the receiver's pad file: pad_reader.py PAD MESSAGE

Written from Specs/pads.md alone, and sharing nothing with the program. Writes to standard output what the sections carry,
put together, and tells the rest on standard error. Nothing is written of a message that is not authentic. It records
nothing as spent: it is for tests."""

import hashlib
import sys

BLOCK, KEY, CHECK, HEAD, TAG, MARK, MOST = 4096, 32, 16, 33, 16, 24, 64
MARKS = 9 + MOST * MARK


class Refused(Exception):
    """Not a pad, not a message, or not one that this pad opens."""


def need(condition, words):
    if not condition:
        raise Refused(words)


def number(data):
    return int.from_bytes(data, "big")


def header(file):
    """The header that a pad file begins with (§3)."""
    need(len(file) >= 67 and file[:8] == b"PFSPADF\2", "no pad file")
    found = file[: 67 + file[66]]
    need(len(found) == 67 + file[66] and file[56] < 3 and file[57] in (1, 2, 3), "malformed")
    need(file[24:40] < file[40:56] and 1 <= number(file[58:66]) <= 1 << 36, "malformed")
    need(text(found[67:]) is not None, "the source's name is no text")
    return found


def text(data):
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def keyed(key, data, salt, person=b"packetfs/1 pad  ", size=CHECK):
    """BLAKE2b under the check key."""
    return hashlib.blake2b(data, digest_size=size, key=key, salt=salt, person=person).digest()


class Pad:
    """The pad file (§3)."""

    def __init__(self, file):
        self.file, head = file, header(file)
        self.id, self.holder, self.blocks = file[8:24], file[56], number(file[58:66])
        need(self.holder in (1, 2), "not one side's copy")
        self.key = file[1024:1056]
        need(self.check(head, b"\xff" * 16) == file[1056:1072], "the header's check value does not hold")
        table = 2 * self.blocks * CHECK
        self.data = BLOCK + -(-table // BLOCK) * BLOCK
        need(len(self.file) == self.data + 2 * self.blocks * BLOCK, "the pad file has another length")

    def check(self, *values):
        return keyed(self.key, *values)

    def block(self, half, index):
        place = half * self.blocks + index
        data = self.file[self.data + place * BLOCK :][:BLOCK]
        expected = self.file[BLOCK + place * CHECK :][:CHECK]
        salt = half.to_bytes(8, "big") + index.to_bytes(8, "big")
        key = self.check(b"", salt, b"packetfs/1 block", KEY)
        need(poly1305(key, data) == expected, f"block {index} was destroyed or damaged")
        return data


def poly1305(key, message):
    """RFC 8439 §2.5."""
    prime, total = (1 << 130) - 5, 0
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    for start in range(0, len(message), 16):
        total = (total + int.from_bytes(message[start : start + 16] + b"\1", "little")) * r % prime
    return ((total + int.from_bytes(key[16:], "little")) & ((1 << 128) - 1)).to_bytes(16, "little")


def uncover(pad, message):
    """The plaintext of an authentic message (§6)."""
    head, cipher, tag = message[:HEAD], message[HEAD:-TAG], message[-TAG:]
    need(head[:8] == b"PFSOTPM\2" and cipher and len(cipher) % (BLOCK - KEY) == 0, "no message")
    half, start, count = head[24], number(head[25:33]), len(cipher) // (BLOCK - KEY)
    need(head[8:24] == pad.id and half == 2 - pad.holder, "a message of another pad, or one of this side's own")
    need(start + count <= pad.blocks, "beyond the pad")
    blocks = [pad.block(half, start + index) for index in range(count)]
    need(poly1305(blocks[0][:KEY], head + cipher) == tag, "not authentic")
    return bytes(a ^ b for a, b in zip(cipher, b"".join(block[KEY:] for block in blocks)))


def sections(plain):
    """Marks, destination and sections of a plaintext (§6)."""
    count = plain[8]
    need(count <= MOST and not any(plain[9 + MARK * count : MARKS]), "malformed marks")
    opened = [plain[9 + MARK * at :][:MARK] for at in range(count)]
    marks = number(plain[:8]), [(number(mark[:8]), mark[8:]) for mark in opened]
    length = number(plain[MARKS : MARKS + 2])
    place = MARKS + 2 + length
    destination, found = text(plain[MARKS + 2 : place]), []
    need(length < BLOCK and place <= len(plain) and destination is not None, "a malformed destination")
    while length := number(plain[place : place + 4]):
        found.append(plain[place + 4 : place + 4 + length])
        need(len(found[-1]) == length, "a section reaches beyond the message")
        place += 4 + length
    need(place + 4 <= len(plain) and not any(plain[place:]), "no end, or no zeros after it")
    return marks, destination, found


def main():
    try:
        pad, message = (open(name, "rb").read() for name in sys.argv[1:3])
        marks, destination, found = sections(uncover(Pad(pad), message))
    except Refused as refusal:
        sys.exit(f"pad_reader: {refusal}")
    print(f"seen {marks[0]}, opened {marks[1]}, destination {destination!r}, {len(found)} sections", file=sys.stderr)
    sys.stdout.buffer.write(b"".join(found))


if __name__ == "__main__":
    main()
