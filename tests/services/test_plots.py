"""Plots of DataFrames on the real Spark: few points are drawn, and the words say what."""

import pytest

from helpers.core.errors import UserError
from helpers.desk.playground import plot
from tests.conftest import desk_session

pytestmark = [pytest.mark.services, pytest.mark.proof]


@pytest.fixture(scope="module")
def spark(running):
    with desk_session() as own:
        yield own


@pytest.fixture(scope="module")
def hours(spark):
    """20,000 quarter hours with a decimal and a double, none of them in order."""
    return spark.sql(
        """SELECT timestampadd(MINUTE, 15 * id, TIMESTAMP '2024-01-01 00:00:00') AS at, sin(id / 100.0) AS wave,
                  CAST(id AS DECIMAL(12, 3)) AS kw, concat('site ', id % 3) AS site
           FROM range(20000) ORDER BY hash(id)"""
    )


def test_a_line_of_many_rows_is_averages_in_order(hours):
    shown = plot(hours, "line", x="at", y=["kw", "wave"])
    (kw, wave) = shown.figure.data
    assert len(kw.x) == len(wave.x) == 1000
    assert list(kw.x) == sorted(kw.x)
    assert (kw.y[0], kw.y[-1]) == (9.5, 19989.5)
    assert "averages of 1,000 equal spans of at" in str(shown)
    assert "kw: 1,000 points from 2024-01-01 00:00:00 to 2024-07-27 03:00:00" in str(shown)
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == str(shown)
    assert len(bundle["application/vnd.plotly.v1+json"]["data"]) == 2


def test_few_rows_are_drawn_as_they_are(hours):
    shown = plot(hours.groupBy("site").count().orderBy("site"), "bar", x="site", title="Rows")
    assert str(shown).splitlines() == [
        "Rows: count over site",
        "bar: site 0: 6,667, site 1: 6,667, site 2: 6,666",
    ]


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("scatter", {"x": "kw", "y": "wave"}, "1,000 rows, drawn at random"),
        ("bar", {"x": "at", "y": "kw"}, "the first 1,000 rows; group them first"),
        ("hist", {"y": "wave", "bins": 4}, "wave: [-"),
        ("box", {"y": "kw"}, "kw: quartiles"),
        ("kde", {"y": "wave"}, "wave: 100 points"),
    ],
)
def test_each_kind_says_what_it_shows(hours, kind, given, told):
    assert told in str(plot(hours, kind, **given))


def test_what_cannot_be_drawn_is_refused(hours):
    for call, told in (
        (lambda: plot(hours, "lines"), "near it: line"),
        (lambda: plot(hours, x="at", y="kv"), "near it: kw"),
        (lambda: plot(hours, y="kw"), "A line needs a column for its x"),
        (lambda: plot(hours, x="site", y="kw"), "no spans to average over"),
        (lambda: plot(hours.select("site"), "hist"), "No column holds numbers"),
        (lambda: plot(hours, x="at", y="kw", theme="darkly"), "near it: dark"),
    ):
        with pytest.raises(UserError, match=told):
            call()
