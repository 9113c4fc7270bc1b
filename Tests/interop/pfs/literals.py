"""model.md §6: modelled literals."""

from collections import defaultdict

from .mixing import Mixer, Table, U32, hashed
from .model import Slot

PAST = 2**22


class Past:
    """The bytes that are remembered, and the place among them that is followed."""

    def __init__(self, context):
        self.bytes = bytearray()
        self.places = {}
        self.length = 0
        self.place = None
        for byte in context:
            self.put(byte, follows=False)

    def lose(self):
        self.place, self.length = None, 0

    def foretold(self):
        return self.bytes[self.place]

    def latest(self, back=0):
        """Four bytes as a u32 with the latest highest."""
        end = len(self.bytes) - back
        return int.from_bytes(bytes(self.bytes[max(0, end - 4) : max(0, end)]).rjust(4, b"\0"), "little")

    def put(self, byte, follows=True):
        self.bytes.append(byte)
        if self.place is not None:
            self.place += 1
            self.length = min(self.length + 1, 63)
        if len(self.bytes) < 6:
            return
        mixed = self.latest() * 0x9E3779B1 ^ (self.latest(4) >> 16) * 0x85EBCA6B
        hash_ = (mixed & U32) * 0x2C1B3C6D & U32
        if follows and self.place is None:
            self._follow(self.places.get(hash_ >> 14))
        self.places[hash_ >> 14] = len(self.bytes)

    def _follow(self, place):
        here = len(self.bytes)
        if place is None or here - place >= PAST - 64:
            return
        equal = 0
        while equal < min(32, place) and self.bytes[place - 1 - equal] == self.bytes[here - 1 - equal]:
            equal += 1
        if equal >= 6:
            self.place, self.length = place, equal


class Literals:
    """Codes the literals of a leaf in their order. What is given is coded, and what was coded comes back."""

    def __init__(self, coder, context):
        self.coder = coder
        self.past = Past(context)
        self.followed = defaultdict(Slot)
        self.mixer, self.table = Mixer(coder, 6), Table(14)

    def literal(self, before, length, given=None):
        """`before` is the 16 bytes of the leaf that stand before the literal, or as many as there are."""
        self.past.lose()
        for byte in before:
            self.past.put(byte)
        found = bytearray()
        for place in range(length):
            found.append(self._byte(None if given is None else given[place]))
            self.past.put(found[-1])
        return bytes(found)

    def _byte(self, byte):
        if self.past.place is not None:
            foretold = self.past.foretold()
            slot = self.followed[256 * min(self.past.length, 31) + foretold]
            bit = self.coder.code(slot.probability(), None if byte is None else int(byte == foretold))
            slot.learn(bit)
            if bit:
                return foretold
            self.past.lose()
        latest = self.past.latest()
        hashes = [hashed(21 + number, latest >> 24 - 8 * number) for number in range(4)]
        return self.mixer.byte(0, self.table, hashes, byte)
