"""blob.md §3, §5 and §6: logs, extents, holdings and placement."""

import hashlib
import hmac

from .codec import Malformed
from .control import Extent
from .suites import AES_GCM, seal

EXTENT, ADDRESS = 2**24, 2**56
PIECE = 2**18
UNIT = 2**18


def extent_of(log, address, data):
    """§3: an extent with its digest, of tags of its pieces."""
    key = hashlib.sha256(b"packetfs/1 extent" + log).digest()
    digest = hashlib.sha256()
    for start in range(0, len(data), PIECE):
        nonce = bytes(4) + (address + start).to_bytes(8, "big")
        digest.update(seal(AES_GCM, key, nonce, b"", bytes(data[start : start + PIECE])))
    return Extent(address, len(data), digest.digest())


def holdings_digest(log, extents):
    digest = hashlib.sha256(log)
    for extent in extents:
        digest.update(extent.address.to_bytes(8, "big") + extent.length.to_bytes(8, "big") + extent.digest)
    return digest.digest()


def check_holdings(extents):
    """§5: sorted, disjoint, within the limits."""
    end = 0
    for extent in extents:
        if not 1 <= extent.length <= EXTENT or extent.address < end or extent.end > ADDRESS:
            raise Malformed("extents that are not sorted, not disjoint, or beyond the limits")
        end = extent.end


class Log:
    """What one end holds of a log: bytes by address, and the extents that are known to both."""

    def __init__(self, identifier):
        self.id = identifier
        self.extents = []
        self.bytes = {}
        self.next = 0

    def holdings(self):
        return holdings_digest(self.id, self.extents)

    def keep(self, extent, data):
        self.extents = sorted([*self.extents, extent], key=lambda held: held.address)
        self.bytes[extent.address] = bytearray(data)
        self.next = max(self.next, extent.end)

    def run(self, address):
        """The run of extents that holds an address."""
        start = end = None
        for extent in self.extents:
            if extent.address != end:
                if start is not None and start <= address < end:
                    break
                start = extent.address
            end = extent.end
        return range(start, end) if start is not None and start <= address < end else None

    def read(self, address, length):
        """Bytes of one run of extents. What is held may be damaged."""
        found = bytearray()
        while len(found) < length:
            place = address + len(found)
            held = next((extent for extent in self.extents if extent.address <= place < extent.end), None)
            if held is None:
                raise Malformed("a range outside of what is held")
            found += self.bytes[held.address][place - held.address :][: length - len(found)]
        return bytes(found)


class Learning:
    """§3: what one transfer learns, leaf by leaf, and the extents that it makes of it."""

    def __init__(self, log):
        self.log = log
        self.ranges = []
        self.open = bytearray()
        self.start = None
        self.done = []
        self.least = 0

    def add(self, address, data):
        """A leaf's range with its bytes, in the order of the leaves."""
        if not data:
            return
        end = address + len(data)
        overlaps = any(address < held.end and held.address < end for held in self.log.extents)
        if address < self.least or overlaps or end > ADDRESS:
            raise Malformed("a range that is not the log's to learn")
        if self.start is None or address != self.least or len(self.open) + len(data) > EXTENT:
            self.close()
            self.start = address
        self.open += data
        self.least = end
        self.ranges.append((address, bytes(data)))

    def close(self):
        if self.start is not None:
            self.done.append((extent_of(self.log.id, self.start, self.open), bytes(self.open)))
        self.start, self.open = None, bytearray()

    def read(self, address, length):
        for start, data in self._runs():
            if start <= address and address + length <= start + len(data):
                return data[address - start :][:length]
        raise Malformed("a range that was not learned")

    def run(self, address):
        return next((range(s, s + len(data)) for s, data in self._runs() if s <= address < s + len(data)), None)

    def _runs(self):
        start, run = None, bytearray()
        for address, data in self.ranges:
            if start is None or address != start + len(run):
                if start is not None:
                    yield start, bytes(run)
                start, run = address, bytearray()
            run += data
        if start is not None:
            yield start, bytes(run)

    def finish(self):
        """Keeps the extents and gives them."""
        self.close()
        for extent, data in self.done:
            self.log.keep(extent, data)
        return [extent for extent, _ in self.done]


def placement(key, address, count):
    """§6: the units of `count` provisioned bytes, by their numbers in the source, in the order of their places."""
    words = random_words(key, address, count)
    order = list(range(-(-count // UNIT)))
    for place in range(len(order) - 1, 0, -1):
        other = number_below(place + 1, words)
        order[place], order[other] = order[other], order[place]
    return order


def random_words(key, address, count):
    number = 0
    while True:
        data = b"packetfs/1 placement" + address.to_bytes(8, "big") + count.to_bytes(8, "big") + number.to_bytes(8, "big")
        block = hmac.new(key, data, hashlib.sha256).digest()
        yield from (int.from_bytes(block[at : at + 8], "big") for at in range(0, 32, 8))
        number += 1


def number_below(most, words):
    return next(word for word in words if word < 2**64 - 2**64 % most) % most
