"""One small exercise for tests of the check itself."""

from pyspark.sql import functions as F

from helpers.exercises import Column, Contract, Exercise, Wrong


def left_join(sites, work_orders):
    return (
        sites.join(work_orders.where("priority = 1"), "site_id", "left")
        .groupBy("site_id")
        .agg(F.count("work_order_id").alias("orders"))
    )


def _union(sites, work_orders):
    both = work_orders.where("priority = 1").select("site_id", F.lit(1).alias("n"))
    return sites.select("site_id", F.lit(0).alias("n")).union(both).groupBy("site_id").agg(F.sum("n").alias("orders"))


def _inner(sites, work_orders):
    return (
        sites.join(work_orders.where("priority = 1"), "site_id")
        .groupBy("site_id")
        .agg(F.count("work_order_id").alias("orders"))
    )


def _count_star(sites, work_orders):
    return (
        sites.join(work_orders.where("priority = 1"), "site_id", "left")
        .groupBy("site_id")
        .agg(F.count("*").alias("orders"))
    )


def _where_after(sites, work_orders):
    return (
        sites.join(work_orders, "site_id", "left")
        .where("priority = 1 OR priority IS NULL")
        .groupBy("site_id")
        .agg(F.count("work_order_id").alias("orders"))
    )


def _all_priorities(sites, work_orders):
    return sites.join(work_orders, "site_id", "left").groupBy("site_id").agg(F.count("work_order_id").alias("orders"))


ORDERS = Exercise(
    id="test.urgent_orders",
    title="Urgent orders",
    task="Count the work orders of priority 1 of each site.",
    tables=("sites", "work_orders"),
    oracle=(
        "SELECT s.site_id, COUNT(w.work_order_id) AS orders FROM sites AS s "
        "LEFT JOIN work_orders AS w ON w.site_id = s.site_id AND w.priority = 1 GROUP BY s.site_id"
    ),
    contract=Contract(
        "one row per site",
        (Column("site_id", "string", False), Column("orders", "bigint", False)),
        key=("site_id",),
    ),
    hints=("Which sites have none?", "Which join keeps them?", "Where does the condition on priority belong?"),
    solutions=(left_join, _union),
    wrong=(
        Wrong("an inner join", _inner, "A site without such orders is missing: keep it by a left join."),
        Wrong("COUNT(*)", _count_star, "COUNT(*) counts the row that the left join made for a site without orders."),
        Wrong(
            "WHERE after the join", _where_after, "WHERE comes after the join and drops sites with other orders only."
        ),
        Wrong("all priorities", _all_priorities, "Orders of every priority are counted."),
    ),
    equivalent={
        "COUNT(w.work_order_id) became COUNT(DISTINCT w.work_order_id)": "work_order_id is the key: each comes once",
        "w.work_order_id became w.site_id": "both are NULL only in the row of a site without orders",
    },
    remember="Conditions on the right side of a left join belong into ON.",
)
