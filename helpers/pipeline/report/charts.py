"""Two drawings of the report as inline SVG: the flow of a run, and a site's performance ratio day by day.

Every text from outside is escaped here. Colours are the page's, by class, so that they follow its theme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

WIDTH, HEIGHT = 340, 150
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 8, 24
CEILING = 2.0
"""The largest performance ratio that is drawn in its place; above it a day is drawn at the edge."""

# name → centre, top edge and width in a drawing of 560 by 606.
BOXES: dict[str, tuple[int, int, int]] = {
    "sources": (184, 4, 364),
    "relational": (468, 4, 180),
    "bronze": (184, 132, 200),
    "silver": (280, 260, 180),
    "quarantine": (92, 260, 180),
    "duplicates": (468, 260, 180),
    "gold": (280, 388, 200),
    "serving": (280, 516, 200),
}
BOX_HEIGHT = 86
ARROWS = (
    ("sources", "bronze"),
    ("bronze", "silver"),
    ("bronze", "quarantine"),
    ("bronze", "duplicates"),
    ("relational", "silver"),
    ("silver", "gold"),
    ("gold", "serving"),
)


def flow(texts: Mapping[str, tuple[str, str, str]]) -> str:
    """The tables of a run from source to serving. texts: box of BOXES → its title and two lines."""
    parts = [
        '<svg class="flow" viewBox="0 0 560 606" role="img" aria-labelledby="flow-title flow-text">',
        '<title id="flow-title">Flow of this run</title>',
        f'<desc id="flow-text">{escape(_told(texts))}</desc>',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" class="tip"/></marker></defs>',
    ]
    for start, end in ARROWS:
        (x1, y1, _), (x2, y2, _) = BOXES[start], BOXES[end]
        y1, y2 = y1 + BOX_HEIGHT, y2 - 2
        bend = (y1 + y2) // 2
        parts.append(f'<path d="M{x1} {y1}C{x1} {bend} {x2} {bend} {x2} {y2}" class="arrow" marker-end="url(#tip)"/>')
    for name, (x, y, width) in BOXES.items():
        title, *lines = texts[name]
        parts.append(
            f'<rect x="{x - width // 2}" y="{y}" width="{width}" height="{BOX_HEIGHT}" rx="8" class="box {name}"/>'
            f'<text x="{x}" y="{y + 26}" class="name">{escape(title)}</text>'
            + "".join(
                f'<text x="{x}" y="{y + 51 + 22 * row}" class="figures">{escape(line)}</text>'
                for row, line in enumerate(lines)
            )
        )
    return "".join(parts) + "</svg>"


def _told(texts: Mapping[str, tuple[str, str, str]]) -> str:
    return "; ".join(f"{title}: {', '.join(line for line in lines if line)}" for title, *lines in texts.values())


def daily_ratio(site: str, points: Sequence[tuple[date, float]]) -> str:
    """A site's performance ratio, a dot a day, between 0 and 2. points: (local date, ratio), by date."""
    first, last = points[0][0].toordinal(), points[-1][0].toordinal()
    span = max(1, last - first)
    inner = WIDTH - LEFT - RIGHT

    def x(day: date) -> float:
        # One day alone stands in the middle.
        return LEFT + (inner / 2 if first == last else inner * (day.toordinal() - first) / span)

    def y(ratio: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(max(ratio, 0.0), CEILING) / CEILING)

    dots = "".join(f"M{x(day):.1f} {y(ratio):.1f}h0" for day, ratio in points)
    grid = "".join(
        f'<path d="M{LEFT} {y(level):.1f}H{WIDTH - RIGHT}" class="grid{" one" if level == 1 else ""}"/>'
        f'<text x="{LEFT - 5}" y="{y(level) + 4:.1f}" class="axis end">{level:.1f}</text>'
        for level in (0.0, 0.5, 1.0, 1.5, 2.0)
    )
    dates = f'<text x="{LEFT}" y="{HEIGHT - 6}" class="axis">{points[0][0]}</text>'
    if first != last:
        dates += f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" class="axis end">{points[-1][0]}</text>'
    ordered = sorted(ratio for _, ratio in points)
    told = (
        f"Performance ratio of {site} on {len(points)} days from {points[0][0]} to {points[-1][0]}:"
        f" median {ordered[len(ordered) // 2]:.2f}, lowest {ordered[0]:.2f}, highest {ordered[-1]:.2f}"
    )
    size = "few" if len(points) <= 31 else "many"
    return (
        f'<svg class="ratio" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(told)}">'
        f'{grid}{dates}<path d="{dots}" class="dots {size}"/></svg>'
    )
