"""model.md §3: mixed bits, hashes and tables."""

from collections import defaultdict

from .model import Slot

U32 = 0xFFFFFFFF
KNOTS = [int(knot) for knot in """
    22 36 60 98 162 267 439 720 1179 1921 3108 4971 7812 11955 17625 24743 32768 40793 47911 53581 57724 60565 62428 63615
    64357 64816 65097 65269 65374 65438 65476 65500 65514""".split()]
MOST_WEIGHT = 7 << 14


def squash(x):
    knot, part = x + 2048 >> 7, x + 2048 & 127
    return KNOTS[knot] + (KNOTS[knot + 1] - KNOTS[knot]) * part // 128


def stretches():
    found, x = [], -2047
    for q in range(4096):
        while x < 2047 and squash(x) < 16 * q:
            x += 1
        found.append(x)
    return found


STRETCH = stretches()


def clamp(value, most):
    return max(-most, min(most, value))


def hashed(seed, a, b=0, c=0):
    z = (seed + 1) * 0x9E3779B1 & U32 ^ a
    z = (z ^ z >> 15) * 0x85EBCA6B & U32 ^ b
    z = (z ^ z >> 13) * 0xC2B2AE35 & U32 ^ c
    z = (z ^ z >> 16) * 0x27D4EB2F & U32
    return z ^ z >> 15


class Table:
    """2^L lines of 16 slots."""

    def __init__(self, bits):
        self.bits = bits
        self.slots = defaultdict(Slot)

    def line(self, hash_):
        return (hash_ * 0x9E3779B1 & U32) >> 32 - self.bits

    def single(self, hash_):
        return self.slots[self.line(hash_), hash_ * 0x9E3779B1 & 15]

    def of_line(self, hash_, slot):
        return self.slots[self.line(hash_), slot]


class Mixer:
    """Codes bits, each from four slots and a set of weights."""

    def __init__(self, coder, rate):
        self.coder, self.rate = coder, rate
        self.weights = defaultdict(lambda: [6144] * 4)

    def bit(self, chosen, slots, bit=None):
        weights = self.weights[chosen]
        opinions = [opinion(slot) for slot in slots]
        x = sum(weight * s for weight, s in zip(weights, opinions)) >> 14
        p = squash(max(-2048, min(2047, x)))
        bit = self.coder.code(p, bit)
        error = (bit << 16) - p
        for place, s in enumerate(opinions):
            weights[place] = clamp(weights[place] + (s * error * self.rate + (1 << 17) >> 18), MOST_WEIGHT)
        for slot in slots:
            slot.learn(bit)
        return bit

    def byte(self, chosen, table, hashes, byte=None):
        found = 1
        for place in range(8):
            if place == 4:
                hashes = [h ^ found * 0x01016B2F & U32 for h in hashes]
                half = 1
            elif place == 0:
                half = 1
            bit = None if byte is None else byte >> 7 - place & 1
            bit = self.bit(chosen + found, [table.of_line(h, half) for h in hashes], bit)
            found, half = found << 1 | bit, half << 1 | bit
        return found & 255


def opinion(slot):
    trust = min(4, slot.count + 1) if slot.count else 0
    return STRETCH[slot.value >> 10] * trust >> 2
