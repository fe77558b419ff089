import pytest

from helpers.bridge import translate
from helpers.bridge.verification.sides import Sides


class Spark:
    """Keeps what it is asked, as Spark would format it."""

    def sql(self, text, **tables):
        return text.format(**tables) if tables else text


@pytest.mark.parametrize(
    ("sql", "given", "asked"),
    [
        ("SELECT a FROM t", {"t": "T"}, "SELECT a FROM T AS `t`"),
        (
            "WITH t AS (SELECT * FROM t) SELECT a FROM t -- so",
            {"t": "T"},
            "WITH t AS (SELECT * FROM T AS `t`) SELECT a FROM t -- so",
        ),
        (
            "SELECT a FROM shop.`my t` AS m WHERE b = '{0}' OR EXISTS (SELECT 1 FROM u, `MY t`)",
            {"my_t": "T", "u": "U"},
            "SELECT a FROM T AS m WHERE b = '{0}' OR EXISTS (SELECT 1 FROM U AS `u`, T AS `MY t`)",
        ),
        (
            "SELECT a FROM shop.t TABLESAMPLE (10 PERCENT) WHERE b = '{0}'",
            {"t": "T"},
            "WITH `t` AS (SELECT * FROM T) (SELECT a FROM t TABLESAMPLE (10 PERCENT) WHERE b = '{0}'\n)",
        ),
        ("table  t", {"t": "T"}, "WITH `t` AS (SELECT * FROM T) (table  t\n)"),
        ("SELECT '{' AS a", {}, "SELECT '{' AS a"),
    ],
)
def test_the_query_reads_the_tables_that_it_is_given(sql, given, asked) -> None:
    assert Sides(translate(sql), Spark()).query(given) == asked


def test_another_query_may_be_asked_of_the_same_tables() -> None:
    sides = Sides(translate("SELECT a FROM t"), Spark())
    assert sides.query({"t": "T"}, "SELECT b FROM t") == "WITH `t` AS (SELECT * FROM T) (SELECT b FROM t\n)"


def test_the_code_sees_its_tables_whatever_the_case_of_their_names() -> None:
    sides = Sides(translate("SELECT a FROM T JOIN `my u` USING (a)"), Spark())
    assert sides.chosen({"t": 1, "MY U": 2, "other": 3}) == {"T": 1, "my_u": 2}
