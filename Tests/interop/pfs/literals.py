"""model.md §6: modelled literals."""

from .mixing import Mixer, Table, hashed

PAST, HASHES = 2**22, 18
SHORT, LONG, MOST, SPARSE = 5, 16, 32, 8
NOTHING = 256
U64 = 2**64 - 1


class Guess:
    """What one of the three foretellers says, and how it did."""

    def __init__(self):
        self.byte, self.length, self.history = NOTHING, 0, 0

    @property
    def level(self):
        return -1 if self.byte == NOTHING else self.length.bit_length()

    def learn(self, byte):
        if self.byte == NOTHING:
            return
        self.history = (self.history << 1 | (self.byte == byte)) & 0xFF
        self.length = min(self.length + 1, 63) if self.byte == byte else 0


class Past:
    """The bytes that are remembered, and the place among them that is followed."""

    def __init__(self, context):
        self.bytes = bytearray()
        self.short, self.long = {}, {}
        self.place = None
        for byte in context:
            self.bytes.append(byte)
            here = len(self.bytes)
            if here >= SHORT:
                self.short[self._short()] = here
            if here >= LONG and here % SPARSE == 0:
                self.long[self._long()] = here

    def last(self, count, back=0):
        """So many bytes as a number, with the latest lowest."""
        end = max(0, len(self.bytes) - back)
        return int.from_bytes(self.bytes[max(0, end - count) : end], "big")

    def foretold(self):
        return NOTHING if self.place is None else self.bytes[self.place]

    def remember(self, byte, guess):
        self.bytes.append(byte)
        if self.place is not None:
            self.place += 1
        here = len(self.bytes)
        if guess.length >= LONG or here < SHORT:
            return
        short, long = self._short(), self._long()
        self._follow(self.long.get(long), LONG, guess)
        if guess.length == 0:
            self._follow(self.short.get(short), SHORT, guess)
        self.short[short] = here
        if here >= LONG:
            self.long[long] = here

    def _short(self):
        return _hash(self.last(SHORT) << 64 - 8 * SHORT)

    def _long(self):
        return _hash(self.last(8) ^ self.last(8, back=8) * 0xC2B2AE3D27D4EB4F & U64)

    def _follow(self, place, least, guess):
        here = len(self.bytes)
        if place is None or here - place >= PAST - 64:
            return
        equal = 0
        while equal < min(MOST, place) and self.bytes[place - 1 - equal] == self.bytes[here - 1 - equal]:
            equal += 1
        if equal >= least and equal > guess.length:
            self.place, guess.length, guess.history = place, equal, (1 << min(8, equal // 4)) - 1


def _hash(mixed):
    return (mixed * 0x9E3779B97F4A7C15 & U64) >> 64 - HASHES


class Literals:
    """Codes the literals of a leaf, `count` bytes, in their order. What is given is coded, and what was coded comes
    back."""

    def __init__(self, coder, context, count):
        self.context = context
        self.past = Past(context)
        bits = count.bit_length()
        self.hits, self.hit_table = Mixer(coder, 6), Table(min(14, max(8, bits)))
        self.bytes, self.byte_table = Mixer(coder, 6), Table(min(16, max(8, bits + 2)))

    def literal(self, before, length, behind=None, ahead=None, given=None):
        """`before` is the 16 bytes of the leaf that stand before the literal, or as many as there are. A track is its
        start in the context, and where what counts of that begins and ends."""
        guesses = [Guess(), Guess(), Guess()]
        self.past.place = None
        for byte in before:
            self.past.remember(byte, guesses[2])
        found = bytearray()
        for place in range(length):
            guesses[0].byte = self._tracked(behind, place)
            guesses[1].byte = self._tracked(ahead, place)
            guesses[2].byte = self.past.foretold()
            found.append(self._byte(guesses, None if given is None else given[place]))
            for guess in guesses:
                guess.learn(found[-1])
            self.past.remember(found[-1], guesses[2])
        return bytes(found)

    def _tracked(self, track, place):
        if track is None or not track[1] <= track[0] + place < track[2]:
            return NOTHING
        return self.context[track[0] + place]

    def _byte(self, guesses, byte):
        source = max((2, 1, 0), key=lambda number: guesses[number].level)
        guess, level = guesses[source], guesses[source].level
        agreeing = sum(1 << n for n in range(3) if n != source and guesses[n].byte == guess.byte)
        one, two, three = (self.past.last(count) for count in (1, 2, 3))
        state = level + 1
        if level > 0:
            slots = [self.hit_table.single(h) for h in (
                hashed(31, min(guess.length, 31) | source << 8, guess.byte),
                hashed(32, guess.byte | one << 8, level),
                hashed(33, guess.byte | three << 8),
                hashed(34, guess.history, agreeing | level << 4))]
            if self.hits.bit(level << 3 | agreeing, slots, None if byte is None else int(byte == guess.byte)):
                return guess.byte
            state = 8
        hashes = [hashed(21, one), hashed(22, two), hashed(23, three), hashed(24, guess.byte, state)]
        return self.bytes.byte(256 if state == 8 else 0, self.byte_table, hashes, byte)
