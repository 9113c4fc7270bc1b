"""model.md §2 to §4: bits, slots, numbers and choices."""

from collections import defaultdict

from .codec import Malformed

ONE = 2**22
RATES = [655360 // (10 * count + 16) for count in range(256)]


class Slot:
    __slots__ = ("value", "count")

    def __init__(self):
        self.value, self.count = ONE >> 1, 0

    def probability(self):
        return min(65504, max(32, self.value >> 6))

    def learn(self, bit):
        self.value += ((ONE - 1 if bit else 0) - self.value) * RATES[self.count] >> 16
        self.count = min(self.count + 1, 255)


class BitWriter:
    def __init__(self):
        self.low, self.high = 0, 2**32 - 1
        self.out = bytearray()

    def code(self, probability, bit):
        middle = self.low + ((self.high - self.low) * probability >> 16)
        if bit:
            self.high = middle
        else:
            self.low = middle + 1
        while (self.low ^ self.high) >> 24 == 0:
            self.out.append(self.low >> 24)
            self.low = self.low << 8 & 0xFFFFFFFF
            self.high = self.high << 8 & 0xFFFFFFFF | 0xFF
        return bit

    def finish(self):
        """§2: the least value within the interval, in the fewest bytes."""
        if self.low:
            for count in range(1, 5):
                step = 1 << 32 - 8 * count
                value = -(-self.low // step) * step
                if value <= self.high:
                    self.out += value.to_bytes(4, "big")[:count]
                    break
        return bytes(self.out)


class BitReader:
    def __init__(self, data):
        self.data, self.place = data, 0
        self.low, self.high, self.value = 0, 2**32 - 1, 0
        for _ in range(4):
            self._shift()

    def _shift(self):
        byte = self.data[self.place] if self.place < len(self.data) else 0
        self.place += 1
        self.value = self.value << 8 & 0xFFFFFFFF | byte

    def code(self, probability, _=None):
        middle = self.low + ((self.high - self.low) * probability >> 16)
        bit = 1 if self.value <= middle else 0
        if bit:
            self.high = middle
        else:
            self.low = middle + 1
        while (self.low ^ self.high) >> 24 == 0:
            self.low = self.low << 8 & 0xFFFFFFFF
            self.high = self.high << 8 & 0xFFFFFFFF | 0xFF
            self._shift()
        return bit

    @property
    def is_overrun(self):
        return self.place > len(self.data) + 4

    @property
    def is_used_up(self):
        return self.place >= len(self.data)

    def check(self):
        if self.is_overrun or not self.is_used_up:
            raise Malformed("a code that is overrun or not used up")


class Numbers:
    """§4, over a BitWriter or a BitReader: what is given is coded, and what was coded comes back."""

    def __init__(self, coder):
        self.coder = coder
        self.slots = defaultdict(Slot)

    def bit(self, slot, bit=None):
        slot = self.slots[slot]
        bit = self.coder.code(slot.probability(), bit)
        slot.learn(bit)
        return bit

    def number(self, context, number=None):
        known = number is not None
        length = (number + 1).bit_length() - 1 if known else 0
        exponent = 0
        while exponent < 63 and self.bit(("exponent", context, exponent), int(length > exponent) if known else None):
            exponent += 1
        found = 1
        for place in range(exponent):
            bit = number + 1 >> exponent - 1 - place & 1 if known else None
            slot = found if place < 4 else 16 + min(place, 15)
            found = found << 1 | self.bit(("bits", context, exponent, slot), bit)
        return found - 1

    def choice(self, context, width, choice=None):
        found = 1
        for place in reversed(range(width)):
            bit = None if choice is None else choice >> place & 1
            found = found << 1 | self.bit(("choice", context, found), bit)
        return found - (1 << width)
