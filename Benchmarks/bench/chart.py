"""Pictures as SVG: lines of text, readable on light and on dark, with no other program."""

import dataclasses
import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP = 860, 120, 24, 92
MARKS = ("circle", "square", "triangle", "diamond", "ring", "cross", "bar", "plus")
LIGHT = ("#c2255c", "#0b63c5", "#2b7a0b", "#b35900", "#7048a8", "#00796b", "#6b6b00", "#555555")
DARK = ("#ff7aa8", "#6cb6ff", "#7ee06a", "#ffb454", "#c6a6ff", "#4fd6c4", "#e0e04f", "#c0c0c0")
PER_LEGEND_LINE = 4


@dataclasses.dataclass(frozen=True)
class Series:
    """Points by x, in the order of drawing. `dots`: points beside the line, where it was measured."""

    name: str
    points: tuple
    dots: tuple = ()


@dataclasses.dataclass(frozen=True)
class Scale:
    """A logarithmic axis from one value to another, over pixels."""

    least: float
    most: float
    start: float
    end: float

    def place(self, value):
        share = math.log(value / self.least) / math.log(self.most / self.least)
        return self.start + share * (self.end - self.start)

    def decades(self):
        first, last = (round(math.log10(each), 6) for each in (self.least, self.most))
        return [10.0 ** power for power in range(math.ceil(first), math.floor(last) + 1)]


def around(values):
    """The powers of ten that enclose these values."""
    least, most = (math.log10(each) for each in (min(values), max(values)))
    return 10 ** math.floor(least), 10 ** max(math.ceil(most), math.floor(least) + 1)


def dots(title, unit, rows, series, label):
    """One line for each row, one mark for each series on it; `points` are (row, value)."""
    height = TOP + 26 * len(rows) + 44
    values = [value for each in series for _, value in each.points]
    scale = Scale(*around(values), LEFT, WIDTH - RIGHT)
    bottom = height - 40
    parts = [_grid(scale, TOP - 12, bottom, label), _text(WIDTH / 2, height - 6, unit, "middle")]
    for number, row in enumerate(rows):
        y = TOP + 26 * number + 8
        parts += [_line(LEFT, y, WIDTH - RIGHT, y), _text(LEFT - 10, y + 4, row, "end")]
    for number, each in _first_on_top(series):
        for row, value in each.points:
            parts.append(_mark(number, scale.place(value), TOP + 26 * rows.index(row) + 8))
    return _document(title, height, series, parts)


def lines(title, x_unit, y_unit, series, x_label, y_label):
    """Both axes logarithmic; `points` and `dots` are (x, y)."""
    height = 470
    every = [point for each in series for point in (*each.points, *each.dots)]
    x_scale = Scale(*around([x for x, _ in every]), LEFT, WIDTH - RIGHT)
    y_scale = Scale(*around([y for _, y in every]), height - 46, TOP)
    parts = [_grid(x_scale, TOP, height - 46, x_label), _text(WIDTH / 2, height - 8, x_unit, "middle")]
    parts.append(_text(12, TOP - 10, y_unit, "start"))
    for value in y_scale.decades():
        y = y_scale.place(value)
        parts += [_line(LEFT, y, WIDTH - RIGHT, y), _text(LEFT - 8, y + 4, y_label(value), "end")]
    for number, each in _first_on_top(series):
        path = " ".join(f"{x_scale.place(x):.1f},{y_scale.place(y):.1f}" for x, y in each.points)
        parts.append(f'<polyline class="s{number % len(LIGHT)} curve" points="{path}"/>')
        parts += [_mark(number, x_scale.place(x), y_scale.place(y)) for x, y in each.dots]
    return _document(title, height, series, parts)


def _first_on_top(series):
    return reversed(list(enumerate(series)))


def _grid(scale, top, bottom, label):
    parts = []
    for value in scale.decades():
        x = scale.place(value)
        parts += [_line(x, top, x, bottom), _text(x, bottom + 16, label(value), "middle")]
    return "\n".join(parts)


def _document(title, height, series, parts):
    legend = []
    for number, each in enumerate(series):
        x = LEFT + (number % PER_LEGEND_LINE) * 180
        y = 42 + (number // PER_LEGEND_LINE) * 18
        legend += [_mark(number, x, y - 4), _text(x + 12, y, each.name, "start")]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title>", _style(), _text(WIDTH / 2, 20, title, "middle", "title"), *legend, *parts,
        "</svg>", "",
    ])


def _style():
    colours = [(LIGHT, "#24292f", "#d0d7de"), (DARK, "#e6edf3", "#3d444d")]
    light, dark = (_colours(*each) for each in colours)
    return (
        "<style>\ntext { font: 12px sans-serif; } .title { font-size: 15px; font-weight: bold; }\n"
        ".curve { fill: none; stroke-width: 2; } .open { fill: none; stroke-width: 2; }\n"
        f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n</style>")


def _colours(palette, text, line):
    series = "\n".join(
        f".s{number} {{ fill: {colour}; stroke: {colour}; }} .s{number}.curve {{ fill: none; }} "
        f".s{number}.open {{ fill: none; }}"
        for number, colour in enumerate(palette))
    return f"text {{ fill: {text}; }} .line {{ stroke: {line}; }}\n{series}"


def _text(x, y, words, anchor, kind=None):
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{escape(words)}</text>'


def _line(x1, y1, x2, y2):
    return f'<line class="line" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _mark(number, x, y):
    """A shape of its own for each series: colours alone do not tell them apart for everybody."""
    kind, style = MARKS[number % len(MARKS)], f"s{number % len(LIGHT)}"
    if kind in ("circle", "ring"):
        return f'<circle class="{style}{" open" if kind == "ring" else ""}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'
    shapes = {
        "square": "M-4,-4h8v8h-8z", "triangle": "M0,-5l5,9h-10z", "diamond": "M0,-6l5,6l-5,6l-5,-6z",
        "cross": "M-4,-4l8,8m0,-8l-8,8", "bar": "M0,-6v12", "plus": "M0,-5v10m-5,-5h10",
    }
    drawn = " open" if kind in ("cross", "bar", "plus") else ""
    return f'<path class="{style}{drawn}" transform="translate({x:.1f} {y:.1f})" d="{shapes[kind]}"/>'
