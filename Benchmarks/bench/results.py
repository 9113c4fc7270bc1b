"""What was measured so far, in a file: a run may be done piece by piece, and taken up where it stopped."""

import dataclasses
import datetime
import json
import os


class Results:
    """Rows by pair, form and contestant, and transfers over links. A row counts only for the version that made it."""

    def __init__(self, path):
        self.path = path
        kept = json.loads(path.read_text()) if path.exists() else {}
        self.rows = kept.get("rows", {})
        self.links = kept.get("links", {})
        self.machine = kept.get("machine", {})

    def row(self, pair, form, contestant, version):
        row = self.rows.get(f"{pair} {form} {contestant}")
        return row if row and row["version"] == version else None

    def keep(self, pair, form, contestant, version, figures):
        """`figures`: what was measured, or why there is nothing."""
        told = {"failure": figures} if isinstance(figures, str) else dataclasses.asdict(figures)
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        self.rows[f"{pair} {form} {contestant}"] = {"version": version, "date": today} | told
        self.save()

    def link(self, pair, rate, rtt, version):
        kept = self.links.get(f"{pair} {rate} {rtt}")
        return kept["rows"] if kept and kept["version"] == version else None

    def keep_link(self, pair, rate, rtt, version, rows):
        self.links[f"{pair} {rate} {rtt}"] = {"version": version, "rows": rows}
        self.save()

    def save(self):
        """Whole or not at all: a run that is stopped leaves the last state."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        told = {"machine": self.machine, "rows": self.rows, "links": self.links}
        fresh.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n")
        os.replace(fresh, self.path)
