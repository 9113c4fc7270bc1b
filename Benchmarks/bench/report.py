"""Raw rows to medians, ratios and targets, as tables of Markdown."""

import statistics

# case, ours, theirs, the least ratio of their seconds to ours
TARGETS = [
    ("large file, cold", "packetfs", "scp", 1.0),
    ("large file, cold", "packetfs --no-learn", "TLS pipe", 1.0),
    ("small files", "packetfs", "rsync over ssh", 1.0),
    ("small files, unchanged", "packetfs", "rsync over ssh", 1.0),
    ("large file, offsets only", "packetfs --offset-only", "dd", 0.5),
]
MEMORY_TARGET = 300e6


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def medians(rows):
    """One line per case and contestant: median seconds, rate, spread, processor time, peaks of memory."""
    groups = {}
    for row in rows:
        groups.setdefault((row["case"], row["contestant"]), []).append(row)
    lines = []
    for (case, contestant), group in groups.items():
        seconds = [row["seconds"] for row in group]
        middle = statistics.median(seconds)
        lines.append([
            case, contestant, f"{middle:.3f}", f"{group[0]['bytes'] / middle / 1e6:,.0f}",
            f"{min(seconds):.3f} to {max(seconds):.3f}", f"{_median(group, 'processor_seconds'):.2f}",
            _memory(group, "sender_bytes"), _memory(group, "receiver_bytes"),
        ])
    header = ["case", "contestant", "median s", "MB/s", "least to most s", "CPU s", "sender MB", "receiver MB"]
    return table(header, lines)


def _median(group, name):
    return statistics.median(row[name] for row in group)


def _memory(group, name):
    known = [row[name] for row in group if row[name] is not None]
    return f"{max(known) / 1e6:.0f}" if known else ""


def targets(rows):
    """Each target with the median, over rounds, of the ratio within a round; and whether all were met."""
    seconds = {(row["case"], row["contestant"], row["round"]): row["seconds"] for row in rows}
    lines, all_met = [], True
    for case, ours, theirs, least in TARGETS:
        ratios = [
            seconds[case, theirs, number] / taken
            for (found, contestant, number), taken in seconds.items()
            if found == case and contestant == ours and (case, theirs, number) in seconds
        ]
        if not ratios:
            continue
        ratio = statistics.median(ratios)
        all_met = all_met and ratio >= least
        lines.append([case, ours, theirs, f"{ratio:.2f}", f"{least:.1f}", "yes" if ratio >= least else "**no**"])
    peak = max((row[name] or 0 for row in rows for name in ("sender_bytes", "receiver_bytes")), default=0)
    all_met = all_met and peak <= MEMORY_TARGET
    lines.append([
        "memory of either process", "packetfs", "", f"{peak / 1e6:.0f} MB", f"{MEMORY_TARGET / 1e6:.0f} MB at most",
        "yes" if peak <= MEMORY_TARGET else "**no**",
    ])
    return table(["case", "ours", "against", "ratio of rates", "target", "met"], lines), all_met
