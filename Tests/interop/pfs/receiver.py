"""blueprint.md §8: the receiving end of a transfer."""

from dataclasses import dataclass, field

from . import blueprint as plan
from . import control, manifest, records, repair
from .blob import Learning
from .codec import Malformed
from .frames import CONTROL, DATA, REPAIR
from .rebuild import LeafDecoder


@dataclass
class Received:
    offer: control.Offer
    entries: list = field(default_factory=list)
    contents: dict = field(default_factory=dict)
    extents: list = field(default_factory=list)
    counts: dict = field(default_factory=lambda: dict.fromkeys(control.RECEIPT_COUNTS, 0))
    kinds: set = field(default_factory=set)
    codings: set = field(default_factory=set)
    wanted: int = 0
    offers: int = 1


@dataclass
class Interrupted:
    """What a receiver keeps of a transfer that did not end: the first bytes of its files, by path."""

    transfer: bytes
    entries: list
    contents: dict

    @property
    def files(self):
        found = [(place, len(self.contents.get(entry.path, b""))) for place, entry in enumerate(self.entries)]
        return [(place, count) for place, count in found if count]


class Receiver:
    """`log` is the replica of the peer's log. `remembered` maps (transfer, path) to content that was committed. `left` is
    what an interrupted transfer left."""

    def __init__(self, session, log, remembered, left=None):
        self.session, self.log, self.remembered, self.left = session, log, remembered, left
        self.records = records.RecordReader()
        self.queue = []

    def receive(self, offer=None):
        """One whole transfer, from the offer to the receipt."""
        self.offers = 1
        self.found = Received(self._agree(offer or self._offer()), offers=self.offers)
        transfer = self.found.offer.transfer
        self.tagger = self.session.keys.tagger(transfer)
        self.learning = Learning(self.log)
        self.decoder = LeafDecoder(self._read, self._run, self._held)
        self.streams = {0: bytearray(), 1: bytearray()}
        self.leaves = {0: 0, 1: 0}
        self._take_streams(transfer)
        self.found.extents = self.learning.finish()
        receipt = control.Receipt(transfer, self.found.counts, extents=self.found.extents)
        self.session.say(control.RECEIPT, receipt.encode())
        return self.found

    def _offer(self):
        frame = self.session.hear()
        if (frame.plane, frame.type) != (CONTROL, control.OFFER):
            raise Malformed("no offer")
        return control.Offer.decode(frame.payload)

    def _agree(self, offer):
        """Accepts the offer if the sender knows our holdings; else tells them, and awaits another."""
        if self.log.id != offer.log:
            self.log.__init__(offer.log)
        differs = offer.holdings != self.log.holdings()
        left = self.left if offer.resumes and not offer.continues else None
        if not differs and not left:
            self.session.say(control.ACCEPT, offer.transfer)
            return offer
        if differs:
            self.session.say(control.HOLDINGS, control.holdings(self.log.id, self.log.extents))
        named = (left.transfer, left.files) if left else ()
        self.session.say(control.ANEW, control.anew(offer.transfer, *named))
        while True:
            frame = self.session.hear()
            if frame.plane == DATA:
                self.queue += self.records.feed(frame.payload)
            elif (frame.plane, frame.type) == (CONTROL, control.HOLDINGS):
                self._retain(*control.read_holdings(frame.payload))
            elif (frame.plane, frame.type) == (CONTROL, control.OFFER):
                self.offers += 1
                return self._agree(control.Offer.decode(frame.payload))

    @property
    def interrupted(self):
        """What there is of a transfer whose manifest has come."""
        contents = {
            self.found.entries[place].path: bytes(self.streams[1][span.start : span.stop])
            for place, span in self.spans.items()}
        return Interrupted(self.found.offer.transfer, self.found.entries, contents)

    def _retain(self, last, log, extents):
        """Drops what the sender does not know."""
        if log != self.log.id or not last:
            raise Malformed("holdings of another log, or in pieces")
        self.log.extents = [extent for extent in self.log.extents if extent in extents]

    def _take_streams(self, transfer):
        manifest_length, content_length = self._opening(transfer)
        if not self.found.offer.provisions:
            self._take_stream(0, manifest_length)
            self.found.entries = manifest.decode(self.streams[0])
            kept_from = records.read_origins(self._record(records.ORIGINS).fields)
            content_length = self._take_contents(kept_from, content_length)
        else:
            self._take_stream(1, content_length)

    def _opening(self, transfer):
        """The lengths that the accepted transfer opens with. Records of voided ones are passed over."""
        while True:
            record = self._record()
            if record.type == records.OPENING:
                opened, *lengths = records.read_opening(record.fields)
                if opened == transfer:
                    return lengths
            if self.offers == 1:
                raise Malformed("a record out of its turn")

    def _take_contents(self, kept_from, content_length):
        entries = self.found.entries
        files = [place for place, entry in enumerate(entries) if entry.kind == manifest.FILE]
        if len(kept_from) != len(files):
            raise Malformed("origins of another manifest")
        self.spans = spans = manifest.file_spans(entries, kept_from)
        if not self.found.offer.options.flags & control.DRY_RUN and content_length != sum(map(len, spans.values())):
            raise Malformed("a content stream of another length")
        missing = []
        for place, version in zip(files, kept_from):
            content = self.remembered.get((version, entries[place].path))
            if version and content is None:
                missing.append(place)
            elif version:
                self.found.contents[entries[place].path] = content
        if missing:
            self.session.say(control.WANT, control.want(ranges_of(missing)))
        self._take_stream(1, content_length)
        if missing:
            spans |= self._take_more(missing)
        for place, span in spans.items():
            self.found.contents[entries[place].path] = bytes(self.streams[1][span.start : span.stop])
        for path, content in self.found.contents.items():
            self.remembered[self.found.offer.transfer, path] = content
        self.found.counts |= {"written": len(spans), "kept": len(files) - len(spans),
                              "bytes_written": sum(map(len, spans.values()))}

    def _take_more(self, missing):
        self.found.wanted = len(missing)
        begin = len(self.streams[1])
        self.learning.close()
        spans = {}
        for place in missing:
            size = self.found.entries[place].size
            spans[place] = range(begin, begin + size)
            begin += size
        grown = records.read_more(self._record(records.MORE).fields)
        if grown != begin - len(self.streams[1]):
            raise Malformed("a stream that grows by another length")
        self._take_stream(1, begin)
        return spans

    def _take_stream(self, stream, length):
        while len(self.streams[stream]) < length:
            record = self._record(records.LEAF)
            leaf = plan.of_record(record)
            if (leaf.stream, leaf.leaf) != (stream, self.leaves[stream]):
                raise Malformed("a leaf out of its turn")
            if leaf.length != min(plan.LEAF, length - len(self.streams[stream])) and not self.found.offer.provisions:
                raise Malformed("a leaf of another length")
            self.streams[stream] += self._take_leaf(leaf, record.tail)
            self.leaves[stream] += 1

    def _take_leaf(self, leaf, tail):
        self.found.kinds |= {descriptor.kind for descriptor in leaf.descriptors}
        self.found.codings |= {leaf.coding} if leaf.literal_length else set()
        data = self.decoder.decode(leaf, tail)
        if self.tagger.leaf(leaf.stream, leaf.leaf, data) != leaf.tag:
            data = self._repair(leaf, bytearray(data))
        if leaf.learned is not None:
            self.learning.add(leaf.learned, self.decoder.learned(leaf, data))
        return data

    def _repair(self, leaf, data):
        """§7: asks for the parts that differ."""
        name = leaf.stream, leaf.leaf
        self.session.say(repair.FAILED, repair.leaf_id(*name), REPAIR)
        _, tags = repair.read_tags(self._repair_frame(repair.TAGS))
        wrong = [part for part, tag in enumerate(tags) if self._part_tag(name, part, data) != tag]
        self.session.say(repair.WANTED, repair.wanted(name, wrong), REPAIR)
        missing = sum(min(plan.PART, leaf.length - part * plan.PART) for part in wrong)
        while missing:
            _, part, offset, piece = repair.read_part(self._repair_frame(repair.PART))
            at = part * plan.PART + offset
            data[at : at + len(piece)] = piece
            missing -= len(piece)
            self.found.counts["bytes_repaired"] += len(piece)
        if any(self._part_tag(name, part, data) != tags[part] for part in wrong):
            raise Malformed("a part that its tag does not confirm")
        if self.tagger.leaf(*name, bytes(data)) != leaf.tag:
            raise Malformed("a leaf that its tag does not confirm")
        self.found.counts["repaired"] += 1
        return bytes(data)

    def _part_tag(self, name, part, data):
        return self.tagger.part(*name, part, bytes(data[part * plan.PART :][: plan.PART]))

    def _repair_frame(self, kind):
        """The next message of the repair plane. Data that comes meanwhile waits."""
        while True:
            frame = self.session.hear()
            if frame.plane == DATA:
                self.queue += self.records.feed(frame.payload)
            elif (frame.plane, frame.type) == (REPAIR, kind):
                return frame.payload
            else:
                raise Malformed("another message than was asked for")

    def _record(self, kind=None):
        while not self.queue:
            frame = self.session.hear()
            if frame.plane == DATA:
                self.queue += self.records.feed(frame.payload)
            elif (frame.plane, frame.type) != (CONTROL, control.DROPPED):
                raise Malformed("a message out of its turn")
        record = self.queue.pop(0)
        if kind and record.type != kind:
            raise Malformed("a record out of its turn")
        return record

    def _held(self, stream, leaf, place, length):
        """Bytes of the content stream that are here already."""
        begin, found = leaf * plan.LEAF + place, b""
        if stream != 1 or self.found.offer.continues != self.left.transfer:
            raise Malformed("held bytes of nothing")
        for entry, span in self.spans.items():
            first, last = max(span.start, begin), min(span.stop, begin + length)
            if first < last:
                kept = self.left.contents.get(self.found.entries[entry].path, b"")
                found += kept[first - span.start : last - span.start].ljust(last - first, b"\0")
        return found

    def _read(self, address, length):
        try:
            return self.learning.read(address, length)
        except Malformed:
            return self.log.read(address, length)

    def _run(self, address):
        return self.log.run(address) or self.learning.run(address)


def ranges_of(places):
    found = []
    for place in places:
        if found and found[-1].stop == place:
            found[-1] = range(found[-1].start, place + 1)
        else:
            found.append(range(place, place + 1))
    return found
