"""Lesson 2, joins: the tasks, their right answers, and the wrong ones that experienced people write."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pyspark.sql import functions as F

from helpers.exercises import START, Column, Contract, Exercise, Lesson, Wrong, row

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
FAR_FUTURE = datetime(2100, 1, 1, tzinfo=UTC)
"""Later than any "now" that an answer may take instead of no end."""


def _site(site_id, name="Plant", kind="rooftop"):
    """A row of sites."""
    return row("sites", site_id=site_id, name=name, kind=kind)


def _order(number, site_id, asset_id=None, opened=START, closed=None, priority=2, title="Replace fuse"):
    """A row of work_orders."""
    return row(
        "work_orders",
        work_order_id=f"wo-{number}",
        site_id=site_id,
        asset_id=asset_id,
        opened_at=opened,
        closed_at=closed,
        priority=priority,
        title=title,
    )


def _tariff(number, site_id, begin, end, price="0.150000", currency="EUR"):
    """A row of tariffs."""
    return row(
        "tariffs",
        tariff_id=f"t-{number}",
        site_id=site_id,
        price_per_kwh=Decimal(price),
        currency=currency,
        valid_from=begin,
        valid_to=end,
    )


# Exercise 1: a semi join asks, it does not join


def sites_with_urgent_orders_semi(sites, work_orders):
    """left_semi: the sites' rows as they are, if there is at least one partner."""
    urgent = work_orders.where((F.col("priority") == 1) & F.col("closed_at").isNull())
    return sites.join(urgent, "site_id", "left_semi").select("name", "kind")


def sites_with_urgent_orders_distinct(sites, work_orders):
    """Make the partners unique before the join, not the result after it."""
    urgent = work_orders.where("priority = 1 AND closed_at IS NULL").select("site_id").distinct()
    return sites.join(urgent, "site_id").select("name", "kind")


def _urgent(work_orders):
    """Open orders of priority 1."""
    return work_orders.where("priority = 1 AND closed_at IS NULL")


def _one_row_per_order(sites, work_orders):
    return sites.join(_urgent(work_orders), "site_id").select("name", "kind")


def _distinct_afterwards(sites, work_orders):
    return sites.join(_urgent(work_orders), "site_id").select("name", "kind").distinct()


def _two_questions(sites, work_orders):
    first = sites.join(work_orders.where("priority = 1"), "site_id", "left_semi")
    return first.join(work_orders.where("closed_at IS NULL"), "site_id", "left_semi").select("name", "kind")


def _left_join_keeps_all(sites, work_orders):
    found = _urgent(work_orders).select("site_id").distinct()
    return sites.join(found, "site_id", "left").select("name", "kind")


def _most_urgent_open(sites, work_orders):
    best = work_orders.groupBy("site_id").agg(F.min("priority").alias("best"), F.max("closed_at").alias("last"))
    found = best.where("best = 1 AND last IS NULL")
    return sites.join(found, "site_id", "left_semi").select("name", "kind")


SITES_WITH_URGENT_ORDERS = Exercise(
    id="joins.sites_with_urgent_orders",
    title="Sites that cannot wait",
    task=(
        "Which sites have at least one work order that is open (closed_at is NULL) and has priority 1? Show each "
        "such site once, with its name and kind. Two sites may have the same name and kind: then there are two rows."
    ),
    tables=("sites", "work_orders"),
    oracle=(
        "SELECT s.name, s.kind FROM sites AS s LEFT SEMI JOIN work_orders AS w "
        "ON w.site_id = s.site_id AND w.priority = 1 AND w.closed_at IS NULL"
    ),
    contract=Contract(
        grain="one row per site that has an open work order of priority 1",
        columns=(Column("name", "string", False), Column("kind", "string", False)),
    ),
    hints=(
        "Do you need a column of the work order, or only an answer to: is there one?",
        "What EXISTS asks in SQL is a join kind here: 'left_semi'. It never multiplies rows and adds no columns.",
        "Filter the work orders first, then sites.join(urgent, 'site_id', 'left_semi').select('name', 'kind').",
    ),
    solutions=(sites_with_urgent_orders_semi, sites_with_urgent_orders_distinct),
    wrong=(
        Wrong(
            "an inner join asks as well",
            _one_row_per_order,
            "A site comes once for each of its urgent orders: an inner join multiplies. A semi join only asks "
            "whether there is one.",
        ),
        Wrong(
            "DISTINCT repairs it",
            _distinct_afterwards,
            "Two sites of the same name became one row: DISTINCT after the join removes the duplicates you made, and "
            "those that were there before.",
        ),
        Wrong(
            "two questions about two orders",
            _two_questions,
            "A site has a closed order of priority 1 and an open one of another priority: each question is answered "
            "by another order. Ask both of the same row.",
        ),
        Wrong(
            "LEFT JOIN as a filter",
            _left_join_keeps_all,
            "All sites are here: a left join keeps the left side whether it has a partner or not. It "
            "filters nothing.",
        ),
        Wrong(
            "MIN and MAX instead of EXISTS",
            _most_urgent_open,
            "A site with an urgent open order is missing because another of its orders was closed: MAX(closed_at) "
            "passes over NULL and cannot tell you that one is open.",
        ),
    ),
    rows={
        "sites": [_site("a"), _site("b"), _site("c"), _site("d", "Yard"), _site("e", "Roof"), _site("f", "Roof")],
        "work_orders": [
            _order(1, "a", priority=1),
            _order(2, "a", priority=1),
            _order(3, "b", priority=1),
            _order(4, "c", closed=START + HOUR, priority=1),
            _order(5, "c", priority=2),
            _order(6, "d", priority=1),
            _order(7, "d", closed=START + HOUR, priority=1),
            _order(8, "e", priority=3),
            _order(9, "e", priority=0),
        ],
    },
    remember="A semi join asks whether there is a partner: it multiplies nothing and needs no DISTINCT.",
)


# Exercise 2: NOT IN and its NULL


def technicians_without_reports_anti(technicians):
    """left_anti against the managers: NULL among them matches nothing, and so it does no harm."""
    managers = technicians.select(F.col("manager_id").alias("technician_id"))
    return technicians.join(managers, "technician_id", "left_anti").select("technician_id", "name")


def technicians_without_reports_not_in(technicians):
    """NOT IN is safe once NULL is taken out of the list."""
    return technicians.sparkSession.sql(
        "SELECT technician_id, name FROM {people} WHERE technician_id NOT IN "
        "(SELECT manager_id FROM {people} WHERE manager_id IS NOT NULL)",
        people=technicians,
    )


def _not_in_with_null(technicians):
    return technicians.sparkSession.sql(
        "SELECT technician_id, name FROM {people} WHERE technician_id NOT IN (SELECT manager_id FROM {people})",
        people=technicians,
    )


def _some_other_row_differs(technicians):
    t, m = technicians.alias("t"), technicians.alias("m")
    joined = t.join(m, F.col("t.technician_id") != F.col("m.manager_id"))
    return joined.select("t.technician_id", "t.name").distinct()


def _the_other_way_round(technicians):
    t, m = technicians.alias("t"), technicians.alias("m")
    return t.join(m, F.col("t.manager_id") == F.col("m.technician_id"), "left_anti").select("technician_id", "name")


def _null_on_the_wrong_side(technicians):
    t, m = technicians.alias("t"), technicians.alias("m")
    joined = t.join(m, F.col("m.manager_id") == F.col("t.technician_id"), "left")
    return joined.where("t.manager_id IS NULL").select("t.technician_id", "t.name")


def _except_by_name(technicians):
    m = technicians.select(F.col("manager_id").alias("id")).distinct()
    managers = technicians.join(m, technicians.technician_id == m.id).select("name")
    return technicians.join(managers, "name", "left_anti").select("technician_id", "name")


TECHNICIANS_WITHOUT_REPORTS = Exercise(
    id="joins.technicians_without_reports",
    title="Nobody reports to them",
    task=(
        "List the technicians who are nobody's manager, with their name. Who is entered as their own manager is "
        "somebody's manager, and so not in the list."
    ),
    tables=("technicians",),
    oracle=(
        "SELECT t.technician_id, t.name FROM technicians AS t "
        "WHERE NOT EXISTS (SELECT 1 FROM technicians AS m WHERE m.manager_id = t.technician_id)"
    ),
    contract=Contract(
        grain="one row per technician to whom nobody reports",
        columns=(Column("technician_id", "string", False), Column("name", "string", False)),
        key=("technician_id",),
        nulls="A NULL manager_id makes nobody a manager.",
    ),
    hints=(
        "One technician has manager_id NULL. What is 'tech-11' NOT IN ('tech-01', NULL)?",
        "NOT EXISTS has a join kind as well: 'left_anti' keeps the left rows that have no partner, and NULL is "
        "nobody's partner.",
        "Make the managers a table of their own, technicians.select(F.col('manager_id').alias('technician_id')), and "
        "join it with 'left_anti' on technician_id.",
    ),
    solutions=(technicians_without_reports_anti, technicians_without_reports_not_in),
    wrong=(
        Wrong(
            "NOT IN with NULL",
            _not_in_with_null,
            "Nobody is left: one manager_id is NULL, and NOT IN with a NULL in the list is never true. Take NULL out "
            "of the list, or use an anti join.",
        ),
        Wrong(
            "<> finds those without a match",
            _some_other_row_differs,
            "A join on <> asks whether some row differs, and some row nearly always does. You want that no row is "
            "equal: that is an anti join.",
        ),
        Wrong(
            "the condition the wrong way round",
            _the_other_way_round,
            "You asked who has no manager. The question is whose technician_id stands in no manager_id.",
        ),
        Wrong(
            "IS NULL on the wrong side",
            _null_on_the_wrong_side,
            "You tested a column of the left side: who has no manager. No partner was found where a column of the "
            "right side is NULL.",
        ),
        Wrong(
            "people are told apart by name",
            _except_by_name,
            "Somebody is missing who has the same name as a manager. Names are not keys: join on technician_id.",
        ),
    ),
    rows={
        "technicians": [
            ("tech-1", "Ada", None),
            ("tech-2", "Bo", "tech-1"),
            ("tech-3", "Bo", "tech-2"),
            ("tech-4", "Eve", "tech-2"),
            ("tech-5", "Ivo", "tech-1"),
            ("tech-6", "Kai", None),
            ("tech-7", "Lou", "tech-7"),
        ]
    },
    remember="An anti join is NOT EXISTS: NULL on the right is harmless. NOT IN with one NULL finds nothing.",
)


# Exercise 3: a condition in ON, and the same in WHERE


def sites_and_current_tariffs_filtered(sites, tariffs):
    """Narrow the right side before the join: that is what a condition in ON does."""
    current = tariffs.where(F.col("valid_to").isNull() & (F.col("currency") == "USD"))
    return sites.join(current, "site_id", "left").select("site_id", "tariff_id", "price_per_kwh")


def sites_and_current_tariffs_on(sites, tariffs):
    """The whole condition in the join, as in ON."""
    s, t = sites.alias("s"), tariffs.alias("t")
    on = F.expr("t.site_id = s.site_id AND t.valid_to IS NULL AND t.currency = 'USD'")
    return s.join(t, on, "left").select("s.site_id", "t.tariff_id", "t.price_per_kwh")


def _where_after_left_join(sites, tariffs):
    joined = sites.join(tariffs, "site_id", "left").where("valid_to IS NULL AND currency = 'USD'")
    return joined.select("site_id", "tariff_id", "price_per_kwh")


def _or_null_in_where(sites, tariffs):
    joined = sites.join(tariffs, "site_id", "left")
    kept = joined.where("valid_to IS NULL AND (currency = 'USD' OR currency IS NULL)")
    return kept.select("site_id", "tariff_id", "price_per_kwh")


def _blank_out(sites, tariffs):
    joined = sites.join(tariffs, "site_id", "left")
    wanted = F.col("valid_to").isNull() & (F.col("currency") == "USD")
    return joined.select(
        "site_id",
        F.when(wanted, F.col("tariff_id")).alias("tariff_id"),
        F.when(wanted, F.col("price_per_kwh")).alias("price_per_kwh"),
    )


def _any_currency(sites, tariffs):
    current = tariffs.where("valid_to IS NULL")
    return sites.join(current, "site_id", "left").select("site_id", "tariff_id", "price_per_kwh")


def _price_zero(sites, tariffs):
    joined = sites_and_current_tariffs_filtered(sites, tariffs)
    return joined.withColumn("price_per_kwh", F.coalesce("price_per_kwh", F.lit(0).cast("decimal(12,6)")))


SITES_AND_CURRENT_TARIFFS = Exercise(
    id="joins.sites_and_current_tariffs",
    title="Every site, and its price in dollars",
    task=(
        "List every site with the tariff in USD that is still valid (valid_to is NULL) there. A site without such a "
        "tariff stays in the list, once, with NULL: a laboratory sells nothing, and Thames Works is paid in GBP."
    ),
    tables=("sites", "tariffs"),
    oracle=(
        "SELECT s.site_id, t.tariff_id, t.price_per_kwh FROM sites AS s LEFT JOIN tariffs AS t "
        "ON t.site_id = s.site_id AND t.valid_to IS NULL AND t.currency = 'USD'"
    ),
    contract=Contract(
        grain="one row per site and USD tariff that is still valid there; one row for a site without",
        columns=(
            Column("site_id", "string", False),
            Column("tariff_id", "string"),
            Column("price_per_kwh", "decimal(12,6)"),
        ),
        nulls="tariff_id and price_per_kwh are NULL where a site has no such tariff.",
    ),
    hints=(
        "After a left join, what stands in currency for a laboratory? Does your filter let that through?",
        "A condition on the right table belongs before the join or in ON. After the join, it also judges the rows "
        "that had no partner.",
        "Filter tariffs to those with valid_to NULL and currency 'USD' first; then sites.join(current, 'site_id', "
        "'left').",
    ),
    solutions=(sites_and_current_tariffs_filtered, sites_and_current_tariffs_on),
    wrong=(
        Wrong(
            "ON or WHERE, all the same",
            _where_after_left_join,
            "Sites are missing: after the join your filter also judges the rows without a partner, and there "
            "currency is NULL. The left join became an inner one.",
        ),
        Wrong(
            "OR IS NULL in WHERE",
            _or_null_in_where,
            "Laboratories are back, but a site that has only other tariffs is still missing: it had a partner, so no "
            "row of NULLs was made for it. Filter before the join.",
        ),
        Wrong(
            "join all, blank out the rest",
            _blank_out,
            "A site comes once for each of its tariffs, the old ones as rows of NULL: CASE hides values, not rows.",
        ),
        Wrong(
            "the currency was forgotten",
            _any_currency,
            "Prices in other currencies came along: a price without its currency cannot be compared with another.",
        ),
        Wrong(
            "no price means zero",
            _price_zero,
            "Where there is no tariff you show the price 0, as if energy were free there. No tariff is NULL.",
        ),
    ),
    rows={
        "sites": [_site(name) for name in "abcdefg"],
        "tariffs": [
            _tariff(1, "a", START, None, "0.110000", "USD"),
            _tariff(2, "b", START, START + HOUR, "0.120000", "USD"),
            _tariff(3, "b", START + HOUR, None, "0.130000", "USD"),
            _tariff(4, "c", START, None, "0.140000", "GBP"),
            _tariff(5, "d", START, START + HOUR, "0.150000", "USD"),
            _tariff(6, "e", START, START + HOUR, "0.160000", "GBP"),
            _tariff(7, "e", START, None, "0.170000", "USD"),
            _tariff(8, "e", START, None, "0.170000", "USD"),
            _tariff(9, "g", START, None, "0.180000", "usd"),
            _tariff(10, "f", START, FAR_FUTURE, "0.190000", "USD"),
        ],
    },
    remember="What narrows the right side of a left join stands before the join or in ON, never after it.",
)


# Exercise 4: NULL as a key, in a self join


def twin_orders_null_safe(work_orders):
    """eqNullSafe on the closing: two NULLs are the same here."""
    a, b = work_orders.alias("a"), work_orders.alias("b")
    same = (
        (F.col("a.site_id") == F.col("b.site_id"))
        & (F.col("a.title") == F.col("b.title"))
        & F.col("a.closed_at").eqNullSafe(F.col("b.closed_at"))
        & (F.col("a.work_order_id") < F.col("b.work_order_id"))
    )
    ids = F.col("a.work_order_id").alias("first_id"), F.col("b.work_order_id").alias("second_id")
    return a.join(b, same).select(*ids)


def twin_orders_renamed(work_orders):
    """Renamed columns instead of aliases; the case of two NULLs said in words and in brackets."""
    first = work_orders.selectExpr("work_order_id AS first_id", "site_id", "title", "closed_at AS first_end")
    second = work_orders.selectExpr("work_order_id AS second_id", "site_id", "title", "closed_at AS second_end")
    same = "(first_end = second_end OR (first_end IS NULL AND second_end IS NULL)) AND first_id < second_id"
    return first.join(second, ["site_id", "title"]).where(same).select("first_id", "second_id")


def _pairs(work_orders, condition):
    """Pairs of work orders of one site and title, under a condition: what the wrong answers have in common."""
    a, b = work_orders.alias("a"), work_orders.alias("b")
    joined = a.join(b, F.expr(f"a.site_id = b.site_id AND a.title = b.title AND {condition}"))
    return joined.selectExpr("a.work_order_id AS first_id", "b.work_order_id AS second_id")


def _equals_forgets_null(work_orders):
    return _pairs(work_orders, "a.work_order_id < b.work_order_id AND a.closed_at = b.closed_at")


def _null_matches_anything(work_orders):
    same = "(a.closed_at = b.closed_at OR a.closed_at IS NULL OR b.closed_at IS NULL)"
    return _pairs(work_orders, f"a.work_order_id < b.work_order_id AND {same}")


def _a_value_for_null(work_orders):
    never = "TIMESTAMP '9999-12-31 00:00:00'"
    same = f"coalesce(a.closed_at, {never}) = coalesce(b.closed_at, {never})"
    return _pairs(work_orders, f"a.work_order_id < b.work_order_id AND {same}")


def _no_brackets(work_orders):
    same = "a.closed_at = b.closed_at OR a.closed_at IS NULL AND b.closed_at IS NULL"
    return _pairs(work_orders, f"a.work_order_id < b.work_order_id AND {same}")


def _each_pair_twice(work_orders):
    return _pairs(work_orders, "a.work_order_id <> b.work_order_id AND a.closed_at <=> b.closed_at")


def _same_day(work_orders):
    return _pairs(work_orders, "a.work_order_id < b.work_order_id AND date(a.closed_at) <=> date(b.closed_at)")


TWIN_ORDERS = Exercise(
    id="joins.twin_orders",
    title="Entered twice?",
    task=(
        "Find pairs of work orders that may be one order entered twice: same site, same title, and the same end: "
        "both closed at the same instant, or both still open (closed_at is NULL). Show each pair once, the smaller "
        "work_order_id first."
    ),
    tables=("work_orders",),
    oracle=(
        "SELECT a.work_order_id AS first_id, b.work_order_id AS second_id "
        "FROM work_orders AS a JOIN work_orders AS b ON a.site_id = b.site_id AND a.title = b.title "
        "AND a.closed_at <=> b.closed_at AND a.work_order_id < b.work_order_id"
    ),
    contract=Contract(
        grain="one row per pair of work orders",
        columns=(Column("first_id", "string", False), Column("second_id", "string", False)),
        key=("first_id", "second_id"),
        nulls="Two orders that are both open have the same end.",
    ),
    hints=(
        "Is NULL = NULL true in a join condition? And which two rows of one table make a pair, how often?",
        "Give both sides an alias, and say columns as F.col('a.site_id'). For the end you need an equality that "
        "holds for two NULLs; for the pair, an order of the two ids.",
        "F.col('a.closed_at').eqNullSafe(F.col('b.closed_at')), and a.work_order_id < b.work_order_id.",
    ),
    solutions=(twin_orders_null_safe, twin_orders_renamed),
    wrong=(
        Wrong(
            "= joins NULL to NULL",
            _equals_forgets_null,
            "Pairs of open orders are missing: in a join, as anywhere, NULL = NULL is not true. eqNullSafe (<=>) is.",
        ),
        Wrong(
            "NULL fits everything",
            _null_matches_anything,
            "An open order was paired with a closed one: only two open ones have the same end. With OR, NULL on "
            "either side was enough.",
        ),
        Wrong(
            "a stand-in for NULL",
            _a_value_for_null,
            "An open order was paired with one whose closed_at is the very date that stands for NULL in your answer: "
            "a stand-in is a value, and it may be in the data.",
        ),
        Wrong(
            "OR without brackets",
            _no_brackets,
            "Open orders of different sites and titles were paired, and each with itself: AND binds before OR, so "
            "two NULLs alone are enough for you. Put the OR in brackets.",
        ),
        Wrong(
            "<> makes a pair",
            _each_pair_twice,
            "Each pair is here twice, once each way: with <> both orders of the two ids fit. With < only one does.",
        ),
        Wrong(
            "the same day is near enough",
            _same_day,
            "Orders closed on the same day were paired: the same instant was asked for, and a date forgets the time.",
        ),
    ),
    rows={
        "work_orders": [
            _order(1, "a"),
            _order(2, "a"),
            _order(3, "a", closed=START + HOUR),
            _order(4, "a", closed=START + HOUR),
            _order(5, "a", closed=START + HOUR + SECOND),
            _order(6, "a", closed=datetime(9999, 12, 31, tzinfo=UTC)),
            _order(7, "a", closed=datetime(1900, 1, 1, tzinfo=UTC)),
            _order(8, "a", closed=datetime(1970, 1, 1, tzinfo=UTC)),
            _order(9, "b"),
            _order(10, "c", closed=START + HOUR),
            # As good as the same: an instant within the same second, a title but for its letters or its blanks.
            _order(11, "c", closed=START + HOUR + MICROSECOND),
            _order(12, "b", title="replace Fuse"),
            _order(13, "b", title=" Replace fuse"),
        ]
    },
    remember="A join on = never pairs NULL with NULL; eqNullSafe (SQL: <=>) does, and nothing else with NULL.",
)


# Exercise 5: two partners that multiply


def orders_and_tariffs_per_site_grouped(sites, tariffs, work_orders):
    """Bring each side to the grain of the result before joining: one row per site meets one row per site."""
    orders = work_orders.groupBy("site_id").agg(F.count("*").alias("orders"))
    prices = tariffs.groupBy("site_id").agg(F.count("*").alias("tariffs"))
    joined = sites.join(orders, "site_id", "left").join(prices, "site_id", "left")
    return joined.select("site_id", F.coalesce("orders", F.lit(0)), F.coalesce("tariffs", F.lit(0))).toDF(
        "site_id", "orders", "tariffs"
    )


def orders_and_tariffs_per_site_stacked(sites, tariffs, work_orders):
    """One below the other instead of side by side: what is stacked cannot multiply."""
    stacked = (
        sites.selectExpr("site_id", "0 AS orders", "0 AS tariffs")
        .unionAll(work_orders.selectExpr("site_id", "1", "0"))
        .unionAll(tariffs.selectExpr("site_id", "0", "1"))
    )
    return stacked.groupBy("site_id").agg(F.sum("orders").alias("orders"), F.sum("tariffs").alias("tariffs"))


def _both_then_count(sites, tariffs, work_orders):
    joined = sites.join(work_orders, "site_id", "left").join(tariffs, "site_id", "left")
    return joined.groupBy("site_id").agg(
        F.count("work_order_id").alias("orders"), F.count("tariff_id").alias("tariffs")
    )


def _count_star(sites, tariffs, work_orders):
    s = sites.select("site_id")
    orders = s.join(work_orders, "site_id", "left").groupBy("site_id").agg(F.count("*").alias("orders"))
    prices = s.join(tariffs, "site_id", "left").groupBy("site_id").agg(F.count("*").alias("tariffs"))
    return orders.join(prices, "site_id")


def _only_with_both(sites, tariffs, work_orders):
    orders = work_orders.groupBy("site_id").agg(F.count("*").alias("orders"))
    prices = tariffs.groupBy("site_id").agg(F.count("*").alias("tariffs"))
    return sites.join(orders, "site_id").join(prices, "site_id").select("site_id", "orders", "tariffs")


def _null_for_none(sites, tariffs, work_orders):
    orders = work_orders.groupBy("site_id").agg(F.count("*").alias("orders"))
    prices = tariffs.groupBy("site_id").agg(F.count("*").alias("tariffs"))
    joined = sites.join(orders, "site_id", "left").join(prices, "site_id", "left")
    return joined.select("site_id", "orders", "tariffs")


def _distinct_of_something_else(sites, tariffs, work_orders):
    joined = sites.join(work_orders, "site_id", "left").join(tariffs, "site_id", "left")
    return joined.groupBy("site_id").agg(
        F.countDistinct("opened_at").alias("orders"), F.countDistinct("price_per_kwh").alias("tariffs")
    )


def _divided_again(sites, tariffs, work_orders):
    joined = sites.join(work_orders, "site_id", "left").join(tariffs, "site_id", "left")
    return joined.groupBy("site_id").agg(
        F.countDistinct("work_order_id").alias("orders"), F.count("tariff_id").alias("tariffs")
    )


ORDERS_AND_TARIFFS_PER_SITE = Exercise(
    id="joins.orders_and_tariffs_per_site",
    title="Two counts side by side",
    task=(
        "For every site, show how many work orders and how many tariffs (old and new) it has. A site that has none "
        "shows 0."
    ),
    tables=("sites", "tariffs", "work_orders"),
    oracle=(
        "SELECT s.site_id, coalesce(w.orders, 0) AS orders, coalesce(t.tariffs, 0) AS tariffs FROM sites AS s "
        "LEFT JOIN (SELECT site_id, count(*) AS orders FROM work_orders GROUP BY site_id) AS w "
        "ON w.site_id = s.site_id "
        "LEFT JOIN (SELECT site_id, count(*) AS tariffs FROM tariffs GROUP BY site_id) AS t ON t.site_id = s.site_id"
    ),
    contract=Contract(
        grain="one row per site",
        columns=(
            Column("site_id", "string", False),
            Column("orders", "bigint", False),
            Column("tariffs", "bigint", False),
        ),
        key=("site_id",),
        nulls="A count is 0 where there is nothing to count, never NULL.",
    ),
    hints=(
        "A site has 9 work orders and 2 tariffs. How many rows has it after both joins?",
        "Bring each side to one row per site before you join: what is unique cannot multiply.",
        "work_orders.groupBy('site_id').agg(F.count('*').alias('orders')), the same for tariffs, two left joins from "
        "sites, and coalesce(..., 0).",
    ),
    solutions=(orders_and_tariffs_per_site_grouped, orders_and_tariffs_per_site_stacked),
    wrong=(
        Wrong(
            "join both, then count",
            _both_then_count,
            "The counts are multiplied: each work order met each tariff of its site, as 9 orders and 2 tariffs make "
            "18 and 18. Count before you join.",
        ),
        Wrong(
            "COUNT(*) after a left join",
            _count_star,
            "A site without any shows 1: the left join gave it a row of NULLs, and COUNT(*) counts rows. Count a "
            "column of the right side.",
        ),
        Wrong(
            "inner joins lose zeros",
            _only_with_both,
            "Sites without work orders or without tariffs are missing: an inner join has no row for a count of 0.",
        ),
        Wrong(
            "NULL for a count of nothing",
            _null_for_none,
            "Where there is nothing to count you show NULL: the site was in no group. A count that found "
            "nothing is 0.",
        ),
        Wrong(
            "COUNT(DISTINCT something)",
            _distinct_of_something_else,
            "Too few: two orders that were opened at the same instant, or two tariffs of the same price, are counted "
            "once. If you count distinct values, then those of the key.",
        ),
        Wrong(
            "DISTINCT on one of the two",
            _divided_again,
            "The orders are right now, the tariffs are still counted once per order: each side of a double join "
            "multiplies the other.",
        ),
    ),
    rows={
        "sites": [_site(name) for name in "abcd"],
        "work_orders": [_order(1, "a"), _order(2, "a"), _order(3, "a", opened=START + HOUR), _order(4, "b")],
        "tariffs": [
            _tariff(1, "a", START, START + HOUR),
            _tariff(2, "a", START + HOUR, None),
            _tariff(3, "c", START, None),
        ],
    },
    equivalent={
        "DISTINCT was added": "site_id is the key of sites and each side is grouped by it: no row comes twice.",
        "LEFT JOIN became FULL JOIN": (
            "Work orders and tariffs refer to a site that exists: the right side has no row without a partner."
        ),
    },
    remember="Two one-to-many joins multiply each other: bring each side to the grain of the result first.",
)


# Exercise 6: the row that was valid then


def tariff_when_opened_half_open(tariffs, work_orders):
    """From valid_from on, until before valid_to; no end means still valid."""
    w, t = work_orders.alias("w"), tariffs.alias("t")
    valid = (
        (F.col("t.site_id") == F.col("w.site_id"))
        & (F.col("w.opened_at") >= F.col("t.valid_from"))
        & (F.col("t.valid_to").isNull() | (F.col("w.opened_at") < F.col("t.valid_to")))
    )
    return w.join(t, valid, "left").select("w.work_order_id", "t.tariff_id")


def tariff_when_opened_not_over(tariffs, work_orders):
    """The same, turned round: begun, and not over. A comparison with no end counts as not over."""
    then = work_orders.select("work_order_id", "site_id", "opened_at")
    over = F.coalesce(F.col("opened_at") >= F.col("valid_to"), F.lit(False))
    valid = then.join(tariffs, "site_id").where((F.col("valid_from") <= F.col("opened_at")) & ~over)
    return then.join(valid.select("work_order_id", "tariff_id"), "work_order_id", "left").select(
        "work_order_id", "tariff_id"
    )


def _as_of(tariffs, work_orders, condition, kind="left"):
    """Each order with the tariffs of its site under a condition: what the wrong answers have in common."""
    w, t = work_orders.alias("w"), tariffs.alias("t")
    joined = w.join(t, F.expr(f"t.site_id = w.site_id AND {condition}"), kind)
    return joined.select("w.work_order_id", "t.tariff_id")


def _between(tariffs, work_orders):
    valid = "(w.opened_at BETWEEN t.valid_from AND t.valid_to OR w.opened_at >= t.valid_from AND t.valid_to IS NULL)"
    return _as_of(tariffs, work_orders, valid)


def _no_end_is_no_match(tariffs, work_orders):
    return _as_of(tariffs, work_orders, "w.opened_at >= t.valid_from AND w.opened_at < t.valid_to")


def _by_day(tariffs, work_orders):
    valid = "date(w.opened_at) >= date(t.valid_from) AND (t.valid_to IS NULL OR date(w.opened_at) < date(t.valid_to))"
    return _as_of(tariffs, work_orders, valid)


def _last_begun(tariffs, work_orders):
    w, t = work_orders.alias("w"), tariffs.alias("t")
    begun = w.join(t, F.expr("t.site_id = w.site_id AND t.valid_from <= w.opened_at"), "left")
    return begun.groupBy("w.work_order_id").agg(F.max_by("t.tariff_id", "t.valid_from").alias("tariff_id"))


def _the_price_of_today(tariffs, work_orders):
    return _as_of(tariffs, work_orders, "t.valid_to IS NULL")


def _orders_lost(tariffs, work_orders):
    valid = "w.opened_at >= t.valid_from AND (t.valid_to IS NULL OR w.opened_at < t.valid_to)"
    return _as_of(tariffs, work_orders, valid, "inner")


TARIFF_WHEN_OPENED = Exercise(
    id="joins.tariff_when_opened",
    title="The tariff of that moment",
    task=(
        "For every work order, which tariff was valid at its site at the instant it was opened? A tariff is valid "
        "from valid_from on and until before valid_to; without valid_to it is still valid. Where several are valid, "
        "show each of them. An order that no tariff covers stays in the list with NULL."
    ),
    tables=("tariffs", "work_orders"),
    oracle=(
        "SELECT w.work_order_id, t.tariff_id FROM work_orders AS w LEFT JOIN tariffs AS t "
        "ON t.site_id = w.site_id AND w.opened_at >= t.valid_from "
        "AND (t.valid_to IS NULL OR w.opened_at < t.valid_to)"
    ),
    contract=Contract(
        grain="one row per work order and tariff valid at its opening; one row for an order that no tariff covers",
        columns=(Column("work_order_id", "string", False), Column("tariff_id", "string")),
        nulls="tariff_id is NULL where no tariff covers the order.",
    ),
    hints=(
        "At the very instant of a change, which of the two tariffs is valid? How many does BETWEEN find then?",
        "A join condition may be any expression: an equality for the site, and two comparisons for the time. What "
        "has no end needs a case of its own.",
        "opened_at >= valid_from, and (valid_to IS NULL or opened_at < valid_to), all in the condition of a left "
        "join.",
    ),
    solutions=(tariff_when_opened_half_open, tariff_when_opened_not_over),
    wrong=(
        Wrong(
            "BETWEEN includes both ends",
            _between,
            "An order opened at the instant of a change has two tariffs: BETWEEN includes the end, where the next "
            "tariff has begun already.",
        ),
        Wrong(
            "no end is compared as well",
            _no_end_is_no_match,
            "Orders under a tariff that is still valid found none: opened_at < NULL is not true. Allow for valid_to "
            "being NULL.",
        ),
        Wrong(
            "compare by the day",
            _by_day,
            "A tariff may change in the middle of a day: compared by the day, an order of that day gets the "
            "wrong one.",
        ),
        Wrong(
            "the last one that began",
            _last_begun,
            "An order got a tariff that was over: the last one that began need not be valid still, if nothing came "
            "after it.",
        ),
        Wrong(
            "the tariff of today",
            _the_price_of_today,
            "Every order got the tariff that is valid today, not the one of its day.",
        ),
        Wrong(
            "no tariff, no order",
            _orders_lost,
            "Orders that no tariff covers are missing: an inner join drops them. They stay, with NULL.",
        ),
    ),
    rows={
        "tariffs": [
            _tariff(1, "a", START, START + 2 * HOUR),
            _tariff(2, "a", START + 2 * HOUR, None),
            _tariff(3, "b", START, START + HOUR),
            # Begins and ends within a second: its number of seconds is that of an order before, and one under it.
            _tariff(4, "d", START + MICROSECOND, START + HOUR + MICROSECOND),
        ],
        "work_orders": [
            _order(1, "a", opened=START),
            _order(2, "a", opened=START - SECOND),
            _order(3, "a", opened=START + 2 * HOUR - SECOND),
            _order(4, "a", opened=START + 2 * HOUR),
            _order(5, "a", opened=START + 3 * HOUR),
            _order(6, "b", opened=START + HOUR),
            _order(7, "b", opened=START + 2 * HOUR),
            _order(8, "c", opened=START),
            _order(9, "a", opened=FAR_FUTURE),
            _order(10, "d", opened=START),
            _order(11, "d", opened=START + HOUR),
        ],
    },
    remember="Valid from, until before: >= on the one side, < on the other, and a case for what has no end.",
)


# Boss fight: as-of join and duplicates together


def earned_under_repair_semi(readings, tariffs, work_orders):
    """Ask for the order (semi), look up the tariff (left): only the second may add columns or rows."""
    r, w, t = readings.alias("r"), work_orders.alias("w"), tariffs.alias("t")
    under_repair = F.expr(
        "w.site_id = r.site_id AND w.priority = 1 AND r.event_time >= w.opened_at "
        "AND (w.closed_at IS NULL OR r.event_time < w.closed_at)"
    )
    valid = F.expr(
        "t.site_id = r.site_id AND r.event_time >= t.valid_from AND (t.valid_to IS NULL OR r.event_time < t.valid_to)"
    )
    priced = r.join(w, under_repair, "left_semi").join(t, valid, "left")
    rate = F.col("r.kw") * F.col("t.price_per_kwh")
    return priced.select("r.site_id", "r.channel", "r.event_time", "t.tariff_id", rate.alias("per_hour"))


def earned_under_repair_unique(readings, tariffs, work_orders):
    """The readings under repair first, made unique by their key; then the tariff."""
    far = F.expr("TIMESTAMP '9999-01-01 00:00:00'")
    urgent = work_orders.where("priority = 1")
    spans = urgent.select("site_id", "opened_at", F.coalesce("closed_at", far).alias("closed_at"))
    hit = readings.join(spans, "site_id").where("event_time >= opened_at AND event_time < closed_at")
    once = hit.select("site_id", "channel", "event_time", "kw").dropDuplicates(["site_id", "channel", "event_time"])
    prices = tariffs.withColumnRenamed("site_id", "at").withColumn("valid_to", F.coalesce("valid_to", far))
    valid = F.expr("at = site_id AND event_time >= valid_from AND event_time < valid_to")
    return once.join(prices, valid, "left").selectExpr(
        "site_id", "channel", "event_time", "tariff_id", "kw * price_per_kwh AS per_hour"
    )


UNDER_REPAIR = (
    "w.site_id = r.site_id AND w.priority = 1 AND r.event_time >= w.opened_at "
    "AND (w.closed_at IS NULL OR r.event_time < w.closed_at)"
)
VALID = "t.site_id = r.site_id AND r.event_time >= t.valid_from AND (t.valid_to IS NULL OR r.event_time < t.valid_to)"


def _earned(readings, tariffs, work_orders, repair=UNDER_REPAIR, valid=VALID, kinds=("left_semi", "left")):
    """The boss fight with other conditions or join kinds: what the wrong answers have in common."""
    r, w, t = readings.alias("r"), work_orders.alias("w"), tariffs.alias("t")
    joined = r.join(w, F.expr(repair), kinds[0]).join(t, F.expr(valid), kinds[1])
    return joined.selectExpr(
        "r.site_id", "r.channel", "r.event_time", "t.tariff_id", "r.kw * t.price_per_kwh AS per_hour"
    )


def _once_per_order(readings, tariffs, work_orders):
    return _earned(readings, tariffs, work_orders, kinds=("inner", "left"))


def _closed_orders_only(readings, tariffs, work_orders):
    repair = "w.site_id = r.site_id AND w.priority = 1 AND r.event_time BETWEEN w.opened_at AND w.closed_at"
    return _earned(readings, tariffs, work_orders, repair=repair)


def _tariff_of_the_order(readings, tariffs, work_orders):
    r, w, t = readings.alias("r"), work_orders.alias("w"), tariffs.alias("t")
    valid = VALID.replace("r.event_time", "w.opened_at")
    joined = r.join(w, F.expr(UNDER_REPAIR)).join(t, F.expr(valid), "left")
    return joined.selectExpr(
        "r.site_id", "r.channel", "r.event_time", "t.tariff_id", "r.kw * t.price_per_kwh AS per_hour"
    ).distinct()


def _only_priced(readings, tariffs, work_orders):
    return _earned(readings, tariffs, work_orders, kinds=("left_semi", "inner"))


def _zero_where_unknown(readings, tariffs, work_orders):
    earned = _earned(readings, tariffs, work_orders)
    return earned.withColumn("per_hour", F.coalesce("per_hour", F.lit(0).cast("decimal(25,9)")))


def _night_is_free(readings, tariffs, work_orders):
    lit = readings.withColumn("kw", F.greatest("kw", F.lit(0).cast("decimal(12,3)")))
    return _earned(lit, tariffs, work_orders)


def _distinct_values(readings, tariffs, work_orders):
    span = (
        work_orders.where("priority = 1")
        .groupBy("site_id", "priority")
        .agg(F.min("opened_at").alias("opened_at"), F.max("closed_at").alias("closed_at"))
    )
    return _earned(readings, tariffs, span)


EARNED_UNDER_REPAIR = Exercise(
    id="joins.earned_under_repair",
    title="Boss fight: earned under repair",
    task=(
        "What did plants earn while urgent work went on? Take every reading at whose instant at least one work order "
        "of priority 1 of its site was open (from opened_at on, until before closed_at; without closed_at it still "
        "is). Show it once, however many orders were open, with the tariff valid then (once with each, where several "
        "are), and what the power earns per hour: kw times price_per_kwh, exactly. Power below zero costs money and "
        "stays as it is. A channel of a site has at most one reading at an instant."
    ),
    tables=("readings", "tariffs", "work_orders"),
    oracle=(
        "SELECT r.site_id, r.channel, r.event_time, t.tariff_id, r.kw * t.price_per_kwh AS per_hour "
        "FROM readings AS r LEFT JOIN tariffs AS t ON t.site_id = r.site_id AND r.event_time >= t.valid_from "
        "AND (t.valid_to IS NULL OR r.event_time < t.valid_to) "
        "WHERE EXISTS (SELECT 1 FROM work_orders AS w WHERE w.site_id = r.site_id AND w.priority = 1 "
        "AND r.event_time >= w.opened_at AND (w.closed_at IS NULL OR r.event_time < w.closed_at))"
    ),
    contract=Contract(
        grain="one row per reading during urgent work and tariff valid then; one for a reading that no tariff covers",
        columns=(
            Column("site_id", "string", False),
            Column("channel", "string", False),
            Column("event_time", "timestamp", False),
            Column("tariff_id", "string"),
            Column("per_hour", "decimal(25,9)"),
        ),
        nulls="per_hour is NULL where the power or the tariff is not known; the reading stays.",
    ),
    hints=(
        "Of the two tables you join to, which one do you only ask, and of which do you need a column?",
        "Two intervals, both half open, both with a case for no end. One is a semi join, the other a left join.",
        "Let urgent be work_orders.where('priority = 1').alias('w'). Then readings.alias('r').join(urgent, ..., "
        "'left_semi').join(tariffs.alias('t'), ..., 'left'): each ... is the site and the interval, as one F.expr(). "
        "At last F.col('r.kw') * F.col('t.price_per_kwh').",
    ),
    solutions=(earned_under_repair_semi, earned_under_repair_unique),
    wrong=(
        Wrong(
            "once per open order",
            _once_per_order,
            "A reading comes once for each order that was open then: an inner join multiplies. You only wanted to "
            "ask whether there is one.",
        ),
        Wrong(
            "BETWEEN on the work order",
            _closed_orders_only,
            "Readings during an order that is still open are missing, and one at the instant of closing is too many: "
            "BETWEEN includes its end, and with NULL as its end it is never true.",
        ),
        Wrong(
            "the tariff of the order",
            _tariff_of_the_order,
            "The price is that of the instant the order was opened. A tariff may change while somebody works: look "
            "it up at the time of the reading.",
        ),
        Wrong(
            "no tariff, no reading",
            _only_priced,
            "Readings that no tariff covers are missing: they stay, and what they earn is not known.",
        ),
        Wrong(
            "not known is zero",
            _zero_where_unknown,
            "Where the power or the tariff is not known you say that 0 was earned. NULL times anything is NULL, and "
            "that is the honest answer.",
        ),
        Wrong(
            "below zero is an error",
            _night_is_free,
            "Power below zero was cut off: at night a plant draws power, and that costs money.",
        ),
        Wrong(
            "from the first to the last order",
            _distinct_values,
            "Orders were joined to one long span, from the first opening to the last closing: readings in the gaps "
            "came along, and an open order among closed ones was lost, for MAX passes over NULL.",
        ),
    ),
    rows={
        "readings": [
            ("a", "ac_power", START - SECOND, Decimal("1.000")),
            ("a", "ac_power", START, Decimal("2.000")),
            ("a", "ac_power", START + HOUR, Decimal("3.000")),
            ("a", "ac_power", START + 2 * HOUR - SECOND, Decimal("4.500")),
            ("a", "ac_power", START + 2 * HOUR, Decimal("-0.500")),
            ("a", "ac_power", START + 3 * HOUR, None),
            ("a", "ac_power", START + 4 * HOUR, Decimal("6.000")),
            ("a", "ac_power", START + 6 * HOUR, Decimal("7.000")),
            ("a", "ac_power", FAR_FUTURE, Decimal("7.500")),
            ("b", "ac_power", START, Decimal("8.000")),
            ("c", "ac_power", START, Decimal("9.000")),
            ("d", "ac_power", START, Decimal("9.500")),
            ("d", "ac_power", START + 2 * HOUR, Decimal("0.000")),
            # More digits than a double holds.
            ("d", "ac_power", START + HOUR / 2, Decimal("123456789.123")),
            # Both ends of the work and of the tariff lie within a second.
            ("e", "ac_power", START, Decimal("9.900")),
            ("e", "ac_power", START + HOUR, Decimal("9.901")),
        ],
        "work_orders": [
            _order(1, "a", opened=START, closed=START + 4 * HOUR, priority=1),
            _order(2, "a", opened=START + HOUR, closed=START + 3 * HOUR, priority=1),
            _order(3, "a", opened=START + 5 * HOUR, priority=1),
            _order(4, "b", opened=START, priority=1),
            _order(5, "c", opened=START + HOUR, closed=START + 2 * HOUR, priority=1),
            _order(6, "c", opened=START - HOUR, closed=START + HOUR, priority=2),
            _order(7, "c", opened=START - HOUR, closed=START + HOUR, priority=0),
            _order(8, "d", opened=START - HOUR, priority=1),
            _order(9, "e", opened=START + MICROSECOND, closed=START + HOUR + MICROSECOND, priority=1),
        ],
        "tariffs": [
            _tariff(1, "a", START - 24 * HOUR, START + 2 * HOUR, "0.100000"),
            _tariff(2, "a", START + 2 * HOUR, None, "0.200000"),
            _tariff(3, "c", START - 24 * HOUR, None, "0.300000"),
            _tariff(4, "d", START - 24 * HOUR, START + HOUR, "0.123457"),
            _tariff(5, "e", START + HOUR + MICROSECOND, None, "0.500000"),
        ],
    },
    equivalent={
        "LEFT JOIN became FULL JOIN": (
            "A tariff without a reading has NULL as the reading's site, for which no work order exists: "
            "WHERE takes it away again."
        )
    },
    remember=(
        "Ask with a semi join, look up with a left join: then a row stays one row, whatever is on the other side."
    ),
)


LESSON = Lesson(
    number=2,
    title="Joins",
    minutes=45,
    needs=("01-rows-and-null",),
    week=1,
    boss="joins.earned_under_repair",
    next="03-aggregation",
)
EXERCISES = (
    SITES_WITH_URGENT_ORDERS,
    TECHNICIANS_WITHOUT_REPORTS,
    SITES_AND_CURRENT_TARIFFS,
    TWIN_ORDERS,
    ORDERS_AND_TARIFFS_PER_SITE,
    TARIFF_WHEN_OPENED,
    EARNED_UNDER_REPAIR,
)
