"""Realistic queries over the small world, whose mutants the made data must tell apart."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpers.adversary.schema import Table
from tests.unit.adversary.world import ASSETS, ORDERS, READINGS, SITES, TARIFFS, TECHNICIANS


@dataclass(frozen=True)
class Query:
    """One oracle. ordered: its rows' sequence counts; equivalent: sentence of a mutant -> why it is the same."""

    name: str
    sql: str
    tables: tuple[Table, ...]
    ordered: bool = False
    equivalent: dict[str, str] = field(default_factory=dict)


QUERIES = (
    Query(
        "left join with NULL keys",
        """SELECT s.site_id, s.name, w.order_id, w.cost
           FROM sites s LEFT JOIN work_orders w ON w.site_id = s.site_id AND w.state = 'open'
           WHERE s.capacity >= 100""",
        (SITES, ORDERS),
        equivalent={
            "LEFT JOIN became FULL JOIN": "WHERE s.capacity >= 100 drops the rows without a site again",
        },
    ),
    Query(
        "not in with NULL",
        """SELECT t.technician_id, t.name FROM technicians t
           WHERE t.technician_id NOT IN (
             SELECT w.technician_id FROM work_orders w WHERE w.technician_id IS NOT NULL)""",
        (TECHNICIANS, ORDERS),
        equivalent={
            "NOT IN became NOT EXISTS": "neither side can be NULL: key on the left, IS NOT NULL on the right",
        },
    ),
    Query(
        "anti join by not exists",
        """SELECT s.site_id FROM sites s
           WHERE NOT EXISTS (SELECT 1 FROM work_orders w WHERE w.site_id = s.site_id AND w.opened > '2024-02-28')""",
        (SITES, ORDERS),
    ),
    Query(
        "latest order per site, ties kept",
        """SELECT site_id, order_id, opened FROM (
             SELECT w.site_id, w.order_id, w.opened,
                    rank() OVER (PARTITION BY w.site_id ORDER BY w.opened DESC) AS place
             FROM work_orders w) ranked
           WHERE place <= 2""",
        (ORDERS,),
        equivalent={
            "DISTINCT was added": "order_id is the key",
        },
    ),
    Query(
        "conditional sums",
        """SELECT s.region, count(*) AS orders, count(w.closed) AS done,
                  sum(CASE WHEN w.state = 'open' THEN w.cost ELSE 0 END) AS open_cost,
                  count(DISTINCT w.technician_id) AS people
           FROM sites s JOIN work_orders w ON w.site_id = s.site_id
           GROUP BY s.region HAVING count(*) > 2""",
        (SITES, ORDERS),
    ),
    Query(
        "date range of a quarter",
        """SELECT order_id, datediff(closed, opened) AS days, coalesce(cost, 0) AS cost FROM work_orders
           WHERE opened >= DATE '2024-01-01' AND opened < DATE '2024-04-01'
             AND (closed IS NULL OR closed > opened)""",
        (ORDERS,),
    ),
    Query(
        "rollup",
        """SELECT s.region, a.model, count(*) AS n, max(a.installed) AS newest
           FROM sites s JOIN assets a ON a.site_id = s.site_id
           GROUP BY ROLLUP (s.region, a.model)""",
        (SITES, ASSETS),
    ),
    Query(
        "set operations",
        """SELECT w.site_id FROM work_orders w WHERE w.state IN ('open', 'waiting')
           UNION
           SELECT a.site_id FROM assets a WHERE a.model LIKE 'WT-%'
           EXCEPT
           SELECT s.site_id FROM sites s WHERE s.capacity < 50""",
        (SITES, ASSETS, ORDERS),
        equivalent={
            "EXCEPT became EXCEPT ALL": "UNION left no row twice",
            "UNION became UNION ALL": "EXCEPT removes what comes twice",
        },
    ),
    Query(
        "as-of join to tariffs",
        """SELECT r.meter, r.at, r.kwh * t.price AS amount
           FROM readings r JOIN tariffs t ON r.meter = t.meter AND r.at >= t.valid_from
                AND (r.at < t.valid_to OR t.valid_to IS NULL)
           WHERE r.quality = 0""",
        (READINGS, TARIFFS),
        equivalent={
            "JOIN became RIGHT JOIN": "WHERE r.quality = 0 drops the rows without a reading again",
        },
    ),
    Query(
        "case ladder",
        """SELECT site_id, CASE WHEN capacity < 10 THEN 'small' WHEN capacity < 100 THEN 'medium'
                              WHEN capacity IS NULL THEN 'unknown' ELSE 'large' END AS size,
                  upper(trim(region)) AS region
           FROM sites WHERE name IS NOT NULL""",
        (SITES,),
        equivalent={
            "WHEN capacity < 100 and WHEN capacity IS NULL changed places": (
                "NULL is not below 100: the two exclude one another"
            ),
        },
    ),
    Query(
        "running total and previous value",
        """SELECT r.meter, r.at, r.kwh,
                  sum(r.kwh) OVER (PARTITION BY r.meter ORDER BY r.at
                                   ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS recent,
                  lag(r.kwh) OVER (PARTITION BY r.meter ORDER BY r.at) AS before
           FROM (SELECT meter, at, max(kwh) AS kwh FROM readings GROUP BY meter, at) r""",
        (READINGS,),
        equivalent={
            "DISTINCT was added": "the derived table is grouped by meter and at",
        },
    ),
    Query(
        "top three with a stable order",
        """SELECT t.technician_id, count(w.order_id) AS n, max(w.cost) AS dearest
           FROM technicians t LEFT JOIN work_orders w ON w.technician_id = t.technician_id
           GROUP BY t.technician_id ORDER BY n DESC, t.technician_id LIMIT 3""",
        (TECHNICIANS, ORDERS),
        ordered=True,
        equivalent={
            "COUNT(w.order_id) became COUNT(DISTINCT w.order_id)": (
                "order_id is the key, and a technician joins each order once"
            ),
            "w.order_id became w.technician_id": "both are NULL exactly where no order was found",
        },
    ),
    Query(
        "self join to managers",
        """SELECT e.name, m.name AS manager FROM technicians e
           LEFT JOIN technicians m ON e.manager_id = m.technician_id
           WHERE lower(e.name) <> 'bo'""",
        (TECHNICIANS,),
        equivalent={
            "LEFT JOIN became FULL JOIN": "WHERE lower(e.name) <> 'bo' drops the rows without e again",
        },
    ),
    Query(
        "months",
        """WITH monthly AS (
             SELECT date_trunc('MONTH', opened) AS month, sum(cost) AS cost, avg(cost) AS mean
             FROM work_orders WHERE state <> 'void' GROUP BY date_trunc('MONTH', opened))
           SELECT month, cost, mean FROM monthly WHERE cost > 1000""",
        (ORDERS,),
        equivalent={
            "DISTINCT was added": "the derived table is grouped by month",
        },
    ),
)
