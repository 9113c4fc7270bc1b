"""model.md §7: packing deflate streams as gzip and zlib do."""

from dataclasses import dataclass

EFFORTS = {
    4: (4, 4, 16, 16), 5: (8, 16, 32, 32), 6: (8, 16, 128, 128), 7: (8, 32, 128, 256), 8: (32, 128, 258, 1024),
    9: (32, 258, 258, 4096)}
FARTHEST, FARTHEST_OF_LEAST, PATIENCE = 32506, 4096, 2**28
ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
LENGTH_EXTRA = [0] * 8 + [extra for extra in range(1, 6) for _ in range(4)] + [0]
DISTANCE_EXTRA = [0, 0] + [extra for extra in range(14) for _ in range(2)]
END = 256


def bases(extra, first):
    found = []
    for bits in extra:
        found.append(first)
        first += 1 << bits
    return found


LENGTH_BASES = bases(LENGTH_EXTRA[:-1], 3) + [258]
DISTANCE_BASES = bases(DISTANCE_EXTRA, 1)


@dataclass(frozen=True)
class Packing:
    length: int
    level: int
    blocks: tuple  # of (fixed, tokens)


class Patience:
    """§7.1: what is left of it, for all that is packed of a leaf."""

    def __init__(self):
        self.left = PATIENCE


def tokens_of(data, level, patience):
    """§7.1: bytes, and (length, distance)."""
    good, lazy, nice, chain = EFFORTS[level]
    heads, before, found = {}, {}, []

    def enter(place):
        if place + 3 > len(data):
            return 0
        key = (data[place] << 10 ^ data[place + 1] << 5 ^ data[place + 2]) & 0x7FFF
        before[place] = heads.get(key, 0)
        heads[key] = place
        return before[place]

    def equal(left, right):
        most = min(258, len(data) - left)
        count = 0
        while count < most and data[left + count] == data[right + count]:
            count += 1
        return count

    place, length, start, held = 0, 2, 0, False
    while place < len(data):
        candidate, old, old_start = enter(place), length, start
        length = 2
        if candidate and old < lazy and place - candidate <= FARTHEST:
            left, best, looks = len(data) - place, old, chain >> 2 if old >= good else chain
            if best >= left:
                length = left
            else:
                while True:
                    patience.left -= 1
                    count = equal(place, candidate)
                    if count > best:
                        best, start = count, candidate
                        if best >= min(nice, left):
                            break
                    candidate, looks = before[candidate], looks - 1
                    if candidate <= max(0, place - FARTHEST) or looks == 0:
                        break
                length = best
            if length == 3 and place - start > FARTHEST_OF_LEAST:
                length = 2
        if old >= 3 and length <= old:
            found.append((old, place - 1 - old_start))
            end = place - 1 + old
            for inner in range(place + 1, end):
                enter(inner)
            place, length, held = end, 2, False
            continue
        if held:
            found.append(data[place - 1])
        held = True
        place += 1
    if held:
        found.append(data[-1])
    if patience.left <= 0:
        raise OverflowError("no patience")
    return found


def code_lengths(counts, limit):
    """§7.2: the lengths, and the last symbol that has a code."""
    counts, depths, parents = dict(enumerate(counts)), {}, {}
    symbols = len(counts)
    heap = [None] + [symbol for symbol in range(symbols) if counts[symbol]]
    last = heap[-1] if len(heap) > 1 else -1
    while len(heap) < 3:
        symbol = last + 1 if last < 2 else 0
        last = max(last, symbol)
        counts[symbol] = 1
        heap.append(symbol)

    def smaller(left, right):
        return (counts[left], depths.get(left, 0)) <= (counts[right], depths.get(right, 0))

    def sink(place):
        node = heap[place]
        while 2 * place < len(heap):
            child = 2 * place
            if child + 1 < len(heap) and smaller(heap[child + 1], heap[child]):
                child += 1
            if smaller(node, heap[child]):
                break
            heap[place], place = heap[child], child
        heap[place] = node

    for place in range((len(heap) - 1) // 2, 0, -1):
        sink(place)
    taken, node = [], symbols
    while len(heap) > 2:
        least = heap[1]
        heap[1] = heap.pop()
        sink(1)
        following = heap[1]
        taken += [least, following]
        counts[node] = counts[least] + counts[following]
        depths[node] = max(depths.get(least, 0), depths.get(following, 0)) + 1
        parents[least] = parents[following] = node
        heap[1], node = node, node + 1
        sink(1)
    deep, excess, having = {heap[1]: 0}, 0, [0] * (limit + 1)
    for node in reversed(taken):
        depth = deep[parents[node]] + 1
        excess += depth > limit
        deep[node] = min(depth, limit)
        if node < symbols:
            having[deep[node]] += 1
    if excess:
        while excess > 0:
            length = max(length for length in range(1, limit) if having[length])
            having[length] -= 1
            having[length + 1] += 2
            having[limit] -= 1
            excess -= 2
        lengths = [length for length in range(limit, 0, -1) for _ in range(having[length])]
        deep |= dict(zip((node for node in taken if node < symbols), lengths))
    return [deep.get(symbol, 0) for symbol in range(symbols)], last


def codes_of(lengths):
    """RFC 1951 §3.2.2."""
    codes, code = {}, 0
    for length in range(1, 16):
        code <<= 1
        for symbol, own in enumerate(lengths):
            if own == length:
                codes[symbol] = (code, length)
                code += 1
    return codes


FIXED = (
    codes_of([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8), codes_of([5] * 30))


class Bits:
    def __init__(self):
        self.bits = []

    def put(self, value, count):
        self.bits += [value >> place & 1 for place in range(count)]

    def code(self, code):
        value, length = code
        self.bits += [value >> place & 1 for place in reversed(range(length))]

    def finish(self):
        self.bits += [0] * (-len(self.bits) % 8)
        return bytes(
            sum(bit << place for place, bit in enumerate(self.bits[start : start + 8]))
            for start in range(0, len(self.bits), 8))


def symbols_of(token):
    """Pairs of (is a distance, symbol, extra, bits)."""
    if isinstance(token, int):
        return [(False, token, 0, 0)]
    length, distance = token
    number = max(place for place, base in enumerate(LENGTH_BASES) if base <= length)
    far = max(place for place, base in enumerate(DISTANCE_BASES) if base <= distance)
    return [
        (False, 257 + number, length - LENGTH_BASES[number], LENGTH_EXTRA[number]),
        (True, far, distance - DISTANCE_BASES[far], DISTANCE_EXTRA[far])]


def runs_of(lengths):
    """(symbol, extra, bits) for lengths of codes."""
    found, place, before = [], 0, -1
    while place < len(lengths):
        length = lengths[place]
        most = 138 if length == 0 else 6 if length == before else 7
        count = 1
        while count < most and place + count < len(lengths) and lengths[place + count] == length:
            count += 1
        place += count
        if length == 0 and count >= 3:
            found.append((17, count - 3, 3) if count <= 10 else (18, count - 11, 7))
        elif length and length == before and count >= 3:
            found.append((16, count - 3, 2))
        elif length and length != before and count >= 4:
            found += [(length, 0, 0), (16, count - 4, 2)]
        else:
            found += [(length, 0, 0)] * count
        before = length
    return found


def write_block(out, tokens, fixed, last):
    out.put(int(last), 1)
    out.put(1 if fixed else 2, 2)
    told = [symbol for token in tokens for symbol in symbols_of(token)] + [(False, END, 0, 0)]
    literals, distances = FIXED if fixed else tell(out, told)
    for is_distance, symbol, extra, bits in told:
        out.code((distances if is_distance else literals)[symbol])
        out.put(extra, bits)


def tell(out, told):
    counts = [0] * 286, [0] * 30
    for is_distance, symbol, _, _ in told:
        counts[is_distance][symbol] += 1
    (literals, last), (distances, farthest) = (code_lengths(each, 15) for each in counts)
    runs = runs_of(literals[: last + 1]) + runs_of(distances[: farthest + 1])
    lengths, _ = code_lengths([sum(run[0] == symbol for run in runs) for symbol in range(19)], 7)
    needed = max(4, max(place for place in range(19) if lengths[ORDER[place]]) + 1)
    for value, bits in ((last - 256, 5), (farthest, 5), (needed - 4, 4)):
        out.put(value, bits)
    for symbol in ORDER[:needed]:
        out.put(lengths[symbol], 3)
    codes = codes_of(lengths)
    for symbol, extra, bits in runs:
        out.code(codes[symbol])
        out.put(extra, bits)
    return codes_of(literals), codes_of(distances)


def pack(data, level, blocks, patience=None):
    tokens, out, place = tokens_of(data, level, patience or Patience()), Bits(), 0
    for number, (fixed, count) in enumerate(blocks):
        last = number == len(blocks) - 1
        end = len(tokens) if last else place + count
        write_block(out, tokens[place:end], fixed, last)
        place = end
    return out.finish()
