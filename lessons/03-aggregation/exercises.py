"""Lesson 3, aggregation: the tasks, their right answers, and the wrong ones that experienced people write."""

from datetime import datetime, timedelta
from decimal import Decimal

from pyspark.sql import functions as F

from helpers.exercises import START, Column, Contract, Exercise, Lesson, Wrong, row

HOUR = timedelta(hours=1)
QUARTER = Decimal("0.25")
"""What makes energy of power: each reading stands for a quarter of an hour."""


# Exercise 1: several counts of one group


def night_report_counted(readings):
    """count_if counts what is true; a sum of a CASE takes NULL for what is not meant, and passes over it."""
    below = F.col("kw") < 0
    return readings.groupBy("site_id", "channel").agg(
        F.count("*").alias("readings"),
        F.count_if(F.col("kw").isNull()).alias("unknown"),
        F.count_if(below).alias("below_zero"),
        (F.coalesce(F.sum(F.when(below, F.col("kw"))), F.lit(0)) * F.lit(QUARTER)).alias("drawn_kwh"),
    )


def night_report_flagged(readings):
    """First a flag per row, then nothing but sums: FILTER and CASE are not needed then."""
    flagged = readings.selectExpr(
        "site_id",
        "channel",
        "1 AS readings",
        "int(kw IS NULL) AS unknown",
        "int(coalesce(kw < 0, false)) AS below_zero",
        "least(coalesce(kw, 0), 0) * 0.25 AS drawn_kwh",
    )
    names = ("readings", "unknown", "below_zero", "drawn_kwh")
    return flagged.groupBy("site_id", "channel").agg(*(F.sum(name).alias(name) for name in names))


def _night(readings, below="count_if(kw < 0)", unknown="count_if(kw IS NULL)", drawn=None):
    """The night report with other aggregates: what the wrong answers have in common."""
    return readings.groupBy("site_id", "channel").agg(
        F.expr("count(*) AS readings"),
        F.expr(f"{unknown} AS unknown"),
        F.expr(f"{below} AS below_zero"),
        F.expr(f"{drawn or 'coalesce(sum(kw) FILTER (WHERE kw < 0), 0) * 0.25'} AS drawn_kwh"),
    )


def _count_of_a_condition(readings):
    return _night(readings, below="count(kw < 0)")


def _contrary_of_at_least_zero(readings):
    return _night(readings, below="sum(CASE WHEN kw >= 0 THEN 0 ELSE 1 END)")


def _where_first(readings):
    return _night(readings.where("kw < 0"))


def _no_drawing_no_number(readings):
    return _night(readings, drawn="sum(CASE WHEN kw < 0 THEN kw END) * 0.25")


def _filled_with_zero(readings):
    return _night(readings.fillna(0, subset=["kw"]))


def _a_python_number(readings):
    counted = _night(readings, drawn="coalesce(sum(kw) FILTER (WHERE kw < 0), 0)")
    return counted.withColumn("drawn_kwh", F.col("drawn_kwh") * 0.25)


NIGHT_REPORT = Exercise(
    id="aggregation.night_report",
    title="What happens at night",
    task=(
        "Report on every channel of every site, in one row each: how many readings there are (`readings`), how many "
        "of them have no value (`unknown`), how many are below zero (`below_zero`), and the energy that was drawn "
        "(`drawn_kwh`): the sum of kw times 0.25 over the readings below zero, because each stands for a quarter of "
        "an hour. It stays below zero, and is 0 where nothing was drawn."
    ),
    tables=("readings",),
    oracle=(
        "SELECT site_id, channel, count(*) AS readings, count_if(kw IS NULL) AS unknown, "
        "count_if(kw < 0) AS below_zero, "
        "coalesce(sum(kw) FILTER (WHERE kw < 0), 0) * 0.25 AS drawn_kwh FROM readings GROUP BY site_id, channel"
    ),
    contract=Contract(
        grain="one row per site and channel that has readings",
        columns=(
            Column("site_id", "string", False),
            Column("channel", "string", False),
            Column("readings", "bigint", False),
            Column("unknown", "bigint", False),
            Column("below_zero", "bigint", False),
            Column("drawn_kwh", "decimal(25,5)", False),
        ),
        key=("site_id", "channel"),
        nulls="No column is NULL. A reading without a value counts in readings and unknown, and nowhere else.",
    ),
    hints=(
        "One pass, several counts: what does count(kw < 0) count, if COUNT counts what is not NULL?",
        "F.count_if(condition) counts the rows where the condition is true. For a sum, F.sum(F.when(condition, "
        "value)): without otherwise() the rest is NULL, and SUM passes over it.",
        "Where nothing is below zero that sum is NULL: F.coalesce(..., F.lit(0)). Then times F.lit(Decimal('0.25')), "
        "for 0.25 in Python is a double.",
    ),
    solutions=(night_report_counted, night_report_flagged),
    wrong=(
        Wrong(
            "COUNT of a condition",
            _count_of_a_condition,
            "below_zero counts every reading that has a value: COUNT counts what is not NULL, and false is not NULL. "
            "Use count_if, or FILTER.",
        ),
        Wrong(
            "what is not at least zero is below",
            _contrary_of_at_least_zero,
            "Readings without a value were counted as below zero: ELSE takes what is false and what is unknown.",
        ),
        Wrong(
            "WHERE before the group",
            _where_first,
            "Your filter threw away the readings that the other counts need, and with them whole channels. A "
            "condition for one aggregate belongs into that aggregate.",
        ),
        Wrong(
            "a sum of nothing is 0",
            _no_drawing_no_number,
            "Where no reading is below zero you show NULL: a count of nothing is 0, a sum of nothing is NULL. "
            "Coalesce it.",
        ),
        Wrong(
            "fill the holes first",
            _filled_with_zero,
            "fillna made a value of every missing one, so nothing is unknown any more. Aggregates pass over NULL by "
            "themselves.",
        ),
        Wrong(
            "0.25 in Python",
            _a_python_number,
            "drawn_kwh became a double: 0.25 in Python is one, and decimal times double is double. In SQL text 0.25 "
            "is a decimal; in Python say F.lit(Decimal('0.25')).",
        ),
    ),
    rows={
        "readings": [
            row("readings", site_id=site, channel=channel, event_time=START + n * HOUR, kw=kw and Decimal(kw))
            for n, (site, channel, kw) in enumerate(
                [
                    ("a", "ac_power", "-0.039"),
                    ("a", "ac_power", "-0.039"),
                    ("a", "ac_power", "0.000"),
                    ("a", "ac_power", "-0.001"),
                    ("a", "ac_power", "2.500"),
                    ("a", "ac_power", None),
                    ("a", "dc_power", None),
                    ("b", "ac_power", "0.000"),
                    ("c", "ac_power", "3.001"),
                    ("c", "ac_power", "-3.001"),
                    # So many that a sum of doubles is off in the fifth decimal, however they are shared out.
                    *[("d", "ac_power", "-999999999.027")] * 65,
                ]
            )
        ]
    },
    equivalent={
        "kw < 0 became kw <= 0": (
            "In the sum: a reading of 0 adds 0, and a sum of zeros alone is 0, as is that of nothing after coalesce."
        )
    },
    remember="COUNT counts what is not NULL, and false is not NULL: conditions go into count_if, FILTER or CASE.",
)


# Exercise 2: one row, even of nothing


def duty_desk_global(work_orders):
    """agg without groupBy: one row, whatever comes in. countDistinct of two columns takes pairs without NULL."""
    return work_orders.where(F.col("closed_at").isNull()).agg(
        F.count("*").alias("orders"),
        F.count_if(F.col("technician_id").isNull()).alias("unassigned"),
        F.countDistinct("site_id", "technician_id").alias("visits"),
        F.min("opened_at").alias("oldest"),
    )


def duty_desk_case(work_orders):
    """The condition inside each aggregate, and the pair as a struct that is only made where there is a technician."""
    pair = F.when(F.col("technician_id").isNotNull(), F.struct("site_id", "technician_id"))
    still = F.col("closed_at").isNull()
    return work_orders.agg(
        F.count(F.when(still, 1)).alias("orders"),
        (F.count(F.when(still, 1)) - F.count(F.when(still, F.col("technician_id")))).alias("unassigned"),
        F.size(F.collect_set(F.when(still, pair))).alias("visits"),
        F.min(F.when(still, F.col("opened_at"))).alias("oldest"),
    )


def _duty(grouped, visits="count(DISTINCT site_id, technician_id)"):
    """The four columns over groups or over a whole table: what the wrong answers have in common."""
    return grouped.agg(
        F.expr("count(*) AS orders"),
        F.expr("count_if(technician_id IS NULL) AS unassigned"),
        F.expr(f"{visits} AS visits"),
        F.expr("min(opened_at) AS oldest"),
    )


def _open(work_orders):
    return work_orders.where("closed_at IS NULL")


def _group_by_a_constant(work_orders):
    return _duty(_open(work_orders).groupBy("closed_at")).drop("closed_at")


def _brackets(work_orders):
    return _duty(_open(work_orders), "count(DISTINCT (site_id, technician_id))")


def _glued(work_orders):
    return _duty(_open(work_orders), "count(DISTINCT concat(site_id, technician_id))")


def _people(work_orders):
    return _duty(_open(work_orders), "count(DISTINCT technician_id)")


def _distinct_rows_first(work_orders):
    return _duty(_open(work_orders).dropDuplicates(["site_id", "technician_id"]))


def _assigned_only(work_orders):
    return _duty(_open(work_orders).dropna(subset=["technician_id"]))


DUTY_DESK = Exercise(
    id="aggregation.duty_desk",
    title="The line at the duty desk",
    task=(
        "The screen at the duty desk has one line on the work orders that are open (closed_at is NULL): how many "
        "(`orders`), how many of them without a technician (`unassigned`), how many visits that makes (`visits`: "
        "different pairs of site and technician; an order without a technician makes no visit), and since when the "
        "oldest has been waiting (`oldest`: the first opened_at). The line is always there: with nothing open it "
        "shows 0, 0, 0 and NULL."
    ),
    tables=("work_orders",),
    oracle=(
        "SELECT count(*) AS orders, count(*) - count(technician_id) AS unassigned, "
        "count(DISTINCT site_id, technician_id) AS visits, min(opened_at) AS oldest "
        "FROM work_orders WHERE closed_at IS NULL"
    ),
    contract=Contract(
        grain="one row, whatever there is",
        columns=(
            Column("orders", "bigint", False),
            Column("unassigned", "bigint", False),
            Column("visits", "bigint", False),
            Column("oldest", "timestamp"),
        ),
        nulls="oldest is NULL where nothing is open; the counts are 0 then.",
    ),
    hints=(
        "What does your answer show on a day when nothing is open: a line of zeros, or no line?",
        "agg without groupBy always makes one row. With groupBy there is a row per group, and of no rows there is no "
        "group.",
        "F.countDistinct('site_id', 'technician_id') counts pairs in which no part is NULL: the very rule of a "
        "visit.",
    ),
    solutions=(duty_desk_global, duty_desk_case),
    wrong=(
        Wrong(
            "GROUP BY something that is always the same",
            _group_by_a_constant,
            "With nothing open your line is gone. A GROUP BY loses it, for no rows make no group, and so does a "
            "filter behind the counts (HAVING); an aggregate over all, with neither, is one row, even of nothing.",
        ),
        Wrong(
            "brackets around the pair",
            _brackets,
            "Orders without a technician count as visits. They do where the pair is made a value that is never NULL: "
            "by brackets, which make a struct, or by coalesce. COUNT(DISTINCT a, b) of two columns leaves such pairs "
            "out.",
        ),
        Wrong(
            "the pair glued together",
            _glued,
            "Two different pairs were counted as one, because glued together they are the same text: 'a' and 'bc', "
            "'ab' and 'c'. Give COUNT(DISTINCT) both columns.",
        ),
        Wrong(
            "people instead of visits",
            _people,
            "You counted technicians. One who is expected at two sites makes two visits.",
        ),
        Wrong(
            "DISTINCT for all counts",
            _distinct_rows_first,
            "Duplicates of the pair were removed before everything was counted, and with them orders. DISTINCT "
            "belongs into the one aggregate that needs it.",
        ),
        Wrong(
            "NULL removed first",
            _assigned_only,
            "Orders without a technician are open too: you removed them for the sake of one count, and all the "
            "others miss them.",
        ),
    ),
    rows={
        "work_orders": [
            row("work_orders", work_order_id=f"wo-{n}", site_id=site, technician_id=who, opened_at=START + n * HOUR)
            for n, (site, who) in enumerate(
                [
                    ("a", None),
                    ("a", None),
                    ("b", "tech-1"),
                    ("b", "tech-1"),
                    ("c", "tech-1"),
                    ("ab", "c"),
                    ("a", "bc"),
                ]
            )
        ]
        + [row("work_orders", work_order_id="wo-9", site_id="d", technician_id="tech-1", closed_at=START)]
    },
    remember="Without groupBy there is always one row; with it there is a row per group, and nothing has no group.",
)


# Exercise 3: a condition on the group


def needs_help_where(work_orders):
    """HAVING is where() after agg(): the aggregates are columns by then."""
    still = F.col("closed_at").isNull()
    grouped = work_orders.groupBy("technician_id").agg(
        F.count("*").alias("orders"),
        F.count_if(still).alias("open"),
        F.min(F.when(still, F.col("opened_at"))).alias("waiting_since"),
    )
    return grouped.where((F.col("orders") >= 3) & (F.col("open") >= 2)).drop("open")


def needs_help_having(work_orders):
    """HAVING may use the names of the SELECT list, and aggregates that are shown nowhere."""
    return work_orders.sparkSession.sql(
        "SELECT technician_id, sum(1) AS orders, min(if(closed_at IS NULL, opened_at, NULL)) AS waiting_since "
        "FROM {orders} GROUP BY ALL HAVING orders > 2 AND count(*) > count(closed_at) + 1",
        orders=work_orders,
    )


def _help(work_orders, having="count(*) >= 3 AND count(*) - count(closed_at) >= 2", orders="count(*)"):
    """Groups of technicians under a condition: what the wrong answers have in common."""
    grouped = work_orders.groupBy("technician_id").agg(
        F.expr(f"{orders} AS orders"),
        F.expr("min(opened_at) FILTER (WHERE closed_at IS NULL) AS waiting_since"),
        F.expr(f"{having} AS fits"),
    )
    return grouped.where("fits").drop("fits")


def _where_instead_of_having(work_orders):
    return _help(work_orders.where("closed_at IS NULL"))


def _max_tells_it(work_orders):
    return _help(work_orders, "count(*) >= 3 AND max(closed_at) IS NULL")


def _count_of_the_group_column(work_orders):
    return _help(work_orders, orders="count(technician_id)")


def _in_a_list_of_groups(work_orders):
    waiting = work_orders.where("closed_at IS NULL").groupBy("technician_id").count().where("count >= 2")
    return _help(work_orders.join(waiting, "technician_id"), "count(*) >= 3")


def _the_latest_is_open(work_orders):
    return _help(work_orders, "count(*) >= 3 AND max_by(closed_at, opened_at) IS NULL")


def _sites_instead_of_orders(work_orders):
    return _help(work_orders, "count(DISTINCT site_id) >= 3 AND count(*) - count(closed_at) >= 2")


NEEDS_HELP = Exercise(
    id="aggregation.needs_help",
    title="Whom to help first",
    task=(
        "Who has too much on their hands? List the technicians who have at least three work orders, at least two of "
        "which are open (closed_at is NULL), with the number of all their orders and since when the oldest open one "
        "has been waiting (`waiting_since`: the first opened_at among the open ones). The orders that were given to "
        "nobody count together, like those of one more person, with NULL as technician_id."
    ),
    tables=("work_orders",),
    oracle=(
        "SELECT technician_id, count(*) AS orders, min(opened_at) FILTER (WHERE closed_at IS NULL) AS waiting_since "
        "FROM work_orders GROUP BY technician_id HAVING count(*) >= 3 AND count(*) - count(closed_at) >= 2"
    ),
    contract=Contract(
        grain="one row per technician (or nobody) with at least three orders, at least two of them open",
        columns=(
            Column("technician_id", "string"),
            Column("orders", "bigint", False),
            Column("waiting_since", "timestamp", False),
        ),
        key=("technician_id",),
        nulls="technician_id is NULL in the row of the orders that nobody has.",
    ),
    hints=(
        "You speak of a whole group: three orders in all, two of them open. Can a filter on single rows, before the "
        "group, know that?",
        "There is no having(): filter with where() after agg(). groupBy keeps NULL as a group of its own.",
        "groupBy('technician_id').agg(F.count('*').alias('orders'), F.count_if(F.col('closed_at').isNull())"
        ".alias('open'), F.min(F.when(..., F.col('opened_at')))), then where orders >= 3 and open >= 2.",
    ),
    solutions=(needs_help_where, needs_help_having),
    wrong=(
        Wrong(
            "WHERE instead of HAVING",
            _where_instead_of_having,
            "You removed the closed orders before the groups were made, so the count of all orders misses them. Ask "
            "the group, after agg().",
        ),
        Wrong(
            "MAX knows whether one is open",
            _max_tells_it,
            "Only those are listed of whom every order is open: MAX(closed_at) passes over NULL, and is NULL when "
            "there is nothing else. Count the open ones.",
        ),
        Wrong(
            "COUNT of the group's column",
            _count_of_the_group_column,
            "The orders that nobody has are counted as 0: in that group technician_id is NULL in every row, and "
            "COUNT of a column passes over NULL. COUNT(*) counts the rows.",
        ),
        Wrong(
            "the groups looked up by a join",
            _in_a_list_of_groups,
            "The orders that nobody has are missing, though GROUP BY makes a group of them. A filter on "
            "technician_id loses it, and so does a join or an IN, which does not find NULL by NULL. Filter the "
            "groups where they are.",
        ),
        Wrong(
            "only the latest order is looked at",
            _the_latest_is_open,
            "The latest order being open is not two orders being open: somebody is listed with one, and somebody "
            "with two older ones is missing. Count the open ones of the group.",
        ),
        Wrong(
            "sites instead of orders",
            _sites_instead_of_orders,
            "Somebody with three orders is missing, because two of them are at one site: DISTINCT counts sites, "
            "not orders.",
        ),
    ),
    rows={
        "work_orders": [
            row(
                "work_orders",
                work_order_id=f"wo-{who}-{n}",
                site_id=site,
                technician_id=who,
                opened_at=START + n * HOUR,
                closed_at=None if still else START + (n + 24) * HOUR,
            )
            for who, orders in {
                "tech-1": [("a", False), ("b", True), ("c", True)],
                "tech-2": [("a", True), ("a", True), ("a", False)],
                "tech-3": [("a", False), ("b", False), ("c", False), ("d", True)],
                "tech-4": [("a", True), ("b", True)],
                "tech-5": [("a", True), ("b", True), ("c", True)],
                None: [("a", True), ("b", True), ("c", False)],
            }.items()
            for n, (site, still) in enumerate(orders)
        ]
    },
    remember="HAVING is where() after agg(). GROUP BY takes all NULLs as one group, though NULL = NULL is not true.",
)


# Exercise 4: empty groups, and averages of averages


def closed_share_counted(sites, work_orders):
    """Counts of the right side: 0 for a kind without orders, where nullif keeps the division from failing."""
    joined = sites.join(work_orders, "site_id", "left")
    orders = F.count("work_order_id")
    return joined.groupBy("kind").agg(
        orders.alias("orders"),
        (F.count("closed_at") / F.nullif(orders, F.lit(0))).alias("closed_share"),
    )


def closed_share_averaged(sites, work_orders):
    """AVG of 0 and 1 at the grain of orders, kinds without any added after it: AVG of nothing is NULL, no error."""
    flagged = work_orders.selectExpr("site_id", "int(closed_at IS NOT NULL) AS closed")
    shares = sites.join(flagged, "site_id").groupBy("kind").agg(F.count("*").alias("n"), F.avg("closed").alias("x"))
    joined = sites.select("kind").distinct().join(shares, "kind", "left")
    return joined.selectExpr("kind", "coalesce(n, 0) AS orders", "x AS closed_share")


def _shares(sites, work_orders, share, kind="left", orders="count(work_order_id)"):
    """Groups of kinds with another share: what the wrong answers have in common."""
    joined = sites.join(work_orders, "site_id", kind)
    return joined.groupBy("kind").agg(F.expr(f"{orders} AS orders"), F.expr(f"{share} AS closed_share"))


def _average_of_shares(sites, work_orders):
    per_site = sites.join(work_orders, "site_id", "left").groupBy("site_id", "kind")
    shares = per_site.agg(
        F.count("work_order_id").alias("n"), F.expr("try_divide(count(closed_at), count(work_order_id)) AS share")
    )
    return shares.groupBy("kind").agg(F.sum("n").alias("orders"), F.avg("share").alias("closed_share"))


def _plain_division(sites, work_orders):
    return _shares(sites, work_orders, "count(closed_at) / count(work_order_id)")


def _average_of_ones(sites, work_orders):
    return _shares(sites, work_orders, "avg(CASE WHEN closed_at IS NOT NULL THEN 1 END)")


def _sites_without_orders_are_open(sites, work_orders):
    return _shares(sites, work_orders, "avg(CASE WHEN closed_at IS NOT NULL THEN 1 ELSE 0 END)")


def _only_kinds_with_orders(sites, work_orders):
    return _shares(sites, work_orders, "count(closed_at) / count(*)", kind="inner")


def _nothing_is_zero(sites, work_orders):
    return _shares(sites, work_orders, "coalesce(try_divide(count(closed_at), count(work_order_id)), 0D)")


CLOSED_SHARE = Exercise(
    id="aggregation.closed_share",
    title="How much is done",
    task=(
        "For every kind of site: how many work orders do its sites have together, and which share of these is closed "
        "(closed_at is not NULL)? Every order counts the same, whichever site it belongs to: 3 closed of 4 orders is "
        "0.75. A kind whose sites have no orders is in the list, with 0 orders, and NULL as its share."
    ),
    tables=("sites", "work_orders"),
    oracle=(
        "SELECT s.kind, count(w.work_order_id) AS orders, "
        "count(w.closed_at) / nullif(count(w.work_order_id), 0) AS closed_share FROM sites AS s "
        "LEFT JOIN work_orders AS w ON w.site_id = s.site_id GROUP BY s.kind"
    ),
    contract=Contract(
        grain="one row per kind of site",
        columns=(
            Column("kind", "string", False),
            Column("orders", "bigint", False),
            Column("closed_share", "double"),
        ),
        key=("kind",),
        nulls="closed_share is NULL where there are no orders.",
    ),
    hints=(
        "One site has 1 order, and it is closed; another has 3, all open. Is the share 1/4, or the average of 1 and "
        "0?",
        "Start from sites, so that no kind is lost; then count columns of work_orders, never rows. And what does "
        "Spark make of 0 / 0?",
        "F.count('closed_at') / F.nullif(F.count('work_order_id'), F.lit(0)), after a left join grouped by kind.",
    ),
    solutions=(closed_share_counted, closed_share_averaged),
    wrong=(
        Wrong(
            "an average of averages",
            _average_of_shares,
            "You averaged the shares of the sites: a site with one order weighs as much as one with nine. Count "
            "over the whole kind, and divide once.",
        ),
        Wrong(
            "0 / 0 is NULL",
            _plain_division,
            "A kind without orders divides by zero, and Spark raises an error, as Oracle and SQL Server do. Write "
            "nullif(count, 0), or try_divide.",
        ),
        Wrong(
            "AVG without ELSE",
            _average_of_ones,
            "Every share is 1: without ELSE an open order is NULL, and AVG leaves NULL out, also when it counts the "
            "rows to divide by. Say ELSE 0.",
        ),
        Wrong(
            "ELSE 0 for what is not there",
            _sites_without_orders_are_open,
            "A site without orders was counted as an open one: the left join gave it a row of NULLs, and your ELSE "
            "made a 0 of it.",
        ),
        Wrong(
            "no order, no kind",
            _only_kinds_with_orders,
            "A kind is missing: its sites have no orders, and an inner join leaves nothing of them to group.",
        ),
        Wrong(
            "a share of nothing is 0",
            _nothing_is_zero,
            "A kind without orders shows a share of 0, as if all its orders were open. There are none: NULL.",
        ),
    ),
    rows={
        "sites": [
            row("sites", site_id=site, kind=kind)
            for site, kind in [("a", "roof"), ("b", "roof"), ("c", "roof"), ("d", "yard"), ("e", "field")]
        ],
        "work_orders": [
            row("work_orders", work_order_id=f"wo-{n}", site_id=site, closed_at=START + HOUR if closed else None)
            for n, (site, closed) in enumerate(
                [("a", True), ("b", False), ("b", False), ("b", False), ("e", True), ("e", True), ("e", False)]
            )
        ],
    },
    equivalent={
        "LEFT JOIN became FULL JOIN": (
            "A work order refers to a site that exists: the right side has no row without a partner."
        ),
        "COUNT(w.work_order_id) became COUNT(DISTINCT w.work_order_id)": (
            "work_order_id is the key of work_orders and sites are joined by their key: no order comes twice."
        ),
        "w.work_order_id became w.site_id": (
            "Neither may be NULL in work_orders: both are NULL only where the left join found no order."
        ),
    },
    remember="Count first, divide once: an average of averages weighs all groups alike. In Spark 0 / 0 is an error.",
)


# Exercise 5: totals among the groups, and NULL that is data


def rolled_up_grouping(work_orders):
    """grouping() tells a NULL that stands for "all" from a NULL that is data."""
    level = (
        F.when(F.grouping("site_id") == 1, "all")
        .when(F.grouping("technician_id") == 1, "site")
        .otherwise("technician")
    )
    return work_orders.rollup("site_id", "technician_id").agg(
        level.alias("level"), F.count("*").alias("orders"), F.count_if(F.col("closed_at").isNull()).alias("open")
    )


def rolled_up_stacked(work_orders):
    """Three groupings one below the other. The total groups by a constant: no orders, no total."""
    counts = F.count("*").alias("orders"), (F.count("*") - F.count("closed_at")).alias("open")
    nothing = F.lit(None).cast("string")
    each = work_orders.groupBy("site_id", "technician_id").agg(*counts).withColumn("level", F.lit("technician"))
    site = work_orders.groupBy("site_id").agg(*counts).withColumns({"technician_id": nothing, "level": F.lit("site")})
    total = work_orders.groupBy(F.lit("all").alias("level")).agg(*counts)
    total = total.withColumns({"site_id": nothing, "technician_id": nothing})
    return each.unionByName(site).unionByName(total)


BY_GROUPING = (
    "CASE WHEN grouping(site_id) = 1 THEN 'all' WHEN grouping(technician_id) = 1 THEN 'site' ELSE 'technician' END"
)


def _rolled(work_orders, level=BY_GROUPING, kind="rollup"):
    """The report with another level or another kind of groups: what the wrong answers have in common."""
    groups = getattr(work_orders, kind)("site_id", "technician_id")
    return groups.agg(
        F.expr(f"{level} AS level"), F.expr("count(*) AS orders"), F.expr("count_if(closed_at IS NULL) AS open")
    )


def _null_means_total(work_orders):
    level = "CASE WHEN site_id IS NULL THEN 'all' WHEN technician_id IS NULL THEN 'site' ELSE 'technician' END"
    rolled = _rolled(work_orders, "1").drop("level")
    return rolled.withColumn("level", F.expr(level))


def _nobody_removed_first(work_orders):
    return _rolled(work_orders.dropna(subset=["technician_id"]))


def _nobody_removed_later(work_orders):
    return _rolled(work_orders).where("level <> 'technician' OR technician_id IS NOT NULL")


def _cube(work_orders):
    return _rolled(work_orders, kind="cube")


def _grouping_id_counts(work_orders):
    return _rolled(
        work_orders, "CASE grouping_id() WHEN 2 THEN 'all' WHEN 1 THEN 'site' WHEN 0 THEN 'technician' END"
    )


def _total_of_nothing(work_orders):
    groups = _rolled(work_orders).where("level <> 'all'")
    total = work_orders.agg(F.expr("count(*) AS orders"), F.expr("count_if(closed_at IS NULL) AS open"))
    return groups.unionByName(total.withColumn("level", F.lit("all")), allowMissingColumns=True)


ROLLED_UP = Exercise(
    id="aggregation.rolled_up",
    title="Orders with their totals",
    task=(
        "Count the work orders of each technician at each site, with a total for every site and one for all: how "
        "many there are, and how many are open (closed_at is NULL). `level` says what a row counts: 'technician', "
        "'site' or 'all'. Orders of a site that nobody has been given are a row of level 'technician' too. Where "
        "there are no orders at all, the report is empty: it has no total either."
    ),
    tables=("work_orders",),
    oracle=(
        "SELECT site_id, technician_id, CASE WHEN grouping(site_id) = 1 THEN 'all' "
        "WHEN grouping(technician_id) = 1 THEN 'site' ELSE 'technician' END AS level, count(*) AS orders, "
        "count_if(closed_at IS NULL) AS open FROM work_orders GROUP BY ROLLUP (site_id, technician_id)"
    ),
    contract=Contract(
        grain="one row per site and technician (or nobody), one more per site, and one for all",
        columns=(
            Column("site_id", "string"),
            Column("technician_id", "string"),
            Column("level", "string", False),
            Column("orders", "bigint", False),
            Column("open", "bigint", False),
        ),
        key=("level", "site_id", "technician_id"),
        nulls=(
            "technician_id is NULL for orders that nobody has and in both kinds of totals; site_id is NULL in the "
            "total for all."
        ),
    ),
    hints=(
        "A site can have two rows in which technician_id is NULL. Which two, and how do you tell them apart?",
        "work_orders.rollup('site_id', 'technician_id').agg(...) makes all three levels at once. F.grouping(column) "
        "is 1 where that column was rolled up.",
        "F.when(F.grouping('site_id') == 1, 'all').when(F.grouping('technician_id') == 1, 'site')"
        ".otherwise('technician').alias('level'), inside agg().",
    ),
    solutions=(rolled_up_grouping, rolled_up_stacked),
    wrong=(
        Wrong(
            "NULL means total",
            _null_means_total,
            "A row of orders that nobody has is called a total: its technician_id is NULL as well, but it is data. "
            "Only grouping() knows the difference.",
        ),
        Wrong(
            "NULL removed before the roll-up",
            _nobody_removed_first,
            "Orders that nobody has are missing, and so in the totals: you removed them before they were counted.",
        ),
        Wrong(
            "NULL removed after the roll-up",
            _nobody_removed_later,
            "The row of the orders that nobody has is missing, and the rows of its site do not add up to the total.",
        ),
        Wrong(
            "CUBE instead of ROLLUP",
            _cube,
            "You have a row per technician over all sites as well: CUBE makes every combination, ROLLUP only the "
            "levels from left to right.",
        ),
        Wrong(
            "grouping_id counts the columns",
            _grouping_id_counts,
            "The total for all has no level: grouping_id() is no count, it is a bit per column, so with both columns "
            "rolled up it is 3.",
        ),
        Wrong(
            "a total of nothing",
            _total_of_nothing,
            "Without any order you show a total of 0: agg without groups makes a row even of nothing. Here nothing "
            "was asked for, and Spark's ROLLUP gives nothing.",
        ),
    ),
    rows={
        "work_orders": [
            row(
                "work_orders",
                work_order_id=f"wo-{n}",
                site_id=site,
                technician_id=who,
                closed_at=None if still else START + HOUR,
            )
            for n, (site, who, still) in enumerate(
                [
                    ("a", None, True),
                    ("a", None, False),
                    ("a", "tech-1", True),
                    ("a", "tech-2", False),
                    ("b", "tech-1", False),
                    ("b", "tech-1", False),
                    ("c", None, True),
                ]
            )
        ]
    },
    equivalent={
        f"GROUPING({column}) = 1 became GROUPING({column}) >= 1": "grouping() is 0 or 1, never more."
        for column in ("site_id", "technician_id")
    },
    remember="In a roll-up NULL is a total or data: grouping() tells which. ROLLUP of no rows is no row in Spark.",
)


# Boss fight: the day of the site, and how much of it is known

DENVER = "America/Denver"


def energy_per_local_day_shifted(readings):
    """The local day first; its length is the time between two local midnights, told in UTC."""
    day = F.to_date(F.from_utc_timestamp("event_time", DENVER))

    def midnight(local_day):
        return F.unix_timestamp(F.to_utc_timestamp(local_day, DENVER))

    quarters = (midnight(F.date_add("local_day", 1)) - midnight(F.col("local_day"))) / 900
    grouped = readings.withColumn("local_day", day).groupBy("site_id", "channel", "local_day")
    return grouped.agg(
        (F.sum("kw") * F.lit(QUARTER)).alias("energy_kwh"), (F.count("kw") / quarters).alias("completeness")
    )


def energy_per_local_day_calendar(readings):
    """convert_timezone for the day, and a calendar of local days joined to what was measured on them."""
    local = F.convert_timezone(F.lit("UTC"), F.lit(DENVER), F.col("event_time").cast("timestamp_ntz"))
    measured = readings.select("site_id", "channel", "kw", local.cast("date").alias("local_day"))
    calendar = measured.select("local_day").distinct()
    bounds = [f"to_utc_timestamp({day}, '{DENVER}')" for day in ("local_day", "local_day + 1")]
    calendar = calendar.withColumn("quarters", F.expr(f"timestampdiff(MINUTE, {', '.join(bounds)}) / 15"))
    return (
        measured.join(calendar, "local_day")
        .groupBy("site_id", "channel", "local_day", "quarters")
        .agg(F.expr("sum(kw * 0.25) AS energy_kwh"), F.count("kw").alias("known"))
        .selectExpr("site_id", "channel", "local_day", "energy_kwh", "known / quarters AS completeness")
    )


LOCAL_DAY = f"date(from_utc_timestamp(event_time, '{DENVER}'))"
QUARTERS = (
    f"(unix_timestamp(to_utc_timestamp(date_add(local_day, 1), '{DENVER}')) "
    f"- unix_timestamp(to_utc_timestamp(local_day, '{DENVER}'))) / 900"
)


def _per_day(readings, day=LOCAL_DAY, energy="sum(kw) * 0.25", quarters=QUARTERS):
    """The boss fight with another day, energy or length: what the wrong answers have in common."""
    grouped = readings.withColumn("local_day", F.expr(day)).groupBy("site_id", "channel", "local_day")
    return grouped.agg(F.expr(f"{energy} AS energy_kwh"), F.expr(f"count(kw) / ({quarters}) AS completeness"))


def _day_in_utc(readings):
    return _per_day(readings, day="date(event_time)")


def _always_seven_hours(readings):
    return _per_day(readings, day="date(event_time - INTERVAL 7 HOURS)")


def _the_other_way(readings):
    return _per_day(readings, day=f"date(to_utc_timestamp(event_time, '{DENVER}'))")


def _always_96(readings):
    return _per_day(readings, quarters="96")


def _average_times_a_day(readings):
    return _per_day(readings, energy="avg(kw) * 24")


def _unknown_is_zero(readings):
    return _per_day(readings, energy="coalesce(sum(kw), 0) * 0.25")


def _known_only(readings):
    return _per_day(readings.dropna(subset=["kw"]))


ENERGY_PER_LOCAL_DAY = Exercise(
    id="aggregation.energy_per_local_day",
    title="Boss fight: a day at the plant",
    task=(
        "The plants are in Denver, and they are settled by Denver's days: from local midnight to the next one. For "
        "each site, channel and local day with at least one reading, with or without a value, show the energy and "
        "how complete it is. energy_kwh is the sum of kw times 0.25, for each reading stands for a quarter of an "
        "hour; power below zero counts as it is. completeness is the number of readings with a value, divided by the "
        "quarter hours that this very day has in Denver: when the clocks change, these are fewer or more than 96."
    ),
    tables=("readings",),
    oracle=(
        "SELECT site_id, channel, local_day, sum(kw) * 0.25 AS energy_kwh, count(kw) * 900 "
        "/ (unix_timestamp(to_utc_timestamp(date_add(local_day, 1), 'America/Denver')) "
        "- unix_timestamp(to_utc_timestamp(local_day, 'America/Denver'))) AS completeness "
        "FROM (SELECT site_id, channel, kw, CAST(from_utc_timestamp(event_time, 'America/Denver') AS DATE) "
        "AS local_day FROM readings) AS r GROUP BY site_id, channel, local_day"
    ),
    contract=Contract(
        grain="one row per site, channel and day of Denver on which there is a reading",
        columns=(
            Column("site_id", "string", False),
            Column("channel", "string", False),
            Column("local_day", "date", False),
            Column("energy_kwh", "decimal(25,5)"),
            Column("completeness", "double", False),
        ),
        key=("site_id", "channel", "local_day"),
        nulls="energy_kwh is NULL where no reading of the day has a value; its completeness is 0 then.",
    ),
    hints=(
        "When it is 06:30 in UTC, which day is it in Denver? And how many quarter hours has 10 March 2024 there?",
        "F.from_utc_timestamp(event_time, 'America/Denver') shows Denver's clock; the date of that is the local day. "
        "F.to_utc_timestamp goes the other way: from a local midnight to the instant in UTC.",
        "The length of a day is to_utc_timestamp(local_day + 1) minus to_utc_timestamp(local_day), in seconds by "
        "F.unix_timestamp. Group by site_id, channel and local_day; F.count('kw') counts the values.",
    ),
    solutions=(energy_per_local_day_shifted, energy_per_local_day_calendar),
    wrong=(
        Wrong(
            "the day in UTC",
            _day_in_utc,
            "You grouped by the day in UTC: the evening in Denver falls on the next one. Shift the time to Denver's "
            "clock before you take its date.",
        ),
        Wrong(
            "Denver is UTC-7",
            _always_seven_hours,
            "In summer Denver is six hours behind UTC, not seven, so an hour went to the wrong day. Name the zone, "
            "America/Denver: it knows its own clock changes.",
        ),
        Wrong(
            "the zone the wrong way round",
            _the_other_way,
            "You shifted the clock forward: to_utc_timestamp takes a local time and gives UTC. From UTC to the local "
            "clock leads from_utc_timestamp.",
        ),
        Wrong(
            "a day has 24 hours",
            _always_96,
            "On the day the clocks go forward there are 92 quarter hours, on the day they go back 100. You divided "
            "by 96 on these days as well.",
        ),
        Wrong(
            "average power times 24",
            _average_times_a_day,
            "AVG leaves unknown readings out, so your energy pretends that they were like the known ones, and that "
            "the day has 24 hours. Sum what is known; completeness tells the rest.",
        ),
        Wrong(
            "nothing known is 0",
            _unknown_is_zero,
            "On a day without a single value you show an energy of 0, as if it had been measured. SUM of nothing is "
            "NULL, and here that is right.",
        ),
        Wrong(
            "days without a value removed",
            _known_only,
            "A day on which no reading has a value is missing: you removed those readings before grouping. It is "
            "there, with a completeness of 0.",
        ),
    ),
    rows={
        "readings": [
            row("readings", site_id=site, event_time=datetime.fromisoformat(f"{at}Z"), kw=kw and Decimal(kw))
            for site, at, kw in [
                ("a", "2024-01-10T06:45:00", "1.000"),
                ("a", "2024-01-10T07:00:00", "2.000"),
                ("a", "2024-01-11T06:45:00", "4.000"),
                ("a", "2024-01-11T07:00:00", "-0.500"),
                ("b", "2024-07-10T05:45:00", "8.000"),
                ("b", "2024-07-10T06:00:00", "16.000"),
                ("b", "2024-07-10T06:15:00", None),
                ("c", "2024-03-10T06:45:00", "1.000"),
                ("c", "2024-03-10T07:00:00", "2.000"),
                ("c", "2024-03-11T05:45:00", "4.000"),
                ("c", "2024-03-11T06:00:00", "8.000"),
                ("d", "2024-11-03T06:00:00", "1.000"),
                ("d", "2024-11-04T06:45:00", "2.000"),
                ("d", "2024-11-04T07:00:00", "4.000"),
                ("e", "2024-05-05T12:00:00", None),
                ("e", "2024-05-06T12:00:00", "0.000"),
            ]
        ]
    },
    remember="A day is a grain with a zone: shift to the local clock, take the date, let the zone tell its length.",
)


LESSON = Lesson(
    number=3,
    title="Aggregation",
    minutes=45,
    needs=("02-joins",),
    week=1,
    boss="aggregation.energy_per_local_day",
    next="04-windows",
)
EXERCISES = (NIGHT_REPORT, DUTY_DESK, NEEDS_HELP, CLOSED_SHARE, ROLLED_UP, ENERGY_PER_LOCAL_DAY)
