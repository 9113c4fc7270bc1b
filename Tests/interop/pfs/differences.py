"""model.md §5: the differences of a leaf's adds."""

from collections import defaultdict
from types import SimpleNamespace

from .codec import unzigzag, zigzag
from .mixing import Mixer, Table, U32, hashed
from .model import Numbers, Slot

QUIET = 24
U64 = 2**64 - 1
OPCODES = frozenset(bytes.fromhex(
    "01 03 0f 10 11 28 29 2e 2f 38 39 3a 3b 54 57 58 59 5c 5e 6f 7f 80 83 85 89 8b 8d c6 c7 db eb ef ff"))
TARGET, STRETCH, REGION, LATEST = range(4)
DATA = 4


def kind_of(first, second):
    """Which kind of distance two bytes open; 0 if none."""
    if second == 0xE8:
        return 1
    if second == 0xE9:
        return 2
    if first == 0x0F and 0x80 <= second <= 0x8F:
        return 3
    return DATA if second & 0xC7 == 5 and first in OPCODES else 0


class Distances:
    """§5.1: what is remembered of targets, and what it foretells."""

    def __init__(self, numbers, coder, descriptors):
        self.numbers, self.coder = numbers, coder
        self.stretches = sorted(stretches(descriptors))
        self.targets, self.regions = {}, {}
        self.latest = self.wrong = 0
        self.slots = defaultdict(Slot)

    def code(self, kind, since, address, place, old, new=None):
        """The new distance at `place` of the leaf, for the old one at `address` of the log."""
        target = address + 4 + old & U64
        source, shift = self._shift(kind, target)
        foretold = target + shift - place - 4 & U32
        feature = ((kind * 4 + source) * 8 + self.wrong) * 4 + (since < 8) + 2 * (foretold == old & U32)
        found = self._told(feature, kind, source, foretold, old & U32, new)
        self.wrong = (self.wrong << 1 | (found != foretold)) & 7
        self._learn(kind, target, place + 4 + signed32(found) - target)
        return found

    def _told(self, feature, kind, source, foretold, old, new):
        if not self._bit(2 * feature, new is not None and new != foretold, new):
            return foretold
        if foretold != old and not self._bit(2 * feature + 1, new is not None and new != old, new):
            return old
        told = None if new is None else zigzag(signed32(new - foretold))
        return foretold + unzigzag(self.numbers.number(4 + 2 * source + (kind < DATA), told)) & U32

    def _bit(self, slot, bit, new):
        slot = self.slots[slot]
        bit = self.coder.code(slot.probability(), None if new is None else int(bit))
        slot.learn(bit)
        return bit

    def _shift(self, kind, target):
        slot = slot_of(target, 14)
        if target and self.targets.get(slot, (0,))[0] == target:
            return TARGET, self.targets[slot][1]
        if kind < DATA:
            for address, _, length, shift in reversed(self.stretches):
                if address <= target:
                    if target < address + length + 32:
                        return STRETCH, shift
                    break
        region = target >> 12
        slot = slot_of(region, 12)
        if region and self.regions.get(slot, (0,))[0] == region:
            return REGION, self.regions[slot][1]
        return LATEST, self.latest

    def _learn(self, kind, target, shift):
        self.targets[slot_of(target, 14)] = (target, shift)
        self.regions[slot_of(target >> 12, 12)] = (target >> 12, shift)
        if kind == DATA:
            self.latest = shift


def stretches(descriptors):
    place = 0
    for descriptor in descriptors:
        if descriptor.is_from_log:
            yield descriptor.address, place, descriptor.length, place - descriptor.address
        place += descriptor.length


def slot_of(value, bits):
    return (value * 0x9E3779B97F4A7C15 & U64) >> 64 - bits


def signed32(value):
    return (value + 2**31 & U32) - 2**31


class Differences:
    """Codes the adds of a leaf in their order. What is given is coded, and what was coded comes back."""

    def __init__(self, coder, descriptors):
        self.coder = coder
        self.numbers = Numbers(coder)
        self.distances = Distances(self.numbers, coder, descriptors)
        self.flags, self.flag_table = Mixer(coder, 10), Table(12)
        self.values, self.value_table = Mixer(coder, 6), Table(13)
        self.last = self.second = self.run = 0

    def add(self, old, address, place, given=None):
        state = SimpleNamespace(old=old, new=bytearray(), given=given, history=0, since=QUIET, left=None)
        while (at := len(state.new)) < len(old):
            kind = 0
            if at >= 2 and len(old) - at >= 4:
                kind = kind_of(*state.new[-2:])
            if kind:
                self._distance(state, kind, address + at, place + at)
            elif self._is_same(state):
                state.new.append(old[at])
            else:
                self._value(state)
        return bytes(state.new)

    def _distance(self, state, kind, address, place):
        at = len(state.new)
        old = int.from_bytes(state.old[at : at + 4], "little", signed=True)
        new = None if state.given is None else int.from_bytes(state.given[at : at + 4], "little")
        state.new += self.distances.code(kind, state.since, address, place, old, new).to_bytes(4, "little")

    def _is_same(self, state):
        if state.since < QUIET:
            differs = self._flag(state)
            if not differs:
                state.history = state.history << 1 & U32
                state.since += 1
            return not differs
        if state.left is None:
            self._run(state)
        if state.left == 0:
            state.left = None
            return False
        if state.left > 0:
            state.left -= 1
        return True

    def _run(self, state):
        """Tells how many bytes are the same from here on; -1 left stands for all."""
        at = len(state.new)
        context = 3 if at == 0 else 0 if self.run == 0 else 1 if self.run < 64 else 2
        told = self.numbers.number(context, None if state.given is None else told_run(state))
        state.left = told - 1
        self.run = max(told - 1, 0)

    def _flag(self, state):
        at = len(state.new)
        old, before = state.old, state.new[-1] if at else 0
        ahead = int.from_bytes(old[at : at + 4], "little") if len(old) - at >= 4 else old[at]
        hashes = [
            hashed(1, state.history & 0xFFF), hashed(2, old[at] | before << 8, min(state.since, 3)),
            hashed(3, differences_behind(state), state.history & 7), hashed(4, ahead, state.history & 3)]
        bit = None if state.given is None else int(state.given[at] != old[at])
        chosen = 8 * min(state.since, 23) + (state.history >> 1 & 7)
        return self.flags.bit(chosen, [self.flag_table.single(h) for h in hashes], bit)

    def _value(self, state):
        at = len(state.new)
        old, before = state.old[at], state.new[-1] if at else 0
        hashes = [
            hashed(11, self.last | min(state.since, 4) << 8), hashed(12, old | before << 8),
            hashed(13, differences_behind(state), state.history & 3),
            hashed(14, old | self.last << 8 | self.second << 16, min(state.since, 4))]
        value = None if state.given is None else state.given[at] - old & 255
        value = self.values.byte(256 * min(state.since, 2), self.value_table, hashes, value)
        state.new.append(old + value & 255)
        self.second, self.last = self.last, value
        state.history = (state.history << 1 | 1) & U32
        state.since = 0


def differences_behind(state):
    at = len(state.new)
    d4, d8, d24 = ((state.new[at - k] - state.old[at - k]) & 255 if at >= k else 0 for k in (4, 8, 24))
    return d4 | d8 << 8 | d24 << 16


def told_run(state):
    """0 if no more bytes differ, else how many do not, plus one; bytes of distances are not counted."""
    at, same = len(state.new), 0
    while at < len(state.old):
        opens = at >= 2 and len(state.old) - at >= 4 and kind_of(*state.given[at - 2 : at])
        if opens:
            at += 4
        elif state.given[at] != state.old[at]:
            return same + 1
        else:
            at, same = at + 1, same + 1
    return 0
