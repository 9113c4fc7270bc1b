"""blueprint.md §5: from a blueprint and its literals to the bytes of a leaf."""

import zlib

from . import blueprint as plan
from .codec import Malformed, inflate
from .differences import Differences
from .literals import Literals
from .model import BitReader
from .packing import Patience, pack
from .surroundings import Surroundings


class LeafDecoder:
    """Decodes the leaves of one transfer in order. `read` gives bytes of the sender's log, `run` the run that holds an
    address, `held` those of a leaf's place that an interrupted transfer left."""

    def __init__(self, read, run, held=None):
        self.read, self.run, self.held = read, run, held
        self.previous = {0: b"", 1: b""}

    def decode(self, leaf, tail):
        """The leaf as the descriptors give it; what is wrong with it shows in its tag."""
        pieces = [self._piece(leaf, place, descriptor) for place, descriptor in placed(leaf.descriptors)]
        context = b"".join(self.read(span.start, len(span)) for span in leaf.contexts)
        self._add(leaf, pieces)
        if leaf.opened:
            self._pack(leaf, pieces)
        if leaf.coding == plan.MODELLED:
            self._model(leaf, pieces, context, tail)
        else:
            self._fill(leaf, pieces, self._literals(leaf, context, tail))
        return b"".join(pieces)

    def learned(self, leaf, data):
        """What both ends learn of the leaf: its literal, held, added and packed bytes, or all of it."""
        if leaf.whole:
            return data
        return b"".join(
            data[place : place + descriptor.length] for place, descriptor in placed(leaf.descriptors)
            if descriptor.kind in (plan.LITERAL, plan.HELD, plan.ADD, plan.PACKED))

    def _piece(self, leaf, place, descriptor):
        if descriptor.is_from_log:
            return self.read(descriptor.address, descriptor.length)
        if descriptor.kind == plan.FILL:
            return bytes([descriptor.byte]) * descriptor.length
        if descriptor.kind == plan.HELD:
            if self.held is None:
                raise Malformed("held bytes of nothing")
            return self.held(leaf.stream, leaf.leaf, place, descriptor.length)
        return b""

    def _add(self, leaf, pieces):
        if not leaf.differences and not any(d.kind == plan.ADD for d in leaf.descriptors):
            return
        if leaf.subtracted:
            return self._sum(leaf, pieces)
        differences = Differences(BitReader(leaf.differences), leaf.descriptors)
        for number, (place, descriptor) in enumerate(placed(leaf.descriptors)):
            if descriptor.kind == plan.ADD:
                pieces[number] = differences.add(pieces[number], descriptor.address, place)

    def _pack(self, leaf, pieces):
        opened = leaf.opened
        base = self._base(opened)
        whole = range(len(base))
        inner = LeafDecoder(
            lambda start, length: base[start : start + length].ljust(length, b"\0"),
            lambda address: whole if address in whole else None)
        content = inner.decode(plan.Blueprint(
            leaf.stream, leaf.leaf, b"", opened.descriptors, opened.coding, None, opened.contexts, opened.differences),
            opened.literals)
        numbers = [number for number, each in enumerate(leaf.descriptors) if each.kind == plan.PACKED]
        patience = Patience()
        for number, packing in zip(numbers, opened.packings):
            try:
                pieces[number] = pack(content[: packing.length], packing.level, packing.blocks, patience)
            except OverflowError:
                return  # What is lacking shows in the tag.
            content = content[packing.length :]

    def _base(self, opened):
        """What the bases hold, up to one that is no stream, or too much."""
        base = b""
        for span in opened.bases:
            stream = zlib.decompressobj(-15)
            try:
                held = stream.decompress(self.read(span.start, len(span)), plan.OPENED - len(base) + 1)
            except zlib.error:
                break
            if not stream.eof or stream.unused_data or len(base) + len(held) > plan.OPENED:
                break
            base += held
        return base

    def _sum(self, leaf, pieces):
        adds = [number for number, descriptor in enumerate(leaf.descriptors) if descriptor.kind == plan.ADD]
        differences = inflate(leaf.differences, sum(len(pieces[number]) for number in adds), b"")
        for number in adds:
            told, differences = differences[: len(pieces[number])], differences[len(pieces[number]) :]
            pieces[number] = bytes((old + more) % 256 for old, more in zip(pieces[number], told))

    def _model(self, leaf, pieces, context, tail):
        around = Surroundings(leaf.descriptors, len(context), self.run)
        context += b"".join(self.read(span.start, len(span)) for span in around.ranges)
        literals, tracks = Literals(BitReader(tail), context, leaf.literal_length), around.tracks()
        for number, descriptor in enumerate(leaf.descriptors):
            if descriptor.kind == plan.LITERAL:
                before = b"".join(pieces[:number])[-16:]
                pieces[number] = literals.literal(before, descriptor.length, *next(tracks))

    def _literals(self, leaf, context, tail):
        length = leaf.literal_length
        if length == 0:
            return b""
        if leaf.coding == plan.RAW:
            found = tail
        else:
            prefix = {plan.WITH_CONTEXT: context, plan.WITH_PREVIOUS: self.previous[leaf.stream]}.get(leaf.coding, b"")
            if leaf.coding == plan.WITH_PREVIOUS and not prefix:
                raise Malformed("no literals before")
            try:
                found = inflate(tail, length, prefix)
            except Malformed:
                if leaf.coding != plan.WITH_CONTEXT:
                    raise
                return bytes(length)  # What it rests on may be damaged; that shows in the tag.
        if leaf.coding != plan.WITH_CONTEXT:
            self.previous[leaf.stream] = found[-plan.LEAF :]
        return found

    def _fill(self, leaf, pieces, literals):
        place = 0
        for number, descriptor in enumerate(leaf.descriptors):
            if descriptor.kind == plan.LITERAL:
                pieces[number] = literals[place : place + descriptor.length]
                place += descriptor.length


def placed(descriptors):
    place = 0
    for descriptor in descriptors:
        yield place, descriptor
        place += descriptor.length
