"""What rows come to: bests, means, and the time that a link would make of them."""

import math

LINKS = (0.1, 1, 10, 100, 1000)  # Mbit/s


def mean(ratios):
    """The geometric one."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


class Standing:
    """Rows that hold, by pair, form and contestant. `sizes`: bytes of each pair's new tar and new tree."""

    def __init__(self, rows, pairs, sizes):
        self.rows, self.pairs, self.sizes = rows, pairs, sizes

    def row(self, pair, form, contestant):
        row = self.rows.get((pair, form, contestant))
        return row if row and "failure" not in row else None

    def failures(self):
        return [(*key, row["failure"]) for key, row in self.rows.items() if "failure" in row]

    def names(self, form):
        """Of those that did at least one pair."""
        return list(dict.fromkeys(name for _, kind, name in self.rows if kind == form and self.done(form, name)))

    def done(self, form, name):
        return [pair for pair in self.pairs if self.row(pair, form, name)]

    def bytes(self, pair, form, name, *, sealed=False):
        row = self.row(pair, form, name)
        return row and (row["parts"]["sealed_bytes"] if sealed else row["bytes"])

    def against(self, form, ours, others, *, sealed=False):
        """Pair, our bytes, the others' best bytes, whose: where both are known."""
        found = []
        for pair in self.pairs:
            mine = self.bytes(pair, form, ours, sealed=sealed)
            known = [(self.bytes(pair, form, name), name) for name in others if self.row(pair, form, name)]
            if mine and known:
                found.append((pair, mine, *min(known)))
        return found

    def speed(self, form, name):
        """Over the pairs that it did: new bytes for each second of the encoder's processor, and seconds of the
        decoder's for each byte."""
        pairs = self.done(form, name)
        size = sum(self.sizes[pair, form] for pair in pairs)
        rows = [self.row(pair, form, name) for pair in pairs]
        encode, decode = (sum(row[key] for row in rows) for key in ("encode_cpu", "decode_cpu"))
        return size / max(encode, 0.001), decode / size

    def seconds(self, pairs, form, name, megabits):
        """Of these pairs one after another over a link: processor seconds of both ends, and the bytes at its rate; nothing
        overlaps, no round trips."""
        rows = [self.row(pair, form, name) for pair in pairs]
        return sum(row["encode_cpu"] + row["decode_cpu"] + row["bytes"] * 8 / (megabits * 1e6) for row in rows)

    def common(self, form, names):
        """The pairs that all of these did."""
        return [pair for pair in self.pairs if all(self.row(pair, form, name) for name in names)]
