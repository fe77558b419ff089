"""More realistic queries, on what the first set leaves out."""

from tests.unit.adversary.queries import Query
from tests.unit.adversary.world import ASSETS, ORDERS, READINGS, SITES, TECHNICIANS

MORE = (
    Query(
        "expensive sites",
        """SELECT s.region, sum(w.cost) AS total FROM sites s JOIN work_orders w ON w.site_id = s.site_id
           WHERE w.closed IS NOT NULL GROUP BY s.region HAVING sum(w.cost) >= 500 AND count(*) < 6""",
        (SITES, ORDERS),
        equivalent={
            "JOIN became LEFT JOIN": "WHERE w.closed IS NOT NULL drops the rows without an order again",
        },
    ),
    Query(
        "totals of everything",
        """SELECT count(*) AS n, count(cost) AS priced, sum(cost) AS total, min(opened) AS first_day
           FROM work_orders WHERE state = 'open' OR closed IS NULL""",
        (ORDERS,),
    ),
    Query(
        "dearer than the site's mean",
        """SELECT w.order_id FROM work_orders w
           WHERE w.cost > (SELECT avg(v.cost) FROM work_orders v WHERE v.site_id = w.site_id)""",
        (ORDERS,),
    ),
    Query(
        "within thirty days",
        """SELECT w.order_id, a.asset_id FROM work_orders w JOIN assets a ON a.site_id = w.site_id
           WHERE w.opened BETWEEN a.installed AND date_add(a.installed, 30) AND w.state NOT IN ('void', 'draft')""",
        (SITES, ASSETS, ORDERS),
        equivalent={
            "JOIN became LEFT JOIN": "WHERE compares columns of both sides, so that no row without a partner is left",
            "JOIN became RIGHT JOIN": (
                "WHERE compares columns of both sides, so that no row without a partner is left"
            ),
            "JOIN became FULL JOIN": "WHERE compares columns of both sides, so that no row without a partner is left",
        },
    ),
    Query(
        "grouping sets",
        """SELECT state, site_id, sum(cost) AS total, grouping(state) AS g FROM work_orders
           GROUP BY GROUPING SETS ((state, site_id), (state), ())""",
        (ORDERS,),
    ),
    Query(
        "islands of readings",
        """SELECT meter, grp, count(*) AS n, min(at) AS since, max(at) AS until FROM (
             SELECT meter, at, sum(CASE WHEN quality > 1 THEN 1 ELSE 0 END)
                    OVER (PARTITION BY meter ORDER BY at) AS grp FROM readings WHERE at IS NOT NULL) marked
           GROUP BY meter, grp""",
        (READINGS,),
        equivalent={
            "NULLS FIRST of at became NULLS LAST": "WHERE at IS NOT NULL",
        },
    ),
    Query(
        "same name whatever its case",
        """SELECT t.technician_id, s.site_id FROM technicians t
           JOIN sites s ON lower(trim(t.name)) = lower(trim(s.name))
           WHERE s.region <> 'north' OR s.region IS NULL""",
        (TECHNICIANS, SITES),
    ),
    Query(
        "newest order of each site",
        """WITH numbered AS (
             SELECT w.*, row_number() OVER (PARTITION BY w.site_id ORDER BY w.opened DESC, w.order_id) AS place
             FROM work_orders w WHERE w.site_id IS NOT NULL)
           SELECT s.site_id, s.name, n.order_id, n.state FROM sites s
           LEFT JOIN numbered n ON n.site_id = s.site_id AND n.place = 1""",
        (SITES, ORDERS),
        equivalent={
            "DISTINCT was added": "site_id is the key, and one order at most has place 1",
            "n.place = 1 became n.place <= 1": "row numbers begin at 1",
            "WHERE NOT w.site_id IS NULL was dropped": "orders without a site join no site",
            "ROW_NUMBER() became RANK()": "order_id is the key: there are no ties",
            "ROW_NUMBER() became DENSE_RANK()": "order_id is the key: there are no ties",
            "w.site_id became w.order_id": (
                "a key is never NULL, so the WHERE is gone, and orders without a site join no site"
            ),
        },
    ),
    Query(
        "readings of a local day",
        """SELECT meter, count(DISTINCT kwh) AS kinds, avg(kwh) AS mean FROM readings
           WHERE at >= TIMESTAMP '2024-10-27 00:00:00' AND at < TIMESTAMP '2024-10-28 00:00:00' AND kwh > 0
           GROUP BY meter""",
        (READINGS,),
    ),
    Query(
        "pairs of colleagues",
        """SELECT a.technician_id AS one, b.technician_id AS other FROM technicians a JOIN technicians b
             ON a.manager_id = b.manager_id AND a.technician_id < b.technician_id""",
        (TECHNICIANS,),
    ),
    Query(
        "share per order",
        """SELECT order_id, cost / nullif(sum(cost) OVER (PARTITION BY site_id), 0) AS share,
                  dense_rank() OVER (ORDER BY cost DESC) AS place
           FROM work_orders WHERE year(opened) = 2024""",
        (ORDERS,),
        equivalent={
            "NULLIF(SUM(cost) OVER (PARTITION BY site_id), 0) became SUM(cost) OVER (PARTITION BY site_id)": (
                "in DuckDB alone, where division by zero is NULL; Spark raises"
            ),
        },
    ),
    Query(
        "sites in both",
        """SELECT DISTINCT w.site_id FROM work_orders w LEFT SEMI JOIN assets a ON a.site_id = w.site_id
           WHERE w.cost IS NOT NULL INTERSECT SELECT s.site_id FROM sites s WHERE s.region = 'west'""",
        (SITES, ASSETS, ORDERS),
        equivalent={
            "INTERSECT became INTERSECT ALL": "DISTINCT left no row twice on one side",
            "DISTINCT was dropped": "INTERSECT counts each row once",
            "LEFT SEMI JOIN became JOIN": "INTERSECT counts each row once",
            "a.site_id = w.site_id became a.site_id IS NOT DISTINCT FROM w.site_id": (
                "the other side of INTERSECT is a key and holds no NULL"
            ),
        },
    ),
    Query(
        "null-safe comparison and latest closed",
        """SELECT w.order_id, w.closed FROM work_orders w JOIN sites s ON w.site_id <=> s.site_id
           WHERE coalesce(w.closed, w.opened) <= DATE '2024-02-29' ORDER BY w.closed DESC NULLS LAST, w.order_id""",
        (SITES, ORDERS),
        ordered=True,
        equivalent={
            "DISTINCT was added": "order_id is the key, and an order has one site at most",
            "JOIN became RIGHT JOIN": "WHERE drops the rows without an order again",
            "JOIN became LEFT SEMI JOIN": "an order has one site at most, and none of its columns is shown",
        },
    ),
)
