"""What covered bytes were seen of one half of a pad, and whether any place of it was seen with two values."""

BLOCK, KEY, HEAD, TAG = 4096, 32, 33, 16
COVER = BLOCK - KEY


class UsedTwice(Exception):
    """Bytes of the pad cover two plaintexts."""


class Covered:
    def __init__(self, blocks):
        self.blocks = blocks
        self.bytes = bytearray(blocks * BLOCK)
        self.known = bytearray(blocks * BLOCK)
        self.checked = 0

    def message(self, data, name):
        """A stored or written message, whole or not; what may be its tag is no ciphertext."""
        first, body = int.from_bytes(data[25:HEAD], "big"), data[HEAD:-TAG]
        for number, start in zip(range(first, self.blocks), range(0, len(body), COVER)):
            self._note(number * BLOCK + KEY, body[start : start + COVER], name)

    def keystream(self, told, name):
        """What a pad-worker told, as far as it came: the payloads follow the announced blocks, one after another."""
        places, offset = [], 0
        while offset < len(told):
            kind, offset = told[offset : offset + 1], offset + 1
            if kind == b"B":
                start, count = (int.from_bytes(told[at : at + 8], "big") for at in (offset, offset + 8))
                offset += 16
                if offset > len(told):
                    return
                places += [[block * BLOCK + KEY, (block + 1) * BLOCK] for block in range(start, start + count)]
                continue
            payload = told[offset + 4 : offset + 4 + int.from_bytes(told[offset : offset + 4], "big")]
            offset += 4 + len(payload)
            while payload and places:
                piece = payload[: places[0][1] - places[0][0]]
                self._note(places[0][0], piece, name)
                payload = payload[len(piece) :]
                places[0][0] += len(piece)
                if places[0][0] == places[0][1]:
                    places.pop(0)

    def _note(self, start, data, name):
        end = start + len(data)
        old, known = self.bytes[start:end], self.known[start:end]
        mask = int.from_bytes(known, "big") * 255
        if (int.from_bytes(old, "big") ^ int.from_bytes(data, "big")) & mask:
            raise UsedTwice(f"bytes from {start} of the pad cover two plaintexts ({name})")
        self.bytes[start:end] = data
        self.known[start:end] = b"\1" * len(data)
        self.checked += 1
