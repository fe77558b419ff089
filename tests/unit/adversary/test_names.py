import sqlglot
from sqlglot import exp

from helpers.adversary.names import Names
from tests.unit.adversary.world import TABLES


def looked_up(sql: str, name: str) -> tuple[str, tuple[str, str] | None, list[tuple[str, str]]]:
    tree = sqlglot.parse_one(sql, dialect="spark")
    names = Names(tree, TABLES)
    column = next(node for node in tree.walk() if isinstance(node, exp.Column) and node.sql() == name)
    return names.type(column), names.origin(column), names.origins(column)


def test_a_name_is_followed_through_derived_tables_and_stars() -> None:
    sql = "WITH d AS (SELECT * FROM Work_Orders), e AS (SELECT d.cost AS price FROM d) SELECT e.price FROM e"
    assert looked_up(sql, "e.price") == ("decimal(10,2)", ("work_orders", "cost"), [("work_orders", "cost")])


def test_a_computed_column_has_parts_but_no_origin() -> None:
    sql = "SELECT d.total FROM (SELECT sum(cost) AS total FROM work_orders) d"
    assert looked_up(sql, "d.total") == ("decimal(10,2)", None, [("work_orders", "cost")])


def test_a_count_has_no_parts() -> None:
    assert looked_up("SELECT d.n FROM (SELECT count(cost) AS n FROM work_orders) d", "d.n") == ("bigint", None, [])


def test_an_outer_query_is_looked_in_last() -> None:
    sql = "SELECT 1 FROM sites s WHERE EXISTS (SELECT 1 FROM assets a WHERE a.site_id = s.site_id AND capacity > 1)"
    assert looked_up(sql, "s.site_id")[1] == ("sites", "site_id")
    assert looked_up(sql, "capacity")[1] == ("sites", "capacity")


def test_a_cast_is_no_alias_of_the_column_in_it() -> None:
    assert looked_up("SELECT CAST(x AS INT) FROM nowhere", "x")[:2] == ("", None)


def test_an_unknown_name_has_neither_type_nor_origin() -> None:
    assert looked_up("SELECT n.x FROM nowhere n", "n.x") == ("", None, [])


def test_a_name_is_followed_through_an_alias_with_columns() -> None:
    assert looked_up("SELECT x.b FROM (SELECT site_id, name FROM sites) AS x(a, b)", "x.b")[1] == ("sites", "name")
    assert looked_up("WITH c(a) AS (SELECT name FROM sites) SELECT a FROM c", "a")[1] == ("sites", "name")


def test_a_pivot_of_a_query_and_two_queries_without_alias_are_not_looked_into_for_ever() -> None:
    pivot = "SELECT p0 FROM (SELECT site_id, name FROM sites) PIVOT (max(site_id) FOR name IN ('a' AS p0))"
    assert looked_up(pivot, "p0")[1] is None
    joined = "SELECT x FROM (SELECT name AS x FROM sites) JOIN (SELECT name AS y FROM sites)"
    assert looked_up(joined, "x")[1] is None


def test_the_constants_of_a_column_of_values_are_listed() -> None:
    tree = sqlglot.parse_one(
        "SELECT 1 FROM sites s JOIN VALUES (1, 'x'), (2, 'y') AS v(at, label) ON s.name = v.label", dialect="spark"
    )
    names = Names(tree, TABLES)
    told = {column.sql(): [one.this for one in names.listed(column)] for column in tree.find_all(exp.Column)}
    assert told == {"s.name": [], "v.label": ["x", "y"]}
