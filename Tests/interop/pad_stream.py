"""What the holder of a pad hears of a session that is covered with it: Specs/keystream.md §3 and §5."""

import hmac

from pad_reader import KEY, need, number

WAITING, ANNOUNCED = 2, 4096


def accept_cover(pad, payload, session, reserved):
    """Checks `cover` of the peer; `reserved` blocks of the own half are reserved. Returns what the peer has seen."""
    need(len(payload) == 41 and payload[0] == 1, "no cover of a pad")
    mark, proof, half = payload[17:25], payload[25:], 2 - pad.holder
    need(payload[1:17] == pad.id, "another pad")
    right = pad.check(bytes([half]) + mark + session, bytes(16), b"packetfs/1 hello")
    need(hmac.compare_digest(proof, right), "the peer does not hold the pad")
    need(number(mark) <= reserved, "the peer has seen more than was reserved")
    return number(mark)


class Uncovering:
    """Payloads of the peer, in order."""

    def __init__(self, pad):
        self.pad, self.spent, self.ahead, self.waiting = pad, set(), b"", []

    def announce(self, start, count):
        blocks = range(start, start + count)
        need(0 < count <= ANNOUNCED and blocks.stop <= self.pad.blocks, "too many blocks, or beyond the half")
        need(self.spent.isdisjoint(blocks), "spent blocks")
        need(len(self.waiting) < WAITING, "too many ranges wait")
        self.spent.update(blocks)
        self.waiting.append(blocks)

    def uncover(self, payload):
        while len(self.ahead) < len(payload):
            need(self.waiting, "nothing was announced for it")
            blocks = self.waiting.pop(0)
            self.ahead += b"".join(self.pad.block(2 - self.pad.holder, block)[KEY:] for block in blocks)
        cover, self.ahead = self.ahead[: len(payload)], self.ahead[len(payload) :]
        return bytes(a ^ b for a, b in zip(payload, cover))
