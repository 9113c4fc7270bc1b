"""blueprint.md §8: the sending end of a transfer."""

import os
from dataclasses import dataclass, field

import zstandard

from . import blueprint as plan
from . import control, manifest, records, repair
from .blob import Learning
from .codec import Malformed
from .frames import CONTROL, REPAIR
from .records import Record

LEAST_FILL = LEAST_COPY = 64
PIECE = 60000


@dataclass
class Interrupted:
    """What a sender remembers of a transfer that did not end."""

    transfer: bytes
    entries: list


@dataclass
class Sent:
    receipt: control.Receipt
    kinds: set = field(default_factory=set)
    offers: int = 1
    repaired: int = 0


class Sender:
    """Sends trees out of memory. `log` is our own log, with the extents that the peer acknowledged."""

    def __init__(self, session, log, coding=plan.ZSTD, spoil=lambda leaf, tail: tail):
        """`spoil` may damage the literals of a leaf on their way, so that they have to be repaired."""
        self.session, self.log, self.coding, self.spoil = session, log, coding, spoil

    @property
    def interrupted(self):
        return Interrupted(self.transfer, self.entries)

    def send(self, entries, contents, destination="", options=control.LEARN, earlier=None):
        """`earlier` is an interrupted transfer to the same destination."""
        self.entries, self.contents, self.earlier, self.held = entries, contents, earlier, {}
        self.found = Sent(None)
        self._offer(destination, options)
        while self.found.receipt is None:
            self._answer(self.session.hear(), destination, options)
        self._acknowledge()
        return self.found

    def _offer(self, destination, options, continues=None):
        self.transfer = os.urandom(16)
        self.tagger = self.session.keys.tagger(self.transfer)
        self.learns = bool(options & control.LEARN)
        self.learning, self.leaves = Learning(self.log), {}
        self.address = self.log.next
        offer = control.Offer(
            self.transfer, self.log.id, self.log.holdings(), self.earlier and self.earlier.transfer, continues,
            destination=destination, options=control.Options(options))
        self.session.say(control.OFFER, offer.encode())
        self.waits = offer.resumes is not None and continues is None
        if not self.waits:
            self._send_all()

    def _send_all(self):
        listing = manifest.encode(self.entries)
        content = b"".join(self.contents[entry.path] for entry in self.entries if entry.kind == manifest.FILE)
        files = sum(entry.kind == manifest.FILE for entry in self.entries)
        self._write(records.opening(self.transfer, len(listing), len(content)))
        self._send_stream(0, listing, [(len(listing), 0)])
        self._write(records.origins([None] * files))
        spans = [(entry.size, self.held.get(entry.path, 0)) for entry in self.entries if entry.kind == manifest.FILE]
        self._send_stream(1, content, spans)
        self.session.flush()

    def _write(self, record):
        self.session.write(record.encode())

    def _send_stream(self, stream, data, spans):
        """Cuts the stream into leaves, and each leaf where files end, and what the peer has of them. `spans` are pairs of
        a file's size and how many bytes of it the peer has."""
        ends, held, place = set(), [], 0
        for size, known in spans:
            held.append(range(place, place + min(size, known)))
            ends |= {held[-1].stop, place + size}
            place += size
        for number, start in enumerate(range(0, len(data), plan.LEAF)):
            stop = min(start + plan.LEAF, len(data))
            cuts = [start, *sorted(end for end in ends if start < end < stop), stop]
            pieces = [(data[a:b], any(a in span for span in held)) for a, b in zip(cuts, cuts[1:])]
            self._send_leaf(stream, number, pieces)

    def _send_leaf(self, stream, number, pieces):
        data = b"".join(piece for piece, _ in pieces)
        descriptors = [self._describe(*piece) for piece in pieces]
        literals, learned = (
            b"".join(piece for (piece, _), each in zip(pieces, descriptors) if each.kind in kinds)
            for kinds in ((plan.LITERAL,), (plan.LITERAL, plan.HELD)))
        leaf = plan.Blueprint(stream, number, self.tagger.leaf(stream, number, data), descriptors)
        if self.learns and learned:
            leaf.learned = self.address
            self.learning.add(self.address, learned)
            self.address += len(learned)
        tail = literals
        if literals and self.coding == plan.ZSTD:
            leaf.coding, tail = plan.ZSTD, zstandard.ZstdCompressor(level=3).compress(literals)
        if len(tail) > plan.LEAF or not literals:
            leaf.coding, tail = plan.RAW, literals
        self.leaves[stream, number] = data
        self.found.kinds |= {descriptor.kind for descriptor in descriptors}
        self._write(Record(records.LEAF, leaf.encode(), self.spoil(leaf, tail)))

    def _describe(self, piece, is_held):
        if is_held:
            return plan.Descriptor(plan.HELD, len(piece))
        if len(piece) >= LEAST_FILL and piece.count(piece[:1]) == len(piece):
            return plan.Descriptor(plan.FILL, len(piece), byte=piece[0])
        if len(piece) >= LEAST_COPY:
            for extent in self.log.extents:
                at = self.log.bytes[extent.address].find(piece)
                if at >= 0:
                    return plan.Descriptor(plan.COPY, len(piece), extent.address + at)
        return plan.Descriptor(plan.LITERAL, len(piece))

    def _answer(self, frame, destination, options):
        if frame.plane == REPAIR:
            self._answer_repair(frame)
        elif frame.plane != CONTROL:
            raise Malformed("data from a receiver")
        elif frame.type == control.HOLDINGS:
            self._learn_holdings(*control.read_holdings(frame.payload))
        elif frame.type == control.ANEW:
            self.found.offers += 1
            self._offer(destination, options, self._take_up(*control.read_anew(frame.payload)))
        elif frame.type == control.RECEIPT:
            self.found.receipt = control.Receipt.decode(frame.payload)
        elif frame.type != control.ACCEPT:
            raise Malformed("a message out of its turn")
        elif self.waits:
            self._send_all()

    def _take_up(self, last, voided, interrupted, files):
        """What the peer has of which files; returns the transfer that is gone on with."""
        if not last or voided != self.transfer:
            raise Malformed("anew in pieces, or of another offer")
        if self.earlier and interrupted == self.earlier.transfer:
            self.held = {self.earlier.entries[entry].path: held for entry, held in files}
        return interrupted

    def _learn_holdings(self, last, log, extents):
        """What the peer no longer holds is not pointed at any more."""
        if log != self.log.id or not last:
            raise Malformed("holdings of another log, or in pieces")
        self.log.extents = [extent for extent in self.log.extents if extent in extents]
        self.session.say(control.HOLDINGS, control.holdings(self.log.id, self.log.extents))

    def _answer_repair(self, frame):
        if frame.type == repair.FAILED:
            leaf = repair.read_failed(frame.payload)
            self.found.repaired += 1
            tags = [self.tagger.part(*leaf, part, data) for part, data in self._parts(leaf)]
            self.session.say(repair.TAGS, repair.leaf_id(*leaf) + b"".join(tags), REPAIR)
        elif frame.type == repair.WANTED:
            leaf, numbers = repair.read_wanted(frame.payload)
            parts = dict(self._parts(leaf))
            for number in numbers:
                for offset in range(0, len(parts[number]), PIECE):
                    piece = parts[number][offset : offset + PIECE]
                    self.session.say(repair.PART, repair.part(leaf, number, offset, piece), REPAIR)
        else:
            raise Malformed("a message of a sender")

    def _parts(self, leaf):
        data = self.leaves[leaf]
        return [(start // plan.PART, data[start : start + plan.PART]) for start in range(0, len(data), plan.PART)]

    def _acknowledge(self):
        """Both list an extent with one digest: it may be pointed at from now on."""
        self.learning.close()
        for extent, data in self.learning.done:
            if extent in self.found.receipt.extents:
                self.log.keep(extent, data)
        self.log.next = max(self.log.next, self.address)
