"""docs/BENCHMARKS.md and its pictures, from what was measured."""

import textwrap

from . import chart, corpora
from .report import table
from .standing import LINKS, mean

OURS = "packetfs"
# The ones that are drawn; the tables have all.
DRAWN = ("zstd -3 --patch-from", "zstd -19 --patch-from", "xdelta3 -9", "bsdiff", "hdiffpatch, lzma2", "rsync -z")

HEAD = """# Benchmarks

Releases of real software, from one version to the next, beside other tools on the same machine. `scripts/bench-peers`
fetches the pairs, installs the tools, measures, and writes this page and its pictures; `Benchmarks/README.md` tells how
each figure is made, and has what `scripts/bench-speed` measures: seconds on loopback, beside scp, rsync and pipes.
"""
RATES = tuple(10 ** (step / 8) for step in range(-8, 25))  # Mbit/s of the lines, 0.1 to 1,000
FORMS = {"tar": "As one tar file", "tree": "As a folder"}


class Page:
    """`standing`: what holds; `field`: the contestants; `versions` of their programs; `links`: transfers over slow
    links; `machine`: what everything was measured on."""

    def __init__(self, standing, field, versions, links, machine):
        self.standing, self.field, self.versions = standing, field, versions
        self.links, self.machine = links, machine

    def write(self, root):
        pictures = root / "docs" / "images"
        pictures.mkdir(exist_ok=True)
        sections = [HEAD, self._machine(), "## Wire bytes\n", *self._wire(), *self._comparisons(), *self._speed()]
        (pictures / "wire-bytes.svg").write_text(self._wire_picture())
        sections += self._over_links()
        if self.links:
            (pictures / "link-time.svg").write_text(self._link_picture())
        sections += [self._not_run(), self._commands()]
        (root / "docs" / "BENCHMARKS.md").write_text("\n".join(section.rstrip() + "\n" for section in sections))

    def _machine(self):
        told = ", ".join(f"{name} {value}" for name, value in self.machine.items())
        dates = sorted(row["date"] for row in self.standing.rows.values())
        when = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
        return prose(f"""Measured {when}: {told}. Bytes repeat exactly, or within a few where sessions draw random
            numbers; seconds were taken once each, on a machine that others used too: trust ratios.""")

    def _wire(self):
        pairs = self.standing.pairs
        yield prose("""Bytes of both directions. PacketFS: whole sessions, handshake included, without padding, between
            homes that moved the old release before; *sealed* is the data plane alone, which is what a patch compares
            with: the handshake and the receipts take about 2.7 KB whatever is moved.""")
        yield "![Bytes on the wire as a share of the new bytes, for each pair and tool](images/wire-bytes.svg)\n"
        for form, title in FORMS.items():
            yield f"### {title}\n"
            rows = [["size of the new one", *[f"{self.standing.sizes[pair, form]:,}" for pair in pairs]]]
            for name in self.standing.names(form):
                rows.append([name, *[_number(self.standing.bytes(pair, form, name)) for pair in pairs]])
                if name.startswith(OURS):
                    cells = [_number(self.standing.bytes(pair, form, name, sealed=True)) for pair in pairs]
                    rows.append([f"{name}, sealed", *cells])
            yield table(["", *pairs], rows) + "\n"

    def _comparisons(self):
        patches = [each.name for each in self.field if not each.name.startswith((OURS, "rsync")) and each.form == "tar"]
        for name in [each for each in self.standing.names("tar") if each.startswith(OURS)]:
            yield f"### {name}: sealed bytes beside the smallest patch\n"
            yield self._against("tar", name, patches, sealed=True)
            for form in FORMS:
                yield f"### {name}: whole sessions beside rsync, {FORMS[form].lower()}\n"
                yield self._against(form, name, ["rsync -z"])

    def _against(self, form, ours, others, *, sealed=False):
        found = self.standing.against(form, ours, others, sealed=sealed)
        if not found:
            return "Not run.\n"
        rows = [[pair, f"{mine:,}", f"{best:,}", whose, f"{mine / best:.3f}"] for pair, mine, best, whose in found]
        rows.append(["geometric mean", "", "", "", f"{mean([mine / best for _, mine, best, _ in found]):.3f}"])
        return table(["pair", "ours", "theirs", "whose", "ratio"], rows) + "\n"

    def _speed(self):
        yield "## Processor time\n"
        yield prose("""Over the pairs that each did: new bytes for each second of the encoder's processors, and seconds
            of the decoder's for each GB. For sessions these are the whole commands of both ends, with start-up,
            encryption, learning and indexing; rsync's two ends are counted together, hdiffpatch's start a Python.""")
        rows = []
        for form in FORMS:
            for name in self.standing.names(form):
                rate, cost = self.standing.speed(form, name)
                pairs = len(self.standing.done(form, name))
                decode = "" if name.startswith("rsync") else f"{cost * 1e9:.2f}"
                rows.append([name, form, pairs, f"{rate / 1e6:,.1f}", decode])
        yield table(["", "form", "pairs", "encode MB/s", "decode s/GB"], rows) + "\n"

    def _over_links(self):
        names = [name for name in self.standing.names("tar") if self._is_complete(name)]
        pairs = self.standing.common("tar", names)
        yield "## Time against the link's rate\n"
        yield prose(f"""Computed, not measured: seconds to move {', '.join(pairs)} as tars, one after another: the
            processor seconds of both ends, and the measured bytes at the link's rate. Nothing overlaps and no round trip
            is counted.""")
        rows = [
            [name, *[f"{self.standing.seconds(pairs, 'tar', name, rate):,.1f}" for rate in LINKS]] for name in names
        ]
        yield table(["", *[f"{rate:g} Mbit/s" for rate in LINKS]], rows) + "\n"
        if self.links:
            yield from self._measured_links()

    def _is_complete(self, name):
        """Whether it did every pair that ours did."""
        return set(self.standing.done("tar", OURS)) <= set(self.standing.done("tar", name))

    def _measured_links(self):
        pair = self.links[0]["pair"]
        yield f"![Seconds to move {pair} against the link's rate](images/link-time.svg)\n"
        yield prose(f"""The lines are computed as above, for {pair} as a tar; the marks were measured with
            `scripts/bench-link`, through a relay that gives each direction its rate and TCP's handshake its round trip.
            *Round trips* is what is left of the time beside the bytes, waiting and computing alike; TCP's handshake is
            one of them.""")
        rows = [
            [
                f"{row['rate'] / 1e6:g}", f"{row['rtt'] * 1000:g}", row["contestant"], f"{row['up_bytes']:,}",
                f"{row['down_bytes']:,}", f"{row['seconds']:.2f}", f"{row['least_seconds']:.2f}",
                f"{row['round_trips']:.2f}",
            ]
            for row in self.links
        ]
        header = ["Mbit/s", "round trip, ms", "", "bytes up", "bytes down", "s", "bytes / rate", "round trips"]
        yield table(header, rows) + "\n"

    def _wire_picture(self):
        sizes = self.standing.sizes
        names = [name for name in (OURS, *DRAWN) if name in self.standing.names("tar")]
        series = [
            chart.Series(f"{name}, sealed" if name == OURS else name, tuple(
                (pair, 100 * self.standing.bytes(pair, "tar", name, sealed=name == OURS) / sizes[pair, "tar"])
                for pair in self.standing.done("tar", name)))
            for name in names
        ]
        title = "Bytes on the wire for the next release, as one tar file"
        return chart.dots(title, "percent of the new bytes", self.standing.pairs, series, "{:g} %".format)

    def _link_picture(self):
        pair = self.links[0]["pair"]
        names = [name for name in (OURS, *DRAWN) if self.standing.row(pair, "tar", name)]
        measured = {"packetfs": OURS, "rsync over ssh": "rsync -z"}
        marks = {}
        for row in self.links:
            if row["contestant"] in measured:
                point = (row["rate"] / 1e6, row["seconds"])
                marks.setdefault(measured[row["contestant"]], []).append(point)
        series = [
            chart.Series(
                name, tuple((rate, self.standing.seconds([pair], "tar", name, rate)) for rate in RATES),
                tuple(marks.get(name, ())))
            for name in names
        ]
        title = f"Seconds to move {pair} ({corpora.versions(pair)}): lines computed, marks measured"
        return chart.lines(title, "link, Mbit/s", "seconds", series, "{:g}".format, "{:g} s".format)

    def _not_run(self):
        lines = ["## What was not run\n"]
        missing = {}
        for each in self.field:
            left = [pair for pair in self.standing.pairs if (pair, each.form, each.name) not in self.standing.rows]
            if left:
                missing[f"{each.name} ({each.form})"] = left
        lines += [f"- {name}: {', '.join(left)}" for name, left in missing.items()]
        lines += [f"- {name} ({form}), {pair}: {why}" for pair, form, name, why in self.standing.failures()]
        others = [name for name in corpora.PAIRS if name not in self.standing.pairs]
        if others:
            lines.append(f"- the pairs {', '.join(others)}")
        return "\n".join(lines if len(lines) > 1 else [*lines, "Everything was."])

    def _commands(self):
        lines = ["## Pairs, versions and command lines\n"]
        lines += [f"- {pair}: {corpora.versions(pair)}" for pair in self.standing.pairs]
        lines += ["", *(f"- {program} {version}" for program, version in self.versions.items())]
        lines += ["", "Names in braces are files of the run; `{size}` is that of the old one.", "", "```sh"]
        for each in self.field:
            if each.name in self.standing.names(each.form):
                lines += [f"# {each.name} ({each.form})", *each.commands()]
        return "\n".join([*lines, "```"])


def prose(text):
    return textwrap.fill(" ".join(text.split()), 120, break_on_hyphens=False) + "\n"


def _number(value):
    return "" if value is None else f"{value:,}"
