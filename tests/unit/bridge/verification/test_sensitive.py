import pytest

from helpers.bridge.parse import parse
from helpers.bridge.verification.sensitive import by_order


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT first(a) AS f FROM t",
        "SELECT collect_list(a) AS f FROM t",
        "SELECT row_number() OVER (ORDER BY a) AS n FROM t",
        "SELECT a FROM t WHERE a IN (SELECT b FROM u LIMIT 1)",
        "SELECT a FROM (SELECT a FROM t ORDER BY a LIMIT 3) AS d",
        "SELECT rand() AS r",
        "SELECT current_timestamp() AS now",
    ],
)
def test_what_depends_on_the_order_of_rows_on_chance_or_the_clock(sql: str) -> None:
    assert by_order(parse(sql))


@pytest.mark.parametrize(
    "sql",
    ["SELECT sum(a) AS s FROM t GROUP BY b", "SELECT a FROM t ORDER BY a LIMIT 3", "SELECT max(a) AS firsts FROM t"],
)
def test_what_does_not(sql: str) -> None:
    assert not by_order(parse(sql))
