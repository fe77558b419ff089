import pandas as pd
import plotly
import pytest
from plotly import graph_objects as go

from helpers.desk.playground.drawn import drawn
from helpers.desk.playground.plots import _dress

ROWS = pd.DataFrame(
    {
        "at": pd.date_range("2024-01-01", periods=20, freq="h"),
        "kw": [float(n) for n in range(20)],
        "site": list("ab") * 10,
    }
)


def test_a_line_is_told_by_its_ends_and_its_extremes():
    figure = plotly.plot(ROWS, "line", x="at", y="kw")
    assert drawn(figure, "line", "averages of 20 equal spans of at").splitlines() == [
        "A line of kw over at (averages of 20 equal spans of at)",
        "line: 20 points from 2024-01-01 00:00:00 to 2024-01-01 19:00:00;"
        " least 0 at 2024-01-01 00:00:00, greatest 19 at 2024-01-01 19:00:00",
    ]


@pytest.mark.parametrize("kind", ["bar", "barh"])
def test_few_bars_are_told_one_by_one(kind):
    few = pd.DataFrame({"site": ["north", "south"], "kwh": [1.5, 2.0]})
    x, y = ("site", "kwh") if kind == "bar" else ("kwh", "site")
    assert drawn(plotly.plot(few, kind, x=x, y=y), kind).splitlines()[1] == f"{kind}: north: 1.5, south: 2"


def test_a_pie_and_a_box_and_nothing_are_told():
    pie = go.Figure(go.Pie(labels=["a", "b"], values=[1, 3]))
    assert drawn(pie, "pie") == "A pie\npie: a: 1, b: 3"
    box = go.Box(name="kw", q1=[1.0], median=[2.0], q3=[3.0], lowerfence=[0.0], upperfence=[5.0], y=[[9.0, 8.0]])
    assert drawn(go.Figure(box), "box").splitlines()[1] == "kw: quartiles 1, 2, 3; whiskers 0 to 5; 2 points beyond"
    assert drawn(go.Figure(go.Scatter(x=[], y=[], name="kw")), "line").splitlines()[1] == "kw: nothing to draw"


def test_without_a_theme_the_page_shines_through_and_with_one_it_does_not():
    figure = plotly.plot(ROWS, "line", x="at", y="kw")
    _dress(figure, None)
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert (figure.layout.width, figure.layout.height) == (900, 400)
    for theme in ("light", "dark"):
        figure = plotly.plot(ROWS, "line", x="at", y="kw", title="Power")
        _dress(figure, theme)
        assert figure.layout.paper_bgcolor is None
        assert drawn(figure, "line").startswith("Power: kw over at")
