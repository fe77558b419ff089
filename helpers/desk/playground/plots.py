"""A plot of a DataFrame in one call, by Spark's own `df.plot`: few points are drawn, however many rows there are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.core.errors import UserError
from helpers.desk.playground.drawn import drawn
from helpers.desk.playground.naming import known
from helpers.desk.playground.own.suspicions import quoted
from helpers.desk.playground.spans import averaged
from helpers.desk.playground.spark_rows import Answer, column_in, frame_in

if TYPE_CHECKING:
    from plotly.graph_objects import Figure
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructField

_LINES, _ROWS, _OF_VALUES = ("line", "area"), ("bar", "barh", "pie"), ("hist", "box", "kde")
KINDS = (*_LINES, "scatter", *_ROWS, *_OF_VALUES)
_THEMES = ("light", "dark")
_COLORS = ("#3b8ed0", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#7f7fff")
"""Told apart without red and green, and on white as on black."""
_PLACES = 100
"""How many points a kde is computed at."""
_GREY = "#767676"
_WIDTH, _HEIGHT = 900, 400
_MARGIN = {"l": 60, "r": 20, "t": 50, "b": 50}


@dataclass(frozen=True)
class Plot:
    """A drawing. In a notebook it shows itself; `str()` is its text twin; `.figure` is plotly's, to change it."""

    figure: Figure
    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Both forms. JupyterLab draws the first with what plotly brought along: nothing comes from elsewhere."""
        shown = {**json.loads(self.figure.to_json()), "config": {"displaylogo": False}}
        return {"application/vnd.plotly.v1+json": shown, "text/plain": self.text}


def plot(
    data: Answer | DataFrame,
    kind: str = "line",
    x: str | None = None,
    y: str | Sequence[str] | None = None,
    theme: str | None = None,
    **options: Any,
) -> Plot:
    """Draws a DataFrame: a line, area, scatter, bar, barh, pie, hist, box or kde.

    x, y: columns; y may be several, all numbers if None. Of hist, box and kde y are columns whose values are shown.
    Lines of many rows are averages of equal spans of x, other kinds say how many rows they show. theme: "light" or
    "dark" paints the background; None fits both. options: plotly's own, as in title="..." or bins=20.
    Raises UserError for a kind or a column that is not there.
    """
    frame = frame_in(data, 'plot(df, "line", x="at", y="kw")')
    known("kind of plot", kind, KINDS, ", ".join(KINDS))
    if theme is not None:
        known("theme", theme, _THEMES, 'theme="light", theme="dark", or none')
    names = [y] if isinstance(y, str) else list(y) if y is not None else _numbers(frame, x)
    for name in [*([x] if x else []), *names]:
        column_in(frame, name)
    if not names:
        raise UserError("No column holds numbers to draw.", f"The columns are {', '.join(frame.columns)}")
    wanted = frame.select(*_columns(frame, x, names))
    if kind in _OF_VALUES:
        figure, said = _of_values(wanted, kind, names, options), ""
    else:
        if x is None:
            raise UserError(
                f"A {kind} needs a column for its x.", f'plot(df, "{kind}", x="{frame.columns[0]}", y=...)'
            )
        figure, said = _of_rows(wanted, kind, x, names, options)
    _dress(figure, theme)
    return Plot(figure, drawn(figure, kind, said))


def _of_values(frame: DataFrame, kind: str, names: Sequence[str], options: dict[str, Any]) -> Figure:
    # Spark's own defaults: as wide as one unit, whatever the unit, and each of 1,000 places computed over all rows.
    given = {"bw_method": _width(frame, names), "ind": _PLACES, **options} if kind == "kde" else options
    return frame.plot(kind=kind, column=list(names), **given)


def _of_rows(
    frame: DataFrame, kind: str, x: str, names: Sequence[str], options: dict[str, Any]
) -> tuple[Figure, str]:
    most = int(frame.sparkSession.conf.get("spark.sql.pyspark.plotting.max_rows") or 1000)
    count = frame.limit(most + 1).count()
    said = ""
    if count > most and kind in _LINES:
        frame, said = averaged(frame, x, names, most)
    elif count > most and kind in _ROWS:
        said = f"the first {most:,} rows; group them first to see all"
    elif count > most:
        said = f"{most:,} rows, drawn at random"
    if kind in _LINES:
        frame = frame.orderBy(quoted(x))
    return frame.plot(kind=kind, x=x, y=names[0] if len(names) == 1 else list(names), **options), said


def _width(frame: DataFrame, names: Sequence[str]) -> float:
    """Scott's width of a kernel, for the column that spreads least."""
    from pyspark.sql import functions as F

    wanted = [F.stddev(quoted(name)) for name in names]
    spread, count = min(filter(None, frame.agg(*wanted).collect()[0]), default=1.0), max(1, frame.count())
    return float(spread) * count**-0.2


def _columns(frame: DataFrame, x: str | None, names: Sequence[str]) -> list[Any]:
    """The columns to draw; decimals as doubles, which plotly would take for texts."""
    from pyspark.sql import functions as F
    from pyspark.sql.types import DecimalType

    types = {one.name: one.dataType for one in frame.schema.fields}
    return [
        F.col(quoted(name)).cast("double").alias(name)
        if isinstance(types[name], DecimalType)
        else F.col(quoted(name))
        for name in dict.fromkeys([*([x] if x else []), *names])
    ]


def _numbers(frame: DataFrame, x: str | None) -> list[str]:
    from pyspark.sql.types import NumericType

    fields: list[StructField] = frame.schema.fields
    return [one.name for one in fields if isinstance(one.dataType, NumericType) and one.name != x]


def _dress(figure: Figure, theme: str | None) -> None:
    """Colours that can be read: of the wanted theme, else on whatever the page has."""
    figure.update_layout(
        template=None if theme is None else {"light": "plotly_white", "dark": "plotly_dark"}[theme],
        colorway=list(_COLORS),
        margin=_MARGIN,
        # Without both, a plot that Lab shows again after it was out of view is as flat as an empty line.
        width=figure.layout.width or _WIDTH,
        height=figure.layout.height or _HEIGHT,
    )
    for number, trace in enumerate(figure.data):
        _paint(trace, _COLORS[number % len(_COLORS)])
    if theme is None:
        lines = {"gridcolor": "rgba(128,128,128,0.3)", "zerolinecolor": "rgba(128,128,128,0.6)", "linecolor": _GREY}
        figure.update_layout(
            paper_bgcolor="rgba(0,0,0,0)",
            plot_bgcolor="rgba(0,0,0,0)",
            font={"color": _GREY},
            modebar={"bgcolor": "rgba(0,0,0,0)", "color": _GREY, "activecolor": _COLORS[0]},
        )
        figure.update_xaxes(**lines)
        figure.update_yaxes(**lines)


def _paint(trace: Any, color: str) -> None:
    """plotly's express gives each trace a colour of its own template."""
    for part in ("line", "marker"):
        if part in trace and trace.type != "pie":
            trace[part].color = color
