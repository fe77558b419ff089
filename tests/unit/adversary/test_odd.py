import pytest

from helpers.adversary.families import families
from helpers.adversary.fuse import fuse
from helpers.adversary.mutants import mutants
from tests.unit.adversary.declared import broken
from tests.unit.adversary.world import TABLES

ODD = (
    "SELECT * FROM sites",
    "SELECT S.* FROM Sites S JOIN ASSETS USING (site_id)",
    "SELECT 1 AS x",
    "SELECT * FROM nowhere n JOIN sites s ON n.a = s.site_id",
    "SELECT name, x FROM sites LATERAL VIEW explode(split(name, ',')) t AS x WHERE x <> ''",
    "SELECT (SELECT max(cost) FROM work_orders) AS m, site_id FROM sites",
    "SELECT `site_id` FROM `sites` WHERE `name` = 'O\\'Brien'",
    "SELECT * FROM (SELECT region, capacity FROM sites) PIVOT (sum(capacity) FOR region IN ('a', 'b'))",
    "SELECT region, count(*) AS n FROM sites GROUP BY ALL",
    "SELECT site_id FROM sites NATURAL JOIN assets",
    "SELECT region, sum(capacity) AS c FROM sites GROUP BY 1 ORDER BY 2 DESC",
    "SELECT CASE region WHEN 'a' THEN 1 WHEN 'b' THEN 2 END AS c FROM sites",
    "SELECT * FROM VALUES (1, 'a') AS v(id, t) WHERE id > 0",
    "SELECT at + INTERVAL 2 HOURS AS later, date_format(at, 'yyyy-MM') AS m FROM readings",
    "SELECT s.site_id FROM sites s, assets a WHERE s.site_id = a.site_id",
    "SELECT transform(array(1), x -> x + 1) AS t FROM sites",
    "SELECT count(*) AS n FROM sites WHERE capacity > -5.5 AND site_id < 99999999999",
    "SELECT region, avg(capacity) FILTER (WHERE name LIKE '%a_') AS m FROM sites GROUP BY CUBE (region)",
    "SELECT site_id FROM sites LIMIT 5 OFFSET 2",
    "SELECT sum(capacity) OVER (ORDER BY capacity RANGE BETWEEN 10 PRECEDING AND 5 FOLLOWING) AS s FROM sites",
)


@pytest.mark.parametrize("sql", ODD)
def test_uncommon_sql_gets_data_that_keeps_the_declarations_and_mutants_without_a_crash(sql: str) -> None:
    assert len({mutant.sql for mutant in mutants(sql, TABLES)}) == len(mutants(sql, TABLES))
    for family in fuse(families(sql, TABLES, 1)):
        assert broken(TABLES, family.tables) == []
