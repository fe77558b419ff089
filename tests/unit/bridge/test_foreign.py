import pytest

from helpers.bridge import Refusal, translate
from tests.bridge.world import SCHEMA

PINNED = {
    ("postgres", "integers divide to an integer"): ("SELECT n / 2 AS x FROM readings", "n DIV 2"),
    ("postgres", "fractions divide to fractions"): ("SELECT capacity / 2 AS x FROM meters", "capacity / 2"),
    ("postgres", "a cast to an integer rounds"): ("SELECT value::int AS x FROM readings", "CAST(RINT(value) AS INT)"),
    ("postgres", "numerics round away from zero"): ("SELECT capacity::int AS x FROM meters", "ROUND(capacity)"),
    ("postgres", "Sunday is 0"): ("SELECT extract(dow FROM opened) AS x FROM sites", "DAYOFWEEK(opened) - 1"),
    ("postgres", "dates differ by days"): (
        "SELECT valid_to - valid_from AS x FROM tariffs",
        "DATEDIFF(valid_to, valid_from)",
    ),
    ("postgres", "NULL comes last"): ("SELECT name FROM sites ORDER BY name", "NULLS LAST"),
    ("postgres", "and first when descending"): ("SELECT name FROM sites ORDER BY name DESC", "NULLS FIRST"),
    ("postgres", "percentiles are exact"): (
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY n) AS x FROM readings",
        "PERCENTILE(n, 0.5)",
    ),
    ("postgres", "concat skips NULL"): ("SELECT concat(name, region) AS x FROM sites", "CONCAT_WS('', name, region)"),
    ("postgres", "log is to the base 10"): ("SELECT log(value) AS x FROM readings", "LOG10(value)"),
    ("postgres", "varchar(n) cuts"): (
        "SELECT name::varchar(3) AS x FROM sites",
        "SUBSTRING(CAST(",
    ),
    ("tsql", "plus joins texts"): ("SELECT name + 'x' AS x FROM sites", "name || 'x'"),
    ("tsql", "LEN ignores trailing blanks"): ("SELECT LEN(name) AS x FROM sites", "LENGTH(RTRIM(name))"),
    ("tsql", "months are boundaries"): (
        "SELECT DATEDIFF(month, opened, opened) AS x FROM sites",
        "MONTH(opened)",
    ),
    ("tsql", "averages of integers are integers"): ("SELECT AVG(n) AS x FROM readings", "CAST(AVG(n) AS BIGINT)"),
    ("mysql", "by zero is NULL"): ("SELECT n / value AS x FROM readings", "NULLIF(value, 0)"),
    ("mysql", "GREATEST with NULL is NULL"): ("SELECT GREATEST(n, 1) AS x FROM readings", "NOT n IS NULL"),
    ("mysql", "LENGTH counts bytes"): ("SELECT LENGTH(name) AS x FROM sites", "OCTET_LENGTH(name)"),
    ("oracle", "(+) is a left join"): (
        "SELECT s.name FROM sites s, meters m WHERE s.site_id = m.site_id(+)",
        "LEFT JOIN meters",
    ),
    ("oracle", "an empty text is NULL"): ("SELECT name FROM sites WHERE region = ''", "region = NULL"),
    ("oracle", "|| skips NULL"): ("SELECT name || region AS x FROM sites", "CONCAT_WS('', name, region)"),
    ("oracle", "months end"): ("SELECT ADD_MONTHS(opened, 1) AS x FROM sites", "LAST_DAY(ADD_MONTHS(opened, 1))"),
    ("oracle", "DECODE finds NULL"): ("SELECT DECODE(region, NULL, 1, 2) AS x FROM sites", "region IS NULL"),
    ("oracle", "DECODE of two columns"): ("SELECT DECODE(name, region, 1) AS x FROM sites", "IS NOT DISTINCT FROM"),
    ("postgres", "a start of 0 shortens"): ("SELECT substring(name, 0, 3) AS x FROM sites", "SUBSTRING(name, 1, 2)"),
    ("postgres", "left of -1"): ("SELECT left(name, -1) AS x FROM sites", "GREATEST(LENGTH(name) + -1, 0)"),
    ("postgres", "right of -2"): ("SELECT right(name, -2) AS x FROM sites", "SUBSTRING(name, 3)"),
    ("tsql", "POWER keeps its type"): ("SELECT POWER(n, -1) AS x FROM readings", "AS BIGINT)"),
    ("tsql", "a start of -1 shortens"): ("SELECT SUBSTRING(name, -1, 3) AS x FROM sites", "SUBSTRING(name, 1, 1)"),
    ("mysql", "a condition is a number"): ("SELECT n > 1 AS x FROM readings", "CAST(n > 1 AS INT)"),
    ("oracle", "nothing left is NULL"): ("SELECT TRIM(name) AS x FROM sites", "NULLIF(TRIM(name), '')"),
    ("oracle", "replaced by NULL"): ("SELECT REPLACE(name, 'a', NULL) AS x FROM sites", "REPLACE(name, 'a', '')"),
    ("oracle", "CONCAT skips NULL"): ("SELECT CONCAT(name, region) AS x FROM sites", "CONCAT_WS('', name, region)"),
    ("oracle", "a cast rounds"): ("SELECT CAST(capacity AS INTEGER) AS x FROM meters", "ROUND(capacity)"),
    ("oracle", "STDDEV of one row"): ("SELECT STDDEV(n) AS x FROM readings", "CASE WHEN COUNT(n) = 1 THEN 0"),
    ("oracle", "VAR_SAMP is no VARIANCE"): ("SELECT VAR_SAMP(n) AS x FROM readings", "SELECT VARIANCE(n)"),
    ("oracle", "constants are padded"): ("SELECT name FROM sites WHERE 'ok' = 'ok '", "WHERE TRUE"),
    ("oracle", "ROWNUM before the order"): ("SELECT name FROM sites WHERE ROWNUM <= 3 ORDER BY name", "LIMIT 3 )"),
    ("oracle", "ROWNUM before a count"): ("SELECT COUNT(*) AS x FROM sites WHERE ROWNUM <= 3", "LIMIT 3 )"),
    ("oracle", "months keep the time"): ("SELECT ADD_MONTHS(at, 1) AS x FROM readings", "TIMESTAMPADD(MONTH"),
    ("oracle", "a day keeps its time"): ("SELECT CAST(at AS DATE) AS x FROM readings", "SELECT ( at ) AS x"),
    ("oracle", "CURRENT_DATE has a time"): ("SELECT CURRENT_DATE AS x FROM dual", "CURRENT_TIMESTAMP"),
    ("oracle", "hours are whole"): ("SELECT (SYSDATE - at) * 24 AS x FROM readings", "/ 3600"),
    ("oracle", "a backslash in LIKE"): ("SELECT name FROM sites WHERE name LIKE '%\\_a'", "\\" * 4 + "_a"),
    ("oracle", "ROWNUM limits"): ("SELECT name FROM sites WHERE ROWNUM <= 3", "LIMIT 3"),
}

REFUSED = {
    ("postgres", "SELECT a / b AS x FROM unknown"): "types are not known",
    ("postgres", "SELECT a::int FROM unknown"): "type is not known",
    ("postgres", "SELECT my_function(name) FROM sites"): "my_function",
    ("postgres", "SELECT regexp_replace(name, 'a|ab', 'b') FROM sites"): "longest",
    ("postgres", "SELECT DISTINCT ON (region) region, name FROM sites ORDER BY region"): "DISTINCT ON",
    ("postgres", "SELECT to_char(opened, 'DDth') FROM sites"): "format",
    ("tsql", "SELECT a + b FROM unknown"): "join them",
    ("tsql", "SELECT TOP 3 WITH TIES name FROM sites"): "with ties",
    ("tsql", "SELECT DATEPART(nanosecond, at) FROM readings"): "unit nanosecond",
    ("mysql", "SELECT name FROM sites WHERE name IN (1, '2')"): "own way",
    ("postgres", "SELECT name FROM sites ORDER BY region OFFSET 1 FETCH FIRST 2 ROWS WITH TIES"): "WITH TIES",
    (
        "postgres",
        "SELECT m FROM generate_series(now(), TIMESTAMP '2024-04-30', INTERVAL '1 month') m",
    ): "month's end",
    ("tsql", "SELECT name FROM sites WHERE name LIKE '[ab%'"): "set of characters",
    ("tsql", "SELECT name FROM sites WHERE name LIKE region"): "computed pattern",
    ("tsql", "SELECT ISNULL(n, name) FROM readings, sites"): "first argument",
    ("mysql", "SELECT TRIM(BOTH region FROM name) FROM sites"): "constants",
    ("mysql", "SELECT valid_to - valid_from FROM tariffs"): "digits",
    ("mysql", "SELECT DISTINCT name FROM sites ORDER BY region"): "not selected",
    ("oracle", "SELECT name FROM sites FETCH FIRST 20 PERCENT ROWS ONLY"): "PERCENT",
    ("oracle", "SELECT LEVEL FROM sites CONNECT BY LEVEL < 5"): "CONNECT",
    ("oracle", "SELECT ROWNUM, name FROM sites"): "ROWNUM",
    ("oracle", "SELECT name FROM sites WHERE ROWNUM < 3 OR name = 'a'"): "ROWNUM",
    ("oracle", "SELECT a || 'x' FROM unknown"): "text, a number or a date",
    ("oracle", "SELECT a - b FROM unknown"): "no type is known",
    ("oracle", "SELECT TRUNC(a) FROM unknown"): "date or a number",
    ("oracle", "SELECT name || opened FROM sites"): "setting of the session",
    ("oracle", "SELECT name FROM sites WHERE opened > '01-JAN-24'"): "setting of the session",
    ("oracle", "SELECT name || capacity / 3 FROM sites, meters"): "40 digits",
    ("oracle", "SELECT REGEXP_SUBSTR(name, '[^,]*', 1, 2) FROM sites"): "nothing at all",
    ("oracle", "SELECT SUM(n) KEEP (DENSE_RANK FIRST ORDER BY at) FROM readings"): "KEEP",
    ("oracle", "SELECT TO_CHAR(opened, 'J') FROM sites"): "element J",
    ("oracle", "SELECT TO_DATE(name, 'DD-MM-RR') FROM sites"): "last century",
    ("oracle", "SELECT CAST(name AS CHAR(5)) FROM sites"): "cast",
    ("oracle", "SELECT INSTR(name, 'aa', 1, 2) FROM sites"): "overlap",
}


@pytest.mark.parametrize("case", PINNED, ids=lambda one: ": ".join(one))
def test_a_trap_is_put_right(case: tuple[str, str]) -> None:
    sql, wanted = PINNED[case]
    assert wanted in " ".join(translate(sql, case[0], SCHEMA).spark_sql.replace("(\n", "(").split())


@pytest.mark.parametrize("case", REFUSED, ids=lambda one: ": ".join(one))
def test_what_is_not_known_to_be_the_same_is_refused(case: tuple[str, str]) -> None:
    with pytest.raises(Refusal, match=REFUSED[case]):
        translate(case[1], case[0], SCHEMA)
