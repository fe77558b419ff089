"""Lesson 4, windows: the tasks, their right answers, and the wrong ones that experienced people write."""

from datetime import timedelta
from decimal import Decimal

from pyspark.sql import Window
from pyspark.sql import functions as F

from helpers.exercises import START, Column, Contract, Exercise, Lesson, Wrong, row

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
MICROSECOND = 1e-6
"""In seconds."""


def _order(number, site_id="a", opened=0, closed=None, priority=2, technician=None):
    """A row of work_orders; opened and closed in hours from START, closed None = still open."""
    return row(
        "work_orders",
        work_order_id=f"wo-{number}",
        site_id=site_id,
        technician_id=technician,
        opened_at=START + opened * HOUR,
        closed_at=None if closed is None else START + closed * HOUR,
        priority=priority,
    )


def _reading(minutes, kw, site_id="a", channel="ac_power", seconds=0):
    """A row of readings; minutes and seconds from START."""
    at = START + timedelta(minutes=minutes, seconds=seconds)
    power = None if kw is None else Decimal(kw)
    return row("readings", site_id=site_id, channel=channel, event_time=at, kw=power)


# Exercise 1: a place for each row, and a filter after the window


def _by_urgency():
    """The most urgent order of a site first; the key leaves no tie."""
    return Window.partitionBy("site_id").orderBy("priority", "opened_at", "work_order_id")


def next_two_orders_numbered(work_orders):
    """The window gives each row a place; the filter comes a step later."""
    by_urgency = Window.partitionBy("site_id").orderBy("priority", "opened_at", "work_order_id")
    placed = work_orders.where("closed_at IS NULL").withColumn("place", F.row_number().over(by_urgency))
    return placed.where("place <= 2").select("site_id", "place", "work_order_id")


def next_two_orders_qualify(work_orders):
    """QUALIFY is the filter that comes after the windows, in one query."""
    return work_orders.sparkSession.sql(
        "SELECT site_id, row_number() OVER (PARTITION BY site_id ORDER BY priority, opened_at, work_order_id) "
        "AS place, work_order_id FROM {orders} WHERE closed_at IS NULL QUALIFY place <= 2",
        orders=work_orders,
    )


def _placed(work_orders, place, window):
    """The open orders whose place is at most 2, under another function or window."""
    placed = work_orders.where("closed_at IS NULL").withColumn("place", place.over(window))
    return placed.where("place <= 2").select("site_id", "place", "work_order_id")


def _window_in_the_filter(work_orders):
    place = F.row_number().over(_by_urgency())
    return work_orders.where(F.col("closed_at").isNull() & (place <= 2)).select(
        "site_id", place.alias("place"), "work_order_id"
    )


def _open_is_asked_afterwards(work_orders):
    placed = work_orders.withColumn("place", F.row_number().over(_by_urgency()))
    return placed.where("place <= 2 AND closed_at IS NULL").select("site_id", "place", "work_order_id")


def _rank_lets_ties_in(work_orders):
    return _placed(work_orders, F.rank(), Window.partitionBy("site_id").orderBy("priority", "opened_at"))


def _dense_rank_counts_levels(work_orders):
    return _placed(work_orders, F.dense_rank(), Window.partitionBy("site_id").orderBy("priority"))


def _two_in_all(work_orders):
    first = work_orders.where("closed_at IS NULL").orderBy("priority", "opened_at", "work_order_id").limit(2)
    by_all = Window.orderBy("priority", "opened_at", "work_order_id")
    return first.select("site_id", F.row_number().over(by_all).alias("place"), "work_order_id")


NEXT_TWO_ORDERS = Exercise(
    id="windows.next_two_orders",
    title="The next two jobs",
    task=(
        "For the morning call, show the next two open work orders of each site (open: closed_at is NULL), with their "
        "place, 1 or 2. The smaller priority number comes first, then the order that was opened earlier, then the "
        "smaller work_order_id. A site with only one open order shows one; a site with none does not appear."
    ),
    tables=("work_orders",),
    oracle=(
        "SELECT site_id, place, work_order_id FROM (SELECT site_id, work_order_id, "
        "row_number() OVER (PARTITION BY site_id ORDER BY priority, opened_at, work_order_id) AS place "
        "FROM work_orders WHERE closed_at IS NULL) AS placed WHERE place <= 2"
    ),
    contract=Contract(
        grain="one row per site and place, at most two for a site",
        columns=(
            Column("site_id", "string", False),
            Column("place", "int", False),
            Column("work_order_id", "string", False),
        ),
        key=("site_id", "place"),
        nulls="No column is NULL. A work_order_id is text and compares as text.",
    ),
    hints=(
        "Two open orders of one site have the same priority and were opened at the same instant. How many places 2 "
        "may there be, and does your window decide between the two?",
        "WHERE comes before the windows: it decides who gets a place at all. What asks for the place comes after "
        "them, as a step of its own (or as QUALIFY, in SQL).",
        "Window.partitionBy('site_id').orderBy(...) with all three columns of the task; the last one is the table's "
        "key, so no tie is left.",
        "work_orders.where(<open>).withColumn('place', F.row_number().over(w)).where('place <= 2').",
    ),
    solutions=(next_two_orders_numbered, next_two_orders_qualify),
    wrong=(
        Wrong(
            "a window function in the filter",
            _window_in_the_filter,
            "A filter runs before the windows, so it cannot ask for a place, not even with a DataFrame. Add the "
            "place as a column first, filter after that.",
        ),
        Wrong(
            "open is asked afterwards",
            _open_is_asked_afterwards,
            "A site lost orders because closed ones took the places: the window saw all of them. Who may have a "
            "place is decided before the window.",
        ),
        Wrong(
            "RANK without a tie-break",
            _rank_lets_ties_in,
            "Orders of the same priority and instant share a place, so a site may show three or more. With a key as "
            "the last column of the order no two rows tie.",
        ),
        Wrong(
            "DENSE_RANK for the first two",
            _dense_rank_counts_levels,
            "DENSE_RANK numbers the different priorities, not the orders: all of the two best priorities came along.",
        ),
        Wrong(
            "the first two of all",
            _two_in_all,
            "There are two orders in all, not two for each site: a limit knows no groups. The site belongs into "
            "PARTITION BY.",
        ),
    ),
    rows={
        "work_orders": [
            # Closed orders would take both places; of the open ones three tie, and their ids are not in order.
            _order(1, priority=1, opened=0, closed=1),
            _order(2, priority=1, opened=1, closed=2),
            _order(9, priority=2, opened=5),
            _order(8, priority=2, opened=5),
            _order(10, priority=2, opened=5),
            _order(3, priority=3, opened=1),
            # The earlier one, the more urgent one, and the one whose id is smaller are three different orders.
            _order(31, "b", priority=2, opened=0),
            _order(32, "b", priority=1, opened=4),
            _order(30, "b", priority=2, opened=3),
            _order(40, "c", priority=4, opened=2),
            _order(50, "d", priority=1, opened=2, closed=3),
        ]
    },
    equivalent={
        "ROW_NUMBER() became RANK()": "The window's last column is the table's key: no two rows tie.",
        "ROW_NUMBER() became DENSE_RANK()": "The window's last column is the table's key: no two rows tie.",
        "DISTINCT was added": "work_order_id is the table's key and in the result: no row comes twice.",
    },
    remember=(
        "WHERE decides who gets a place, a filter after the window (SQL: QUALIFY) which places stay; end the order "
        "with a key, and no tie is left to chance."
    ),
)


# Exercise 2: a running total, and what happens at the same instant


def _so_far():
    """A site in time, under the default frame."""
    return Window.partitionBy("site_id").orderBy("at")


def _steps(work_orders, closings="closed_at IS NOT NULL"):
    """A row per opening (+1) and per closing (-1)."""
    opened = work_orders.selectExpr("site_id", "opened_at AS at", "1 AS step")
    return opened.unionAll(work_orders.where(closings).selectExpr("site_id", "closed_at AS at", "-1 AS step"))


def open_orders_grouped(work_orders):
    """One row per site and instant first: then there are no peers, and the frame does not matter."""
    opened = work_orders.selectExpr("site_id", "opened_at AS at", "1 AS step")
    closed = work_orders.where("closed_at IS NOT NULL").selectExpr("site_id", "closed_at AS at", "-1 AS step")
    instants = opened.unionAll(closed).groupBy("site_id", "at").agg(F.sum("step").alias("step"))
    so_far = Window.partitionBy("site_id").orderBy("at")
    return instants.select("site_id", "at", F.sum("step").over(so_far).alias("open_orders"))


def open_orders_peers(work_orders):
    """The default frame takes all rows of an instant together; after it they are alike."""
    opening = F.struct(F.col("opened_at").alias("at"), F.lit(1).alias("step"))
    closing = F.struct(F.col("closed_at").alias("at"), F.lit(-1).alias("step"))
    both = work_orders.select("site_id", F.explode(F.array(opening, closing)).alias("one"))
    steps = both.select("site_id", "one.at", "one.step").where("at IS NOT NULL")
    so_far = Window.partitionBy("site_id").orderBy("at")
    return steps.select("site_id", "at", F.sum("step").over(so_far).alias("open_orders")).distinct()


def _row_by_row(work_orders):
    each = _so_far().rowsBetween(Window.unboundedPreceding, Window.currentRow)
    return _steps(work_orders).select("site_id", "at", F.sum("step").over(each).alias("open_orders")).distinct()


def _null_comes_first(work_orders):
    counted = _steps(work_orders, "true").select("site_id", "at", F.sum("step").over(_so_far()).alias("open_orders"))
    return counted.where("at IS NOT NULL").distinct()


def _no_order_in_the_window(work_orders):
    total = F.sum("step").over(Window.partitionBy("site_id"))
    return _steps(work_orders).select("site_id", "at", total.alias("open_orders")).distinct()


def _open_at(work_orders, instants, condition):
    """How many orders are open at each instant, by a join."""
    joined = instants.distinct().join(work_orders, "site_id").where(condition)
    return joined.groupBy("site_id", "at").agg(F.count("*").alias("open_orders"))


def _when_something_was_opened(work_orders):
    instants = work_orders.selectExpr("site_id", "opened_at AS at")
    return _open_at(work_orders, instants, "opened_at <= at AND (closed_at IS NULL OR closed_at > at)")


def _closed_is_still_open(work_orders):
    instants = _steps(work_orders).select("site_id", "at")
    return _open_at(work_orders, instants, "opened_at <= at AND (closed_at IS NULL OR closed_at >= at)")


OPEN_ORDERS = Exercise(
    id="windows.open_orders",
    title="How much is open?",
    task=(
        "Give each site's history of open work orders: for every instant at which one of its orders was opened or "
        "closed, the number of orders opened up to and including that instant, minus the number closed up to and "
        "including it. What happens at the same instant happens together and is one row, also where the number "
        "stays the same. Some orders that were entered badly are closed before they are opened; count them as they "
        "stand."
    ),
    tables=("work_orders",),
    oracle=(
        "SELECT DISTINCT site_id, at, sum(step) OVER (PARTITION BY site_id ORDER BY at) AS open_orders FROM ("
        "SELECT site_id, opened_at AS at, 1 AS step FROM work_orders UNION ALL "
        "SELECT site_id, closed_at AS at, -1 AS step FROM work_orders WHERE closed_at IS NOT NULL) AS steps"
    ),
    contract=Contract(
        grain="one row per site and instant at which an order was opened or closed",
        columns=(
            Column("site_id", "string", False),
            Column("at", "timestamp", False),
            Column("open_orders", "bigint", False),
        ),
        key=("site_id", "at"),
        nulls="An order without closed_at was never closed: it makes no instant of closing.",
    ),
    hints=(
        "An opening adds one, a closing takes one away. What would a table look like that has a row for each?",
        "unionAll of the openings with +1 and the closings with -1, then a running sum per site. What does it give "
        "for two orders opened at the same instant? And where do rows without an instant stand?",
        "With an order and no frame, the sum runs over RANGE: up to this row and all its peers. Either use that and "
        "drop the duplicates, or make one row per instant before the window.",
        "Leave out closings that are NULL, steps.groupBy('site_id', 'at').agg(F.sum('step').alias('step')), then "
        "F.sum('step').over(Window.partitionBy('site_id').orderBy('at')).",
    ),
    solutions=(open_orders_grouped, open_orders_peers),
    wrong=(
        Wrong(
            "ROWS for what happens together",
            _row_by_row,
            "At one instant you show several numbers: ROWS stops at each row, in whatever sequence rows of the same "
            "instant happen to stand. The default RANGE takes them together.",
        ),
        Wrong(
            "NULL sorts last",
            _null_comes_first,
            "The numbers are too small from the start: closings that never were (NULL) stand first in Spark's order, "
            "so each has taken one away already. Filter them before the window, not after it.",
        ),
        Wrong(
            "a sum without an order",
            _no_order_in_the_window,
            "Each row of a site shows the same number: without an ORDER BY the frame is the whole partition, and the "
            "sum does not run.",
        ),
        Wrong(
            "only openings are instants",
            _when_something_was_opened,
            "The instants of closing are missing: there the number falls, and that is half of the history.",
        ),
        Wrong(
            "still open when it is closed",
            _closed_is_still_open,
            "At the instant of its closing an order still counts for you. Closed up to and including that instant "
            "means that it is gone there.",
        ),
    ),
    rows={
        "work_orders": [
            # Two opened at one instant; one closed at the instant another is opened; some never closed.
            _order(1, opened=0),
            _order(2, opened=0, closed=2),
            _order(3, opened=2, closed=3),
            _order(4, opened=3, closed=5),
            _order(5, opened=4, closed=5),
            _order(6, opened=6),
            # Open for no time at all, and entered badly.
            _order(7, "b", opened=1, closed=1),
            _order(8, "c", opened=3, closed=1),
        ]
    },
    remember=(
        "With an order and no frame, a window takes RANGE up to the current row's peers: rows that tie count "
        "together. ROWS stops at each row, and then the order must be total."
    ),
)


# Exercise 3: the last known value


def _by_opening():
    """A site\'s orders in a total order."""
    return Window.partitionBy("site_id").orderBy("opened_at", "work_order_id")


def whom_to_ask_last_known(work_orders):
    """last with ignorenulls, over all rows up to this one."""
    by_opening = Window.partitionBy("site_id").orderBy("opened_at", "work_order_id")
    assigned = F.when(F.col("technician_id").isNotNull(), F.col("work_order_id"))
    return work_orders.select(
        "work_order_id",
        F.last("technician_id", ignorenulls=True).over(by_opening).alias("contact_id"),
        F.last(assigned, ignorenulls=True).over(by_opening).alias("from_order"),
    )


def whom_to_ask_counted(work_orders):
    """COUNT passes over NULL: it gives each known value and the unknown ones after it a number of their own."""
    by_opening = Window.partitionBy("site_id").orderBy("opened_at", "work_order_id")
    numbered = work_orders.withColumn("known", F.count("technician_id").over(by_opening))
    known = numbered.where("technician_id IS NOT NULL").select(
        "site_id", "known", F.col("technician_id").alias("contact_id"), F.col("work_order_id").alias("from_order")
    )
    return numbered.join(known, ["site_id", "known"], "left").select("work_order_id", "contact_id", "from_order")


def _last_known(work_orders, window):
    """The solution over another window."""
    assigned = F.when(F.col("technician_id").isNotNull(), F.col("work_order_id"))
    return work_orders.select(
        "work_order_id",
        F.last("technician_id", ignorenulls=True).over(window).alias("contact_id"),
        F.last(assigned, ignorenulls=True).over(window).alias("from_order"),
    )


def _last_includes_null(work_orders):
    assigned = F.when(F.col("technician_id").isNotNull(), F.col("work_order_id"))
    return work_orders.select(
        "work_order_id",
        F.last("technician_id").over(_by_opening()).alias("contact_id"),
        F.last(assigned).over(_by_opening()).alias("from_order"),
    )


def _lag_fills_one(work_orders):
    before = F.lag("technician_id").over(_by_opening())
    source = F.when(F.col("technician_id").isNotNull(), F.col("work_order_id")).when(
        before.isNotNull(), F.lag("work_order_id").over(_by_opening())
    )
    return work_orders.select(
        "work_order_id", F.coalesce("technician_id", before).alias("contact_id"), source.alias("from_order")
    )


def _from_the_future(work_orders):
    whole = _by_opening().rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    filled = _last_known(work_orders, whole)
    own = work_orders.selectExpr("work_order_id", "technician_id")
    return filled.join(own, "work_order_id").selectExpr(
        "work_order_id",
        "coalesce(technician_id, contact_id) AS contact_id",
        "if(technician_id IS NULL, from_order, work_order_id) AS from_order",
    )


def _time_alone(work_orders):
    return _last_known(work_orders, Window.partitionBy("site_id").orderBy("opened_at"))


def _max_so_far(work_orders):
    highest = F.max("technician_id").over(_by_opening())
    return work_orders.select(
        "work_order_id",
        F.coalesce("technician_id", highest).alias("contact_id"),
        F.max(F.expr("CASE WHEN technician_id IS NOT NULL THEN work_order_id END"))
        .over(_by_opening())
        .alias("from_order"),
    )


def _order_is_never_null(work_orders):
    return work_orders.select(
        "work_order_id",
        F.last("technician_id", ignorenulls=True).over(_by_opening()).alias("contact_id"),
        F.last("work_order_id", ignorenulls=True).over(_by_opening()).alias("from_order"),
    )


WHOM_TO_ASK = Exercise(
    id="windows.whom_to_ask",
    title="Whom to ask",
    task=(
        "Whom does the control room call about a work order? Its technician; where none is assigned, the technician "
        "of the latest earlier order of that site that has one. Earlier means opened before it, or at the same "
        "instant with a smaller work_order_id (ids are text and compare as text). Show each order with that contact, "
        "and the order that the contact was taken from: the order itself where it has a technician."
    ),
    tables=("work_orders",),
    oracle=(
        "SELECT work_order_id, last(technician_id) IGNORE NULLS OVER (PARTITION BY site_id "
        "ORDER BY opened_at, work_order_id) AS contact_id, "
        "last(CASE WHEN technician_id IS NOT NULL THEN work_order_id END) IGNORE NULLS OVER (PARTITION BY site_id "
        "ORDER BY opened_at, work_order_id) AS from_order "
        "FROM work_orders"
    ),
    contract=Contract(
        grain="one row per work order",
        columns=(
            Column("work_order_id", "string", False),
            Column("contact_id", "string"),
            Column("from_order", "string"),
        ),
        key=("work_order_id",),
        nulls="contact_id and from_order are NULL where neither the order nor an earlier one has a technician.",
    ),
    hints=(
        "Two orders in a row have no technician. How far back does LAG look from the second?",
        "The last value of all rows so far, without those that are NULL: F.last(column, ignorenulls=True) over a "
        "window; in SQL, last_value(column) IGNORE NULLS.",
        "For the order that the contact was taken from you need a column that is NULL where there is no technician, "
        "and the order's id else; then the same function over the same window.",
        "w = Window.partitionBy('site_id').orderBy('opened_at', 'work_order_id'); F.last(F.when(F.col("
        "'technician_id').isNotNull(), F.col('work_order_id')), ignorenulls=True).over(w).",
    ),
    solutions=(whom_to_ask_last_known, whom_to_ask_counted),
    wrong=(
        Wrong(
            "last() passes over NULL by itself",
            _last_includes_null,
            "The gaps are still there: the last value so far is the row's own, NULL or not. Other aggregates pass "
            "over NULL, last() and first() only with ignorenulls=True.",
        ),
        Wrong(
            "LAG fills a gap",
            _lag_fills_one,
            "Where two orders in a row have no technician, the second got none: LAG looks back one row, and there "
            "is a gap as well.",
        ),
        Wrong(
            "the last value of the partition",
            _from_the_future,
            "A contact was taken from a later order: with a frame up to UNBOUNDED FOLLOWING the last value is that "
            "of the whole site. Only what was known so far may count.",
        ),
        Wrong(
            "the time alone is an order",
            _time_alone,
            "Two orders were opened at the same instant: they are peers, so each sees the other, also the later one. "
            "The id decides between them and belongs into ORDER BY.",
        ),
        Wrong(
            "MAX so far is the latest",
            _max_so_far,
            "MAX passes over NULL, but it gives the greatest id so far, not the latest one.",
        ),
        Wrong(
            "an id that is never NULL",
            _order_is_never_null,
            "from_order is always the order itself: its id is never NULL, so there is nothing to pass over. Make it "
            "NULL where there is no technician.",
        ),
    ),
    rows={
        "work_orders": [
            # The first is unknown; then known, two unknown, a smaller technician, unknown again.
            _order(1, opened=0),
            _order(2, opened=1, technician="tech-7"),
            _order(3, opened=2),
            _order(4, opened=3),
            _order(5, opened=4, technician="tech-3"),
            _order(6, opened=5),
            # At one instant: the smaller id comes first, whatever the sequence of the rows.
            _order(21, "b", opened=1, technician="tech-5"),
            _order(20, "b", opened=1),
            _order(22, "b", opened=1),
            # Ids that run against the time.
            _order(39, "c", opened=1, technician="tech-1"),
            _order(38, "c", opened=2),
            _order(37, "c", opened=3, technician="tech-2"),
            _order(36, "c", opened=4),
            # As text 10 comes before 9.
            _order(9, "d", opened=1, technician="tech-4"),
            _order(10, "d", opened=1),
        ]
    },
    equivalent={
        "the default frame (RANGE) became ROWS": (
            "The window's last column is the table's key: no row has a peer, and both frames hold the same rows."
        )
    },
    remember=(
        "The last known value is last(..., ignorenulls=True) over a total order; LAG looks one row back, known "
        "or not."
    ),
)


# Exercise 4: a frame in hours, not in rows


def fall_within_the_hour_micros(readings):
    """rangeBetween counts in the unit of the order column: here microseconds."""
    by_channel = Window.partitionBy("site_id", "channel").orderBy(F.unix_micros("event_time"))
    last_hour = by_channel.rangeBetween(-3_600_000_000, Window.currentRow)
    fall = F.max("kw").over(last_hour) - F.col("kw")
    return readings.select("site_id", "channel", "event_time", fall.alias("fall_kw"))


def fall_within_the_hour_joined(readings):
    """Without a window: each reading meets those of its last hour."""
    a, b = readings.alias("a"), readings.alias("b")
    near = F.expr(
        "a.site_id = b.site_id AND a.channel = b.channel "
        "AND b.event_time BETWEEN a.event_time - INTERVAL 1 HOUR AND a.event_time"
    )
    highest = F.max("b.kw") - F.first("a.kw")
    return a.join(b, near).groupBy("a.site_id", "a.channel", "a.event_time").agg(highest.alias("fall_kw"))


def _fall(readings, window, kw="kw"):
    """The solution over another window, or of another power."""
    fall = F.max(F.expr(kw)).over(window) - F.expr(kw)
    return readings.select("site_id", "channel", "event_time", fall.alias("fall_kw"))


def _by_channel(*order):
    """The window of a channel, in this order."""
    return Window.partitionBy("site_id", "channel").orderBy(*order)


def _four_rows_are_an_hour(readings):
    return _fall(readings, _by_channel("event_time").rowsBetween(-4, 0))


def _seconds_against_a_timestamp(readings):
    return _fall(readings, _by_channel("event_time").rangeBetween(-3600, 0))


def _hour_of_the_clock(readings):
    hour = Window.partitionBy("site_id", "channel", F.date_trunc("hour", "event_time")).orderBy("event_time")
    return _fall(readings, hour)


def _an_hour_ago_is_too_old(readings):
    return _fall(readings, _by_channel(F.unix_seconds("event_time")).rangeBetween(-3599, 0))


def _unknown_is_zero(readings):
    last_hour = _by_channel(F.unix_micros("event_time")).rangeBetween(-3_600_000_000, 0)
    return _fall(readings, last_hour, "coalesce(kw, 0)")


FALL_WITHIN_THE_HOUR = Exercise(
    id="windows.fall_within_the_hour",
    title="A cloud, or a fault?",
    task=(
        "For each reading, how far does its power lie below the highest power that the same channel of the same site "
        "had in the hour up to it? The hour runs from exactly one hour before the reading until the reading itself, "
        "both included. Where the reading itself is the highest of its hour, the fall is 0. Where the reading's own "
        "power is not known, its fall is not known either."
    ),
    tables=("readings",),
    oracle=(
        "SELECT site_id, channel, event_time, max(kw) OVER (PARTITION BY site_id, channel ORDER BY event_time "
        "RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW) - kw AS fall_kw FROM readings"
    ),
    contract=Contract(
        grain="one row per reading",
        columns=(
            Column("site_id", "string", False),
            Column("channel", "string", False),
            Column("event_time", "timestamp", False),
            Column("fall_kw", "decimal(13,3)"),
        ),
        key=("site_id", "channel", "event_time"),
        nulls="fall_kw is NULL where kw is; unknown powers of that hour are passed over.",
    ),
    hints=(
        "Some quarter hours are missing, some readings come in between. How many rows is an hour?",
        "RANGE takes a distance in what you order by. In SQL: ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR "
        "PRECEDING AND CURRENT ROW.",
        "rangeBetween() takes numbers only, and a timestamp is none. Order by a number of seconds or microseconds, "
        "or write the window as SQL in F.expr().",
        "Window.partitionBy('site_id', 'channel').orderBy(F.unix_micros('event_time')).rangeBetween(-3_600_000_000, "
        "0); then F.max('kw').over(...) - F.col('kw').",
    ),
    solutions=(fall_within_the_hour_micros, fall_within_the_hour_joined),
    wrong=(
        Wrong(
            "four rows are an hour",
            _four_rows_are_an_hour,
            "Where a quarter hour is missing, or a reading comes in between, five rows are not an hour: ROWS counts "
            "rows. A distance in time is RANGE.",
        ),
        Wrong(
            "seconds against a timestamp",
            _seconds_against_a_timestamp,
            "rangeBetween() takes numbers in the unit of the order column, and a timestamp has none: order by "
            "F.unix_micros(...), or write the window in SQL with an INTERVAL.",
        ),
        Wrong(
            "the hour of the clock",
            _hour_of_the_clock,
            "At each full hour your highest power begins anew: date_trunc makes fixed hours. The last hour moves "
            "along with each reading.",
        ),
        Wrong(
            "an hour ago is too old",
            _an_hour_ago_is_too_old,
            "The reading of exactly one hour before is left out. Both ends of the hour are included, as in BETWEEN.",
        ),
        Wrong(
            "not known is zero",
            _unknown_is_zero,
            "Where the power is not known you let it fall to 0, and raise an alarm about a reading that nobody took. "
            "NULL stays NULL.",
        ),
    ),
    rows={
        "readings": [
            # Missing quarter hours: the fifth row back is far away; the edges of the hour to the second.
            _reading(0, "9.000"),
            _reading(60, "5.000"),
            _reading(60, "4.000", seconds=1),
            _reading(120, "3.000"),
            _reading(135, None),
            _reading(150, "1.500"),
            # Readings in between: more than five in an hour, and the highest is the first.
            _reading(0, "8.000", "b"),
            *(_reading(minutes, "1.000", "b") for minutes in (10, 20, 30, 40, 50, 58)),
            # All below zero; two channels of one site; a higher one later.
            _reading(0, "-0.030", "c"),
            _reading(15, "-0.050", "c"),
            _reading(30, "-0.010", "c"),
            _reading(0, "7.000", "d"),
            _reading(15, "2.000", "d", "dc_power"),
            _reading(30, "6.000", "d"),
            # Older than an hour by less than a second.
            _reading(0, "9.000", "e"),
            _reading(60, "1.000", "e", seconds=MICROSECOND),
        ]
    },
    remember=(
        "ROWS counts rows, RANGE measures a distance: in SQL with an INTERVAL, in rangeBetween() as a number in the "
        "unit of the order column."
    ),
)


# Exercise 5: islands of time

FRESH = (
    "CASE WHEN max(closed_at) OVER ({before}) >= opened_at OR bool_or(closed_at IS NULL) OVER ({before}) "
    "THEN 0 ELSE 1 END"
)
BEFORE = "PARTITION BY site_id ORDER BY opened_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
ENDED = "CASE WHEN count(*) = count(closed_at) THEN max(closed_at) END"
VALID = "closed_at IS NULL OR closed_at >= opened_at"


def _periods(work_orders, fresh, ended=ENDED):
    """Number the periods by a running sum of the rows that begin one, then group by that number."""
    in_time = Window.partitionBy("site_id").orderBy("opened_at")
    marked = work_orders.where(VALID).withColumn("fresh", F.expr(fresh))
    numbered = marked.withColumn("period", F.sum("fresh").over(in_time))
    return (
        numbered.groupBy("site_id", "period")
        .agg(F.min("opened_at").alias("began"), F.expr(ended).alias("ended"), F.count("*").alias("orders"))
        .drop("period")
    )


def busy_periods_running_end(work_orders):
    """A row begins a period where nothing before it reaches up to it: the greatest end so far tells."""
    valid = work_orders.where("closed_at IS NULL OR closed_at >= opened_at")
    by_opening = Window.partitionBy("site_id").orderBy("opened_at")
    before = by_opening.rowsBetween(Window.unboundedPreceding, -1)
    reached = F.max("closed_at").over(before) >= F.col("opened_at")
    goes_on = F.bool_or(F.col("closed_at").isNull()).over(before)
    marked = valid.withColumn("fresh", F.when(reached | goes_on, 0).otherwise(1))
    periods = marked.withColumn("period", F.sum("fresh").over(by_opening)).groupBy("site_id", "period")
    ended = F.when(F.count("*") == F.count("closed_at"), F.max("closed_at"))
    found = periods.agg(F.min("opened_at").alias("began"), ended.alias("ended"), F.count("*").alias("orders"))
    return found.drop("period")


def busy_periods_depth(work_orders):
    """Openings count up, closings down; where the count comes back to 0, a period is over."""
    orders = work_orders.where("closed_at IS NULL OR closed_at >= opened_at")
    opened = orders.selectExpr("site_id", "opened_at AS at", "0 AS second", "1 AS step")
    closed = orders.where("closed_at IS NOT NULL").selectExpr("site_id", "closed_at", "1", "-1")
    # At one instant openings come first, so that what touches holds together.
    each = Window.partitionBy("site_id").orderBy("at", "second").rowsBetween(Window.unboundedPreceding, 0)
    steps = opened.unionAll(closed).withColumn("depth", F.sum("step").over(each))
    over = F.when(F.col("depth") == 0, 1).otherwise(0)
    earlier = each.rowsBetween(Window.unboundedPreceding, -1)
    numbered = steps.withColumn("period", F.coalesce(F.sum(over).over(earlier), F.lit(0)))
    return (
        numbered.groupBy("site_id", "period")
        .agg(
            F.min("at").alias("began"),
            F.max(F.when(F.col("depth") == 0, F.col("at"))).alias("ended"),
            F.sum(F.when(F.col("step") == 1, 1)).alias("orders"),
        )
        .drop("period")
    )


def _lag_is_all_before(work_orders):
    one = "PARTITION BY site_id ORDER BY opened_at"
    fresh = (
        f"CASE WHEN lag(closed_at) OVER ({one}) >= opened_at "
        f"OR (lag(opened_at) OVER ({one}) IS NOT NULL AND lag(closed_at) OVER ({one}) IS NULL) THEN 0 ELSE 1 END"
    )
    return _periods(work_orders, fresh)


def _open_end_is_passed_over(work_orders):
    fresh = f"CASE WHEN max(closed_at) OVER ({BEFORE}) >= opened_at THEN 0 ELSE 1 END"
    return _periods(work_orders, fresh, "max(closed_at)")


def _touching_is_apart(work_orders):
    return _periods(work_orders, FRESH.format(before=BEFORE).replace(">= opened_at", "> opened_at"))


def _far_future_shows(work_orders):
    far = F.coalesce("closed_at", F.expr("TIMESTAMP '9999-12-31 00:00:00'"))
    return _periods(work_orders.withColumn("closed_at", far), FRESH.format(before=BEFORE))


def _by_the_day(work_orders):
    return (
        work_orders.where(VALID)
        .groupBy("site_id", F.to_date("opened_at").alias("day"))
        .agg(F.min("opened_at").alias("began"), F.expr(ENDED).alias("ended"), F.count("*").alias("orders"))
        .drop("day")
    )


def _direct_partners_only(work_orders):
    a, b = work_orders.where(VALID).alias("a"), work_orders.where(VALID).alias("b")
    meets = F.expr(
        "a.site_id = b.site_id AND (b.closed_at IS NULL OR a.opened_at <= b.closed_at) "
        "AND (a.closed_at IS NULL OR b.opened_at <= a.closed_at)"
    )
    met = a.join(b, meets).groupBy("a.site_id", "a.work_order_id")
    ended = "CASE WHEN count(*) = count(b.closed_at) THEN max(b.closed_at) END"
    found = met.agg(F.min("b.opened_at").alias("began"), F.expr(ended).alias("ended"), F.count("*").alias("orders"))
    return found.select("site_id", "began", "ended", "orders").distinct()


BUSY_PERIODS = Exercise(
    id="windows.busy_periods",
    title="When was somebody at work?",
    task=(
        "Merge each site's work orders into periods of work. Orders that overlap, or touch (one is opened at the "
        "instant another is closed), belong to one period, directly or by way of others between them. Show when each "
        "period began, when it ended, and how many orders are in it. An order without closed_at goes on for ever. "
        "Orders closed before they were opened were entered badly: leave them out."
    ),
    tables=("work_orders",),
    oracle=(
        "WITH marked AS (SELECT site_id, opened_at, closed_at, "
        f"{FRESH.format(before=BEFORE)} AS fresh FROM work_orders WHERE {VALID}), "
        "numbered AS (SELECT site_id, opened_at, closed_at, "
        "sum(fresh) OVER (PARTITION BY site_id ORDER BY opened_at) AS period FROM marked) "
        f"SELECT site_id, min(opened_at) AS began, {ENDED} AS ended, count(*) AS orders "
        "FROM numbered GROUP BY site_id, period"
    ),
    contract=Contract(
        grain="one row per site and period of work",
        columns=(
            Column("site_id", "string", False),
            Column("began", "timestamp", False),
            Column("ended", "timestamp"),
            Column("orders", "bigint", False),
        ),
        key=("site_id", "began"),
        nulls="ended is NULL for a period that goes on: one of its orders has no closed_at.",
    ),
    hints=(
        "A long order is followed by two short ones, one after the other, both within it. What does the last of "
        "the three find when it looks back one row?",
        "In the order of opening, a row begins a period where nothing before it reaches up to it. The greatest "
        "closed_at of all rows before tells, and whether one of them has none.",
        "Mark each beginning with 1, the others with 0: the running sum of the marks numbers the periods. Group by "
        "that number.",
        "The frame of all rows before this one: .rowsBetween(Window.unboundedPreceding, -1). Over the first row it "
        "is empty: MAX is NULL there, so let the CASE say 0 for what goes on, and 1 in its ELSE.",
    ),
    solutions=(busy_periods_running_end, busy_periods_depth),
    wrong=(
        Wrong(
            "LAG sees all that went before",
            _lag_is_all_before,
            "A period was cut in two: the order one row back was over, but an earlier, longer one was not. You need "
            "the greatest end of all rows before, not that of the last one.",
        ),
        Wrong(
            "MAX notices an open end",
            _open_end_is_passed_over,
            "A period that goes on was given an end, or was cut: MAX passes over NULL, and so an order that is never "
            "closed counts as nothing.",
        ),
        Wrong(
            "touching is not enough",
            _touching_is_apart,
            "Orders that touch were put into two periods: where one is opened at the instant another is closed, work "
            "goes on.",
        ),
        Wrong(
            "a stand-in for no end",
            _far_future_shows,
            "The date that stands for no end in your answer is shown as an end. Turn it into NULL again, or do "
            "without it.",
        ),
        Wrong(
            "a period is a day",
            _by_the_day,
            "Orders of one day were merged though a pause lies between them, and work across midnight was cut: what "
            "counts is whether they overlap.",
        ),
        Wrong(
            "a join finds them all",
            _direct_partners_only,
            "Orders that hold together by way of another one came out as several periods: a join only finds those "
            "that meet directly.",
        ),
    ),
    rows={
        "work_orders": [
            # A long order holds two short ones; one that touches; a pause on the same day.
            _order(1, opened=0, closed=5),
            _order(2, opened=1, closed=2),
            _order(3, opened=3, closed=4),
            _order(4, opened=5, closed=6),
            _order(5, opened=7, closed=8),
            # One without end holds all that follow; before it there is a pause.
            _order(6, "b", opened=0, closed=1),
            _order(7, "b", opened=2),
            _order(8, "b", opened=3, closed=4),
            _order(9, "b", opened=6, closed=7),
            # Opened at one instant, one of no length; one entered badly that would fill a pause; across midnight.
            _order(10, "c", opened=0, closed=0),
            _order(11, "c", opened=0, closed=1),
            _order(12, "c", opened=2, closed=1),
            _order(13, "c", opened=3, closed=13),
            _order(14, "c", opened=12, closed=14),
            _order(15, "c", opened=13, closed=15),
        ]
    },
    equivalent={
        "COUNT(*) = COUNT(closed_at) became COUNT(*) <= COUNT(closed_at)": (
            "COUNT(*) is never smaller than the count of a column."
        ),
        "the default frame (RANGE) became ROWS": (
            "All windows sort alike, and of the orders opened at one instant at most the first begins a period: each "
            "of the others finds it among those before, open or closed at that instant or later. Their marks are 0, "
            "so the sum is the same with and without its peers."
        ),
    },
    remember=(
        "Islands: mark each row that begins one, sum the marks, group by the sum. For spans that hold one another, "
        "compare with the greatest end so far, not with LAG."
    ),
)


# Boss fight: islands in real readings, and the longest of each channel


def _by_time():
    """A channel in time."""
    return Window.partitionBy("site_id", "channel").orderBy("event_time")


def longest_flat_line_marked(readings):
    """Mark what begins a stretch, sum the marks, group, rank, filter."""
    by_time = Window.partitionBy("site_id", "channel").orderBy("event_time")
    on_time = F.lag("event_time").over(by_time) == F.expr("event_time - INTERVAL 15 MINUTES")
    same = F.lag("kw").over(by_time) == F.col("kw")
    marked = readings.withColumn("fresh", F.when(on_time & same, 0).otherwise(1))
    numbered = marked.withColumn("stretch", F.sum("fresh").over(by_time))
    stretches = numbered.groupBy("site_id", "channel", "kw", "stretch").agg(
        F.min("event_time").alias("began"), F.max("event_time").alias("ended"), F.count("*").alias("readings")
    )
    longest = Window.partitionBy("site_id", "channel").orderBy(F.desc("readings"), F.desc("began"))
    placed = stretches.where("readings >= 2").withColumn("place", F.row_number().over(longest))
    return placed.where("place = 1").select("site_id", "channel", "kw", "began", "ended", "readings")


def longest_flat_line_named(readings):
    """The last known beginning is a stretch's name; the greatest struct of a channel is its longest stretch."""
    by_time = Window.partitionBy("site_id", "channel").orderBy("event_time")
    before = readings.withColumn("kw_before", F.lag("kw").over(by_time))
    before = before.withColumn("at_before", F.lag("event_time").over(by_time))
    goes_on = "kw = kw_before AND event_time = at_before + INTERVAL 15 MINUTES"
    begun = before.withColumn("begun", F.expr(f"CASE WHEN {goes_on} THEN NULL ELSE event_time END"))
    named = begun.withColumn("began", F.last("begun", ignorenulls=True).over(by_time))
    stretches = named.groupBy("site_id", "channel", "kw", "began").agg(
        F.max("event_time").alias("ended"), F.count("*").alias("readings")
    )
    best = F.max(F.struct("readings", "began", "ended", "kw")).alias("best")
    longest = stretches.where("readings > 1").groupBy("site_id", "channel").agg(best)
    return longest.select("site_id", "channel", "best.kw", "best.began", "best.ended", "best.readings")


def _longest(numbered, place=None, order=None):
    """The longest stretch of each site and channel, where rows of the same stretch have the same number."""
    stretches = (
        numbered.groupBy("site_id", "channel", "kw", "stretch")
        .agg(
            F.min("event_time").alias("began"),
            F.max("event_time").alias("ended"),
            F.count("*").alias("readings"),
        )
        .where("readings >= 2")
    )
    by_length = Window.partitionBy("site_id", "channel").orderBy(*(order or (F.desc("readings"), F.desc("began"))))
    ranked = stretches.withColumn("place", (F.row_number() if place is None else place).over(by_length))
    return ranked.where("place = 1").select("site_id", "channel", "kw", "began", "ended", "readings")


def _numbered(readings, goes_on):
    """The readings with the number of their stretch, by a condition on what goes on."""
    marked = readings.withColumn("fresh", F.expr(f"CASE WHEN {goes_on} THEN 0 ELSE 1 END"))
    return marked.withColumn("stretch", F.sum("fresh").over(_by_time()))


SAME = "kw = lag(kw) OVER (PARTITION BY site_id, channel ORDER BY event_time)"
SHOWN = "kw = LAG(kw) OVER (PARTITION BY site_id, channel ORDER BY event_time)"
FALLING = (
    "A run of powers that only fall, or only rise, is cut by kw in GROUP BY at each change, and no power comes back "
    "in such a run: the groups are the same."
)
ON_TIME = (
    "event_time = lag(event_time) OVER (PARTITION BY site_id, channel ORDER BY event_time) + INTERVAL '15' MINUTE"
)


def _all_of_a_value(readings):
    return _longest(readings.where("kw IS NOT NULL").withColumn("stretch", F.lit(0)))


def _lag_knows_no_clock(readings):
    return _longest(_numbered(readings, SAME))


def _unknown_equals_unknown(readings):
    return _longest(_numbered(readings, f"{SAME.replace('=', '<=>', 1)} AND {ON_TIME}"))


def _known_rows_are_neighbours(readings):
    known = readings.where("kw IS NOT NULL")
    by_value = Window.partitionBy("site_id", "channel", "kw").orderBy("event_time")
    numbered = known.withColumn("stretch", F.row_number().over(_by_time()) - F.row_number().over(by_value))
    return _longest(numbered)


def _filled_first(readings):
    filled = readings.withColumn("kw", F.last("kw", ignorenulls=True).over(_by_time()))
    return _longest(_numbered(filled, f"{SAME} AND {ON_TIME}"))


def _all_of_the_longest(readings):
    return _longest(_numbered(readings, f"{SAME} AND {ON_TIME}"), place=F.rank(), order=(F.desc("readings"),))


LONGEST_FLAT_LINE = Exercise(
    id="windows.longest_flat_line",
    title="Boss fight: the longest flat line",
    task=(
        "A meter that sticks shows the same power again and again, and so does a plant that sleeps: somebody has to "
        "look. A stretch goes on as long as each reading comes exactly 15 minutes after the channel's reading before "
        "it and shows the same power. A missing quarter hour, a reading in between, or a power that is not known "
        "ends it; zero is a power like any other. For each site and channel report the stretch with the most "
        "readings, at least two; of equally long ones the latest."
    ),
    tables=("readings",),
    oracle=(
        f"WITH marked AS (SELECT site_id, channel, event_time, kw, CASE WHEN {SAME} AND {ON_TIME} "
        "THEN 0 ELSE 1 END AS fresh FROM readings), "
        "numbered AS (SELECT site_id, channel, event_time, kw, "
        "sum(fresh) OVER (PARTITION BY site_id, channel ORDER BY event_time) AS stretch FROM marked), "
        "stretches AS (SELECT site_id, channel, kw, min(event_time) AS began, max(event_time) AS ended, "
        "count(*) AS readings FROM numbered GROUP BY site_id, channel, kw, stretch HAVING count(*) >= 2), "
        "ranked AS (SELECT site_id, channel, kw, began, ended, readings, row_number() OVER ("
        "PARTITION BY site_id, channel ORDER BY readings DESC, began DESC) AS place FROM stretches) "
        "SELECT site_id, channel, kw, began, ended, readings FROM ranked WHERE place = 1"
    ),
    contract=Contract(
        grain="one row per site and channel that has a stretch of at least two readings",
        columns=(
            Column("site_id", "string", False),
            Column("channel", "string", False),
            Column("kw", "decimal(12,3)", False),
            Column("began", "timestamp", False),
            Column("ended", "timestamp", False),
            Column("readings", "bigint", False),
        ),
        key=("site_id", "channel"),
        nulls="A reading without a power belongs to no stretch. ended is the time of the stretch's last reading.",
    ),
    hints=(
        "Which two questions about the reading before tell that a stretch goes on? What becomes of them for NULL?",
        "Mark each reading that begins a stretch with 1, all others with 0; the running sum of the marks numbers the "
        "stretches. Then one row per stretch.",
        "Of several stretches one is left per channel: that is a place by (readings DESC, began DESC), and a filter "
        "after the window.",
        "same = F.col('kw') == F.lag('kw').over(w); the clock: F.lag('event_time').over(w) == F.expr('event_time - "
        "INTERVAL 15 MINUTES'); F.when(same & on_time, 0).otherwise(1) also says 1 where one of them is NULL.",
    ),
    solutions=(longest_flat_line_marked, longest_flat_line_named),
    wrong=(
        Wrong(
            "all readings of a value",
            _all_of_a_value,
            "Readings of the same power were counted together though others lie between them: GROUP BY knows no "
            "neighbours. Number the stretches first.",
        ),
        Wrong(
            "LAG knows the clock",
            _lag_knows_no_clock,
            "A stretch went on across a time without readings: LAG gives the row before, however long ago it was. "
            "Ask for its time as well.",
        ),
        Wrong(
            "unknown equals unknown",
            _unknown_equals_unknown,
            "A channel that reported no power at all was taken for one that stands still: not known is not flat. <=> "
            "takes two NULLs for the same, and so does = where it compares structs.",
        ),
        Wrong(
            "the difference of two numberings",
            _known_rows_are_neighbours,
            "Readings were joined across one whose power is not known, or across a missing quarter hour. Where "
            "unknown powers go out before the neighbours are looked for (by LAG, or by row number minus row number "
            "within the value), the readings beside them become neighbours; and the clock has to be asked as well.",
        ),
        Wrong(
            "fill the gaps first",
            _filled_first,
            "You carried the last known power over readings that have none, and so the gap itself became flat. A "
            "filled value is a guess and cannot prove that a meter sticks.",
        ),
        Wrong(
            "RANK finds the longest",
            _all_of_the_longest,
            "A channel with two equally long stretches shows both: RANK lets ties share a place. Say in the order "
            "which of them wins, and take ROW_NUMBER.",
        ),
    ),
    rows={
        "readings": [
            # Two equally long stretches, the later one of a greater and of a smaller power; a value that comes back.
            *(_reading(15 * at, kw) for at, kw in enumerate(("1.000", "1.000", "5.000", "1.000", "0.000", "0.000"))),
            # A missing quarter hour, one without power, a reading in between; what is left is shorter.
            *(_reading(minutes, "2.000", "b") for minutes in (0, 30, 45, 75, 82, 90)),
            *(_reading(minutes, kw, "c") for minutes, kw in ((0, "3.000"), (15, None), (30, "3.000"), (45, None))),
            *(_reading(minutes, None, "d") for minutes in (0, 15, 30)),
            _reading(45, "4.000", "d"),
            _reading(60, "4.000", "d"),
            # Two channels of one site, in turns and at one time; the edges of the quarter hour to the second.
            *(_reading(15 * at, "6.000", "e") for at in range(3)),
            *(_reading(15 * at + 5, "5.500", "e", "dc_power") for at in range(4)),
            _reading(0, "7.000", "f"),
            _reading(14, "7.000", "f", seconds=59),
            _reading(29, "7.000", "f", seconds=58),
            _reading(45, "7.000", "f"),
            # The same by minutes and by hours; a long stretch after a short one; a single reading.
            *(_reading(14 * at, "8.000", "g") for at in range(3)),
            *(_reading(16 * at, "8.000", "h") for at in range(3)),
            *(_reading(900 * at, "8.000", "i") for at in range(3)),
            *(_reading(15 * at, kw, "j") for at, kw in enumerate(("9.000", "9.000", "1.000", "1.000", "1.000"))),
            _reading(0, "9.500", "k"),
            # A quarter hour, and less than a second more.
            _reading(0, "9.800", "l"),
            _reading(15, "9.800", "l", seconds=MICROSECOND),
        ]
    },
    equivalent={
        "DISTINCT was added": "site_id, channel and a time of the stretch are in each SELECT: no row comes twice.",
        "place = 1 became place <= 1": "ROW_NUMBER counts from 1.",
        "the default frame (RANGE) became ROWS": "A channel has one reading at a time (the key): no peers.",
        "COUNT(*) became COUNT(numbered.kw)": (
            "kw is in GROUP BY, so it is NULL in all rows of a group or in none. A row without a power begins a "
            "stretch and so does the row after it: its group has one row, and HAVING takes it away with either count."
        ),
        "ROW_NUMBER() became RANK()": "Stretches of one channel begin at different times: no two rows tie.",
        "ROW_NUMBER() became DENSE_RANK()": "Stretches of one channel begin at different times: no two rows tie.",
        "NULLS LAST of began became NULLS FIRST": "began is the least of times that are never NULL.",
        "began became stretches.ended": (
            "It decides between stretches of as many readings, each 15 minutes after the one before: which begins "
            "later also ends later."
        ),
        f"{SHOWN} became {SHOWN.replace(' = ', ' <= ')}": FALLING,
        f"{SHOWN} became {SHOWN.replace(' = ', ' >= ')}": FALLING,
    },
    remember=(
        "Islands begin where the row before is another or too long ago; number them by a running sum, and choose "
        "among them by a total order."
    ),
)


LESSON = Lesson(
    number=4,
    title="Windows",
    minutes=45,
    needs=("03-aggregation",),
    week=2,
    boss="windows.longest_flat_line",
    next="05-what-spark-does-with-it",
)
EXERCISES = (
    NEXT_TWO_ORDERS,
    OPEN_ORDERS,
    WHOM_TO_ASK,
    FALL_WITHIN_THE_HOUR,
    BUSY_PERIODS,
    LONGEST_FLAT_LINE,
)
