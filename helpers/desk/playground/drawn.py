"""What a figure shows, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_MOST = 12
"""Bars and the like of which each is told."""


def drawn(figure: Figure, kind: str, said: str = "") -> str:
    """The kind, its axes, and of each trace its points, its range and, of few, each of them."""
    title = figure.layout.title.text
    axes = [words for words in (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) if words]
    of = f"{axes[1]} over {axes[0]}" if len(axes) == 2 else ""
    head = ": ".join(filter(None, (title, of))) if title else " of ".join(filter(None, (f"A {kind}", of)))
    return "\n".join(
        [f"{head}{f' ({said})' if said else ''}", *(line for one in figure.data for line in _trace(one, kind))]
    )


def _trace(trace: Any, kind: str) -> Iterator[str]:
    name = trace.name or kind
    if trace.type == "box":
        ends = f"{_shown(trace.lowerfence[0])} to {_shown(trace.upperfence[0])}"
        beyond = 0 if trace.y is None else len(trace.y[0])
        quartiles = "quartiles " + ", ".join(_shown(trace[part][0]) for part in ("q1", "median", "q3"))
        yield f"{name}: {quartiles}; whiskers {ends}; {beyond} points beyond"
        return
    places, values = (trace.labels, trace["values"]) if trace.type == "pie" else (trace.x, trace.y)
    if getattr(trace, "orientation", None) == "h":
        places, values = values, places
    pairs = list(zip(places if places is not None else (), values if values is not None else (), strict=False))
    filled = [pair for pair in pairs if pair[1] is not None and pair[1] == pair[1]]
    if not filled:
        yield f"{name}: nothing to draw"
    elif len(filled) <= _MOST and trace.type in ("bar", "pie"):
        labels = trace.text if trace.text is not None and len(trace.text) == len(pairs) else places
        yield f"{name}: " + ", ".join(
            f"{_shown(label)}: {_shown(value)}" for label, (_, value) in zip(labels, pairs, strict=True)
        )
    else:
        low, high = min(filled, key=lambda one: one[1]), max(filled, key=lambda one: one[1])
        yield (
            f"{name}: {len(filled):,} points from {_shown(filled[0][0])} to {_shown(filled[-1][0])};"
            f" least {_shown(low[1])} at {_shown(low[0])}, greatest {_shown(high[1])} at {_shown(high[0])}"
        )


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if hasattr(value, "isoformat"):
        return str(value.isoformat(sep=" ", timespec="auto") if hasattr(value, "hour") else value.isoformat())
    if hasattr(value, "astype") and value.dtype.kind == "M":
        return str(value.astype("datetime64[s]")).replace("T", " ")
    return (
        f"{value:,.6g}"
        if isinstance(value, float) or hasattr(value, "dtype")
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
