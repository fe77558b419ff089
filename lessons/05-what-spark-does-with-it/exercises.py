"""Lesson 5, what Spark does with it: tasks with a budget, and wrong answers that give wrong rows or cost too much."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pyspark.sql import Window
from pyspark.sql import functions as F

from helpers.exercises import START, Budget, Column, Contract, Exercise, Lesson, Wrong, row

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
SITE, NAME = Column("site_id", "string", False), Column("name", "string", False)
CHANNEL, READINGS = Column("channel", "string", False), Column("readings", "bigint", False)


def _reading(hours, kw, site_id="a", channel="ac_power", seconds=0, start=START):
    """A row of readings; hours and seconds from `start`, kw as text, None = not known."""
    at = start + hours * HOUR + seconds * SECOND
    power = None if kw is None else Decimal(kw)
    return row("readings", site_id=site_id, channel=channel, event_time=at, kw=power)


# Exercise 1: a rule in Spark's own words, or in Python


def load_bands_case(readings):
    """CASE is a column: it runs where the rows are."""
    band = (F.when(F.col("kw") < 0, "draws").when(F.col("kw") < 1, "idle").when(F.col("kw") >= 1, "feeds")).otherwise(
        "unknown"
    )
    return readings.groupBy("site_id", band.alias("band")).agg(F.count("*").alias("readings"))


def load_bands_lookup(readings):
    """A sign or a whole number is a key: the names come from a map."""
    number = F.expr("CAST(sign(kw) AS INT) + CASE WHEN kw >= 1 THEN 1 ELSE 0 END")
    names = F.create_map(*(F.lit(x) for x in (-1, "draws", 0, "idle", 1, "idle", 2, "feeds")))
    banded = readings.withColumn("band", F.coalesce(F.try_element_at(names, number), F.lit("unknown")))
    return banded.groupBy("site_id", "band").agg(F.count("*").alias("readings"))


def _counted(readings, band):
    return readings.groupBy("site_id", band.alias("band")).agg(F.count("*").alias("readings"))


def _a_function_of_my_own(readings):
    # Inside, so that the function travels to Spark by its code and not by its module's name.
    def band(kw):
        if kw is None:
            return "unknown"
        return "draws" if kw < 0 else "idle" if kw < 1 else "feeds"

    return _counted(readings, F.udf(band, "string")("kw"))


def _pandas_is_fast(readings):
    def banded(batches):
        for batch in batches:
            names = [
                "unknown" if kw is None else "draws" if kw < 0 else "idle" if kw < 1 else "feeds" for kw in batch.kw
            ]
            yield batch.assign(band=names)[["site_id", "band"]]

    rows = readings.select("site_id", "kw").mapInPandas(banded, "site_id string, band string")
    return rows.groupBy("site_id", "band").agg(F.count("*").alias("readings"))


def _null_falls_into_else(readings):
    return _counted(readings, F.expr("CASE WHEN kw < 0 THEN 'draws' WHEN kw < 1 THEN 'idle' ELSE 'feeds' END"))


def _between_leaves_gaps(readings):
    band = (
        "CASE WHEN kw < 0 THEN 'draws' WHEN kw BETWEEN 0 AND 0.99 THEN 'idle' WHEN kw >= 1 THEN 'feeds' "
        "ELSE 'unknown' END"
    )
    return _counted(readings, F.expr(band))


def _whole_kilowatts(readings):
    band = (
        "CASE WHEN whole < 0 THEN 'draws' WHEN whole < 1 THEN 'idle' WHEN whole >= 1 THEN 'feeds' ELSE 'unknown' END"
    )
    return _counted(readings.withColumn("whole", F.expr("CAST(kw AS INT)")), F.expr(band))


LOAD_BANDS = Exercise(
    id="spark.load_bands",
    title="Bands of load",
    task=(
        "For each site count its readings by band: 'draws' below 0 kW, 'idle' from 0 kW to less than 1 kW, 'feeds' "
        "from 1 kW, 'unknown' where kw is NULL. A band in which a site has no reading has no row."
    ),
    tables=("readings",),
    oracle=(
        "SELECT site_id, CASE WHEN kw < 0 THEN 'draws' WHEN kw < 1 THEN 'idle' WHEN kw >= 1 THEN 'feeds' "
        "ELSE 'unknown' END AS band, count(*) AS readings FROM readings GROUP BY site_id, band"
    ),
    contract=Contract(
        grain="one row per site and band in which it has readings",
        columns=(SITE, Column("band", "string", False), READINGS),
        key=("site_id", "band"),
        nulls="A reading whose kw is NULL counts as 'unknown'.",
    ),
    hints=(
        "Which of Spark's own words says what your IF says? Where do rows go when the rule is in Python?",
        "Three bands and a rest: CASE in SQL, F.when(...).when(...).otherwise(...) in a DataFrame. What does kw < 0 "
        "say of a NULL, and which branch takes it?",
        "Ask for all three bands by a comparison and leave what is unknown to the last branch; then group by site_id "
        "and the new column.",
        "F.when(F.col('kw') < 0, 'draws').when(F.col('kw') < 1, 'idle').when(F.col('kw') >= 1, 'feeds')"
        ".otherwise('unknown').alias('band') goes straight into groupBy.",
    ),
    solutions=(load_bands_case, load_bands_lookup),
    wrong=(
        Wrong(
            "a function of my own",
            _a_function_of_my_own,
            "A function written in Python cannot run where the rows are: each of them is sent to a Python process "
            "and the result is sent back, in batches. Spark cannot look into it either. CASE says the same in "
            "Spark.",
            over_budget=True,
        ),
        Wrong(
            "pandas is fast",
            _pandas_is_fast,
            "With mapInPandas whole batches go to Python instead of single values. That is quicker than row by row, "
            "but all of them still leave Spark and come back. CASE stays.",
            over_budget=True,
        ),
        Wrong(
            "the rest is known",
            _null_falls_into_else,
            "Readings without a power were counted among those that feed: NULL < 0 is not true, nor is NULL < 1, so "
            "ELSE takes it.",
        ),
        Wrong(
            "BETWEEN up to the last digit",
            _between_leaves_gaps,
            "A power like 0.995 kW fell between two bands: kw has three digits. Give each band an open end (< 1), "
            "and there is no gap whatever the scale.",
        ),
        Wrong(
            "whole kilowatts",
            _whole_kilowatts,
            "A little below zero counts as idle with you: CAST to INT cuts off towards zero, so -0.4 becomes 0.",
        ),
    ),
    rows={
        "readings": [
            _reading(0, None),
            _reading(1, "-0.001"),
            _reading(2, "0.000"),
            _reading(3, "0.995"),
            _reading(4, "0.999"),
            _reading(5, "1.000"),
            _reading(6, "-1.000"),
            _reading(7, "1.001"),
        ]
    },
    equivalent={
        "WHEN kw < 1 and WHEN kw >= 1 changed places": "No power is both: which is asked first does not matter.",
        "1 became 0": "In the third WHEN only powers from 1 are left to ask, and each of them is >= 0.",
    },
    budget=Budget(shuffles=1, reads=1, columns=("kw",), python=False),
    remember=(
        "What Spark's own functions can say stays in Spark. A Python function is a border that each row crosses."
    ),
)


# Exercise 2: a filter that the files understand


DAY_BEGINS = datetime(2022, 1, 4, 7, tzinfo=UTC)


def bright_hours_bounds(readings):
    """The bounds are computed once; the columns are compared as they are."""
    day = readings.where("site_id = 'rsf' AND kw >= 50.5").where(
        "event_time >= to_timestamp('2022-01-04 00:00:00 America/Denver') "
        "AND event_time < to_timestamp('2022-01-05 00:00:00 America/Denver')"
    )
    return day.groupBy("channel").agg(
        F.min("event_time").alias("first"), F.max("event_time").alias("last"), F.count("*").alias("readings")
    )


def bright_hours_columns(readings):
    """The same with columns: Decimal for a decimal, and bounds that Spark folds into constants."""
    begins, ends = (F.to_utc_timestamp(F.lit(day), "America/Denver") for day in ("2022-01-04", "2022-01-05"))
    at, kw = F.col("event_time"), F.col("kw")
    day = readings.where(F.col("site_id") == "rsf").where((at >= begins) & (at < ends) & (kw >= Decimal("50.5")))
    return day.groupBy("channel").agg(
        F.min("event_time").alias("first"), F.max("event_time").alias("last"), F.count("*").alias("readings")
    )


LOCAL_DAY = "event_time >= '2022-01-04 07:00:00' AND event_time < '2022-01-05 07:00:00'"


def _spanned(rows):
    """First, last and number of the readings of each channel."""
    first, last = F.min("event_time").alias("first"), F.max("event_time").alias("last")
    return rows.groupBy("channel").agg(first, last, F.count("*").alias("readings"))


def _local_date_of_each_row(readings):
    local = F.to_date(F.from_utc_timestamp("event_time", "America/Denver"))
    return _spanned(readings.where("site_id = 'rsf' AND kw >= 50.5").where(local == "2022-01-04"))


def _compared_with_a_double(readings):
    return _spanned(readings.where(f"site_id = 'rsf' AND {LOCAL_DAY}").where(F.col("kw") >= 50.5))


def _the_day_of_utc(readings):
    return _spanned(readings.where("site_id = 'rsf' AND kw >= 50.5 AND to_date(event_time) = '2022-01-04'"))


def _the_other_way_round(readings):
    day = "event_time >= '2022-01-03 17:00:00' AND event_time < '2022-01-04 17:00:00'"
    return _spanned(readings.where(f"site_id = 'rsf' AND kw >= 50.5 AND {day}"))


def _case_does_not_matter(readings):
    return _spanned(readings.where(f"lower(site_id) = 'rsf' AND kw >= 50.5 AND {LOCAL_DAY}"))


def _midnight_of_both_days(readings):
    day = "event_time BETWEEN '2022-01-04 07:00:00' AND '2022-01-05 07:00:00'"
    return _spanned(readings.where(f"site_id = 'rsf' AND kw >= 50.5 AND {day}"))


def _the_day_is_asked_of_the_group(readings):
    spans = _spanned(readings.where("site_id = 'rsf' AND kw >= 50.5"))
    return spans.where("first >= '2022-01-04 07:00:00' AND last < '2022-01-05 07:00:00'")


BRIGHT_HOURS = Exercise(
    id="spark.bright_hours",
    title="The bright hours of a day",
    task=(
        "For the site 'rsf' and its local day 4 January 2022 show, for each channel with a power of at least 50.5 "
        "kW, the time of the first and of the last such reading, and their number. The site's clocks "
        "(America/Denver) stand seven hours behind UTC on that day; event_time is an instant, and the session "
        "shows it in UTC."
    ),
    tables=("readings",),
    oracle=(
        "SELECT channel, min(event_time) AS first, max(event_time) AS last, count(*) AS readings FROM readings "
        "WHERE site_id = 'rsf' AND event_time >= TIMESTAMP '2022-01-04 07:00:00' "
        "AND event_time < TIMESTAMP '2022-01-05 07:00:00' AND kw >= 50.5 GROUP BY channel"
    ),
    contract=Contract(
        grain="one row per channel of that site with a reading of at least 50.5 kW on that day",
        columns=(CHANNEL, Column("first", "timestamp", False), Column("last", "timestamp", False), READINGS),
        key=("channel",),
        nulls="A reading whose kw is NULL does not count.",
    ),
    hints=(
        "A file knows the least and the greatest value of each of its columns, and nothing else. Which of your "
        "conditions can be answered from these two?",
        "Leave the columns alone, and turn the constants round until they fit: at which instant does the day begin "
        "in Denver, said in UTC, and of which type is 50.5?",
        "From 2022-01-04 07:00:00 (included) to 2022-01-05 07:00:00 (excluded) in UTC. F.col('kw') >= 50.5 compares "
        "with a DOUBLE; in SQL text, 50.5 is a DECIMAL.",
        "readings.where(\"site_id = 'rsf' AND kw >= 50.5 AND event_time >= '2022-01-04 07:00:00' AND event_time < "
        "'2022-01-05 07:00:00'\"), then group by channel.",
    ),
    solutions=(bright_hours_bounds, bright_hours_columns),
    wrong=(
        Wrong(
            "the local date of each row",
            _local_date_of_each_row,
            "You ask for the local date of each row, and no file knows it: all are read to compute it. Compute the "
            "two ends of the day instead, and compare event_time itself.",
            over_budget=True,
        ),
        Wrong(
            "a Python number for a decimal",
            _compared_with_a_double,
            "50.5 in Python is a DOUBLE, so Spark casts kw of each row to DOUBLE before it compares. Compare with a "
            "Decimal, or write the condition as SQL text, where 50.5 is a DECIMAL.",
            over_budget=True,
        ),
        Wrong(
            "the day of UTC",
            _the_day_of_utc,
            "You took the day of UTC. In Denver it is still the third of January then, and the evening of the fourth "
            "is missing.",
        ),
        Wrong(
            "the offset the other way round",
            _the_other_way_round,
            "The offset went the wrong way: behind UTC means that midnight there comes later, at 07:00 UTC.",
        ),
        Wrong(
            "case does not matter",
            _case_does_not_matter,
            "Readings of another site_id came along, one that differs in capitals only. Spark compares texts byte by "
            "byte unless a collation says otherwise.",
        ),
        Wrong(
            "midnight belongs to both days",
            _midnight_of_both_days,
            "BETWEEN takes both ends: the reading at midnight of the fifth is not one of the fourth.",
        ),
        Wrong(
            "the day is asked of the group",
            _the_day_is_asked_of_the_group,
            "A channel with other bright days has no row with you: the condition on the day came after the grouping, "
            "where only each channel's first and last reading of all times are left.",
        ),
    ),
    rows={
        "readings": [
            # Both ends of the day to the second, and the ends of the UTC day.
            *(_reading(at, "60.000", "rsf", start=DAY_BEGINS, seconds=-1) for at in (0, 24)),
            *(_reading(at, "60.000", "rsf", start=DAY_BEGINS) for at in (0, 24)),
            _reading(-7, "60.000", "rsf", "early", start=DAY_BEGINS),
            _reading(17, "60.000", "rsf", "late", start=DAY_BEGINS),
            _reading(-14, "60.000", "rsf", "other_way", start=DAY_BEGINS),
            # The power's end; other days of the same channel; another site, and one in capitals.
            *(_reading(5, kw, "rsf", f"c{kw}", start=DAY_BEGINS) for kw in ("50.499", "50.500", "50.501")),
            _reading(5, None, "rsf", "silent", start=DAY_BEGINS),
            *(_reading(at, "70.000", "rsf", "daily", start=DAY_BEGINS) for at in (-40, 5, 6, 40)),
            _reading(5, "70.000", "serf-west", "elsewhere", start=DAY_BEGINS),
            _reading(5, "70.000", "RSF", "capitals", start=DAY_BEGINS),
        ]
    },
    equivalent={
        "readings.site_id was added to GROUP BY": "Only one site is left by then.",
        "COUNT(*) became COUNT(readings.kw)": "kw >= 50.5 holds for no NULL.",
    },
    budget=Budget(shuffles=1, files=4, rows=720, pushed=("event_time", "kw"), pruned=("site_id",)),
    remember=(
        "Compare the column itself with a constant of its own type: then the scan leaves out folders, files and "
        "rows. Put the function on the constant."
    ),
)


# Exercise 3: an outer join, and which side may be broadcast


def site_coverage_grouped(readings, sites):
    """Few rows first, then the join, and the hint for the side that may be broadcast."""
    seen = readings.groupBy("site_id").agg(F.count("*").alias("readings"), F.max("event_time").alias("last_reading"))
    covered = sites.join(F.broadcast(seen), "site_id", "left")
    return covered.select("site_id", "name", F.coalesce("readings", F.lit(0)).alias("readings"), "last_reading")


def site_coverage_union(readings, sites):
    """No join: each site brings a row that counts nothing, and one grouping does it all."""
    none = sites.selectExpr("site_id", "name", "0 AS one", "CAST(NULL AS TIMESTAMP) AS event_time")
    both = none.unionAll(readings.selectExpr("site_id", "CAST(NULL AS STRING)", "1", "event_time"))
    all_of_them = both.groupBy("site_id").agg(
        F.max("name").alias("name"), F.sum("one").alias("readings"), F.max("event_time").alias("last_reading")
    )
    return all_of_them.where("name IS NOT NULL")


def _seen(readings):
    return readings.groupBy("site_id").agg(F.count("*").alias("readings"), F.max("event_time").alias("last_reading"))


def _covered(joined):
    return joined.select("site_id", "name", F.coalesce("readings", F.lit(0)).alias("readings"), "last_reading")


def _per_site(joined, counted):
    return joined.groupBy("site_id", "name").agg(
        F.count(counted).alias("readings"), F.max("event_time").alias("last_reading")
    )


def _join_first(readings, sites):
    return _per_site(sites.join(readings, "site_id", "left"), "channel")


def _spark_sees_that_it_is_small(readings, sites):
    return _covered(sites.join(_seen(readings), "site_id", "left"))


def _the_kept_side_is_broadcast(readings, sites):
    return _covered(_seen(readings).join(F.broadcast(sites), "site_id", "right"))


def _broadcast_whatever_it_is(readings, sites):
    return _per_site(sites.join(F.broadcast(readings), "site_id", "left"), "channel")


def _a_subquery_for_each_number(readings, sites):
    return readings.sparkSession.sql(
        "SELECT site_id, name, (SELECT count(*) FROM {readings} AS r WHERE r.site_id = s.site_id) AS readings, "
        "(SELECT max(event_time) FROM {readings} AS r WHERE r.site_id = s.site_id) AS last_reading FROM {sites} AS s",
        readings=readings,
        sites=sites,
    )


def _only_sites_that_report(readings, sites):
    return _covered(sites.join(F.broadcast(_seen(readings)), "site_id"))


def _nothing_counts_as_one(readings, sites):
    return _per_site(sites.join(readings, "site_id", "left"), "*")


def _no_readings_is_null(readings, sites):
    joined = sites.join(F.broadcast(_seen(readings)), "site_id", "left")
    return joined.select("site_id", "name", "readings", "last_reading")


SITE_COVERAGE = Exercise(
    id="spark.site_coverage",
    title="Who reports at all?",
    task=(
        "For each site, also one that never reported, show its name, the number of its readings (0 where there is "
        "none) and the time of its latest one (NULL where there is none). There are few sites and very many "
        "readings."
    ),
    tables=("readings", "sites"),
    oracle=(
        "SELECT /*+ BROADCAST(r) */ s.site_id, s.name, coalesce(r.readings, 0) AS readings, r.last_reading "
        "FROM sites AS s LEFT JOIN (SELECT site_id, count(*) AS readings, max(event_time) AS last_reading "
        "FROM readings GROUP BY site_id) AS r ON r.site_id = s.site_id"
    ),
    contract=Contract(
        grain="one row per site",
        columns=(SITE, NAME, READINGS, Column("last_reading", "timestamp")),
        key=("site_id",),
        nulls="A reading counts whether its kw is known or not.",
    ),
    hints=(
        "How many rows must leave the place where they were read, if each task first makes its own subtotals?",
        "Group the readings before the join: then both sides of it are tiny. Which of the two may be broadcast in a "
        "left join, given that each row on the left must be kept exactly once?",
        "Spark plans before it has counted, and takes the grouped readings for large. F.broadcast() on the right "
        "side says that you know better.",
        "seen = readings.groupBy('site_id').agg(...); sites.join(F.broadcast(seen), 'site_id', 'left'); "
        "F.coalesce('readings', F.lit(0)) for sites without any.",
    ),
    solutions=(site_coverage_grouped, site_coverage_union),
    wrong=(
        Wrong(
            "join, then group",
            _join_first,
            "All readings were moved to meet their site, only to be counted afterwards. Count first: then only "
            "subtotals travel.",
            over_budget=True,
        ),
        Wrong(
            "Spark sees that it is small",
            _spark_sees_that_it_is_small,
            "You count before you join, well. But how few groups there will be Spark knows only afterwards; it plans "
            "with the size of the files, so the sites were shuffled, too. Say it with F.broadcast().",
            over_budget=True,
        ),
        Wrong(
            "the kept side is broadcast",
            _the_kept_side_is_broadcast,
            "Your join keeps every site, and the side that an outer join keeps cannot be broadcast: Spark left the "
            "hint aside and shuffled both. In a right join only the left side can be, the counted readings here.",
            over_budget=True,
        ),
        Wrong(
            "broadcast, whatever it is",
            _broadcast_whatever_it_is,
            "You broadcast the readings: all of them are gathered on the driver, and from there each task gets them "
            "all. A broadcast is for what is small; group first.",
            over_budget=True,
        ),
        Wrong(
            "a subquery for each number",
            _a_subquery_for_each_number,
            "Each of your subqueries became a join of its own with a read of its own. One grouping gives all "
            "numbers.",
            over_budget=True,
        ),
        Wrong(
            "only sites that report",
            _only_sites_that_report,
            "Sites without readings are missing: an inner join keeps what has a partner. They are what is asked for.",
        ),
        Wrong(
            "nothing counts as one",
            _nothing_counts_as_one,
            "A site without readings has one with you: the left join made a row for it, and COUNT(*) counts rows.",
        ),
        Wrong(
            "no readings is NULL",
            _no_readings_is_null,
            "A site without readings shows NULL instead of 0: counted before the join, it has no row that could say "
            "0. Put COALESCE around it.",
        ),
    ),
    equivalent={
        "DISTINCT was added": "site_id is the key of sites and in the result: no row comes twice.",
    },
    budget=Budget(shuffles=1, reads=1, moved=1_000),
    remember=(
        "Group before you join, so that little moves. In an outer join only the side that is not preserved can be "
        "broadcast, and F.broadcast() says what Spark cannot know while it plans."
    ),
)


# Exercise 4: the row of a maximum, in one pass


def channel_peaks_by(readings):
    """max_by and min_by carry a value along with a maximum."""
    peak = F.struct("kw", -F.unix_micros("event_time"))
    known = F.when(F.col("kw").isNotNull(), peak)
    return readings.groupBy("site_id", "channel").agg(
        F.max("kw").alias("top_kw"),
        F.max_by("event_time", known).alias("top_at"),
        F.max_by("kw", "event_time").alias("last_kw"),
    )


def channel_peaks_structs(readings):
    """A struct compares field by field: its maximum is a whole row."""
    known = F.expr("CASE WHEN kw IS NOT NULL THEN struct(-kw AS below, event_time) END")
    best = readings.groupBy("site_id", "channel").agg(
        F.min(known).alias("peak"), F.max(F.struct("event_time", "kw")).alias("latest")
    )
    top = F.expr("CAST(-peak.below AS DECIMAL(12, 3))").alias("top_kw")
    return best.select(
        "site_id", "channel", top, F.col("peak.event_time").alias("top_at"), F.col("latest.kw").alias("last_kw")
    )


KEYS = ["site_id", "channel"]


def _latest(readings):
    return readings.groupBy(*KEYS).agg(F.max_by("kw", "event_time").alias("last_kw"))


def _join_back(readings):
    top = readings.groupBy(*KEYS).agg(F.max("kw").alias("top_kw"), F.max_by("kw", "event_time").alias("last_kw"))
    at = (
        readings.join(F.broadcast(top), KEYS)
        .where("kw = top_kw")
        .groupBy(*KEYS)
        .agg(F.min("event_time").alias("top_at"))
    )
    return top.join(F.broadcast(at), KEYS, "left").select(*KEYS, "top_kw", "top_at", "last_kw")


def _windows_and_distinct(readings):
    by_power = Window.partitionBy(*KEYS).orderBy(F.desc("kw"), "event_time")
    by_time = Window.partitionBy(*KEYS).orderBy(F.desc("event_time"))
    top_at = F.when(F.first("kw").over(by_power).isNotNull(), F.first("event_time").over(by_power))
    return readings.select(
        *KEYS,
        F.first("kw").over(by_power).alias("top_kw"),
        top_at.alias("top_at"),
        F.first("kw").over(by_time).alias("last_kw"),
    ).distinct()


def _each_maximum_by_itself(readings):
    return readings.groupBy(*KEYS).agg(
        F.max("kw").alias("top_kw"),
        F.max("event_time").alias("top_at"),
        F.max_by("kw", "event_time").alias("last_kw"),
    )


def _a_row_for_each_tie(readings):
    top = readings.groupBy(*KEYS).agg(F.max("kw").alias("top_kw"), F.max_by("kw", "event_time").alias("last_kw"))
    at = readings.select(*KEYS, F.col("kw").alias("top_kw"), F.col("event_time").alias("top_at"))
    return top.join(at, [*KEYS, "top_kw"], "left").select(*KEYS, "top_kw", "top_at", "last_kw")


def _the_latest_peak(readings):
    known = readings.where("kw IS NOT NULL").groupBy(*KEYS)
    peaks = known.agg(F.max(F.struct("kw", "event_time")).alias("peak"))
    joined = _latest(readings).join(peaks, KEYS, "left")
    return joined.selectExpr(*KEYS, "peak.kw AS top_kw", "peak.event_time AS top_at", "last_kw")


def _the_last_known(readings):
    peak = F.when(F.col("kw").isNotNull(), F.struct("kw", -F.unix_micros("event_time")))
    at = F.when(F.col("kw").isNotNull(), F.col("event_time"))
    return readings.groupBy(*KEYS).agg(
        F.max("kw").alias("top_kw"), F.max_by("event_time", peak).alias("top_at"), F.max_by("kw", at).alias("last_kw")
    )


def _only_what_is_known(readings):
    peak = F.struct("kw", -F.unix_micros("event_time"))
    return (
        readings.where("kw IS NOT NULL")
        .groupBy(*KEYS)
        .agg(
            F.max("kw").alias("top_kw"),
            F.max_by("event_time", peak).alias("top_at"),
            F.max_by("kw", "event_time").alias("last_kw"),
        )
    )


CHANNEL_PEAKS = Exercise(
    id="spark.channel_peaks",
    title="When was the peak?",
    task=(
        "For each site and channel show its highest power, the earliest time at which it had that power, and the "
        "power of its latest reading, which may be NULL. A channel without any known power has NULL in all three."
    ),
    tables=("readings",),
    oracle=(
        "SELECT site_id, channel, max(kw) AS top_kw, max_by(event_time, CASE WHEN kw IS NOT NULL "
        "THEN struct(kw, -unix_micros(event_time)) END) AS top_at, max_by(kw, event_time) AS last_kw "
        "FROM readings GROUP BY site_id, channel"
    ),
    contract=Contract(
        grain="one row per site and channel",
        columns=(
            SITE,
            CHANNEL,
            Column("top_kw", "decimal(12,3)"),
            Column("top_at", "timestamp"),
            Column("last_kw", "decimal(12,3)"),
        ),
        key=("site_id", "channel"),
        nulls="last_kw is that of the latest reading, known or not; top_kw and top_at are of known powers.",
    ),
    hints=(
        "MAX gives the value and forgets the row. Which ways do you know to get the row as well, and how often does "
        "each of them read the table?",
        "max_by(x, y) gives the x of the row with the greatest y. What is y here, if among equal powers the earlier "
        "time has to win?",
        "A struct compares field by field, so one y can be (kw, minus the time): F.struct('kw', "
        "-F.unix_micros('event_time')). Rows without a power must not take part: max_by passes over a y that is "
        "NULL.",
        "peak = F.when(F.col('kw').isNotNull(), F.struct(...)); then one groupBy('site_id', 'channel') with "
        "F.max('kw'), F.max_by('event_time', peak) and F.max_by('kw', 'event_time').",
    ),
    solutions=(channel_peaks_by, channel_peaks_structs),
    wrong=(
        Wrong(
            "join the maximum back",
            _join_back,
            "To find the time of the maximum you read the table again. max_by, or the maximum of a struct, carries "
            "the time along in the first read.",
            over_budget=True,
        ),
        Wrong(
            "windows, then DISTINCT",
            _windows_and_distinct,
            "A window gives its result to each row, so all rows have to travel, and be sorted, before DISTINCT "
            "throws them away. An aggregate makes its subtotals where the rows are.",
            over_budget=True,
        ),
        Wrong(
            "each maximum by itself",
            _each_maximum_by_itself,
            "The time is that of the latest reading, not of the highest: each MAX stands alone and knows nothing of "
            "the other's row.",
        ),
        Wrong(
            "a row for each tie",
            _a_row_for_each_tie,
            "A channel that reached its highest power several times has several rows: the join finds them all. Say "
            "which of them wins.",
        ),
        Wrong(
            "the latest peak",
            _the_latest_peak,
            "Among equal powers you took the latest: the struct (kw, event_time) has its maximum there. Let the time "
            "count backwards in it.",
        ),
        Wrong(
            "the last known power",
            _the_last_known,
            "The latest reading has no power, and you show an earlier one. max_by passes over rows whose second "
            "argument is NULL, not over those whose first one is.",
        ),
        Wrong(
            "only what is known",
            _only_what_is_known,
            "Readings without a power were left out at once, and with them channels that have no other, and the "
            "latest reading of some others.",
        ),
    ),
    rows={
        "readings": [
            # The same peak three times, the earliest neither first nor last; lower ones around it.
            *(_reading(at, kw) for at, kw in ((3, "5.000"), (1, "5.000"), (2, "5.000"), (0, "1.000"), (4, "2.000"))),
            # Latest without a power; nothing known at all; nothing above zero.
            *(_reading(at, kw, "b") for at, kw in ((0, "3.000"), (1, "4.000"), (2, None))),
            *(_reading(at, None, "c") for at in (0, 1)),
            *(_reading(at, kw, "d") for at, kw in ((0, None), (1, "-0.002"), (2, "-0.001"), (3, "-0.003"))),
            # Two channels of one site, and the same channel elsewhere.
            *(_reading(at, kw, "a", "dc_power") for at, kw in ((0, "9.000"), (1, "8.000"))),
            _reading(0, "0.000", "e"),
            # A peak three times within a second, the earliest neither first nor last.
            *(_reading(0, "6.000", "f", seconds=part) for part in (0.75, 0.25, 0.5)),
        ]
    },
    budget=Budget(shuffles=1, reads=1, moved=1_000),
    remember="max_by, and the maximum of a struct, keep the row of a maximum: one read, and only subtotals travel.",
)


# Exercise 5: what is grouped first makes no skew


def daily_records_window(readings):
    """Days first: the window then runs over days."""
    days = readings.groupBy("site_id", F.to_date("event_time").alias("day")).agg(F.max("kw").alias("top_kw"))
    so_far = Window.partitionBy("site_id").orderBy("day")
    return days.withColumn("record_kw", F.max("top_kw").over(so_far))


def daily_records_sql(readings):
    """An aggregate may stand in a window: GROUP BY comes first."""
    return readings.sparkSession.sql(
        "SELECT site_id, CAST(event_time AS DATE) AS day, max(kw) AS top_kw, "
        "max(max(kw)) OVER (PARTITION BY site_id ORDER BY CAST(event_time AS DATE)) AS record_kw "
        "FROM {readings} GROUP BY ALL",
        readings=readings,
    )


def _days(readings):
    return readings.groupBy("site_id", F.to_date("event_time").alias("day")).agg(F.max("kw").alias("top_kw"))


def _window_over_all_readings(readings):
    so_far = Window.partitionBy("site_id").orderBy("day")
    dated = readings.withColumn("day", F.to_date("event_time")).withColumn("record_kw", F.max("kw").over(so_far))
    return dated.groupBy("site_id", "day").agg(F.max("kw").alias("top_kw"), F.max("record_kw").alias("record_kw"))


def _one_shuffle_for_both(readings):
    so_far = Window.partitionBy("site_id").orderBy("day")
    return _days(readings.repartition("site_id")).withColumn("record_kw", F.max("top_kw").over(so_far))


def _record_of_all_days(readings):
    return _days(readings).withColumn("record_kw", F.max("top_kw").over(Window.partitionBy("site_id")))


def _record_of_all_sites(readings):
    return _days(readings).withColumn("record_kw", F.max("top_kw").over(Window.orderBy("day")))


def _the_day_before_is_enough(readings):
    by_day = Window.partitionBy("site_id").orderBy("day")
    return _days(readings).withColumn("record_kw", F.greatest("top_kw", F.lag("top_kw").over(by_day)))


def _without_today(readings):
    before = Window.partitionBy("site_id").orderBy("day").rowsBetween(Window.unboundedPreceding, -1)
    return _days(readings).withColumn("record_kw", F.max("top_kw").over(before))


DAILY_RECORDS = Exercise(
    id="spark.daily_records",
    title="Records, day by day",
    task=(
        "For each site and each day (of UTC) on which it has readings show the highest power of the day over all of "
        "its channels, and the "
        "record: the highest power of the site from its first reading up to and including that day. Most of the "
        "readings are of one single site."
    ),
    tables=("readings",),
    oracle=(
        "SELECT site_id, day, top_kw, max(top_kw) OVER (PARTITION BY site_id ORDER BY day) AS record_kw "
        "FROM (SELECT site_id, CAST(event_time AS DATE) AS day, max(kw) AS top_kw FROM readings "
        "GROUP BY site_id, CAST(event_time AS DATE)) AS days"
    ),
    contract=Contract(
        grain="one row per site and day with readings",
        columns=(
            SITE,
            Column("day", "date", False),
            Column("top_kw", "decimal(12,3)"),
            Column("record_kw", "decimal(12,3)"),
        ),
        key=("site_id", "day"),
        nulls="A day on which no power is known has NULL in top_kw; the record stays what it was, NULL at first.",
    ),
    hints=(
        "A running maximum needs a window. How many rows does the window have to be handed, and on how many tasks "
        "are they, if one site has nearly all of them?",
        "The record up to a day depends on the days' maxima alone. Which step makes a day out of its readings?",
        "Group by site and day first; then F.max('top_kw') over Window.partitionBy('site_id').orderBy('day').",
        "days = readings.groupBy('site_id', F.to_date('event_time').alias('day')).agg(F.max('kw').alias('top_kw')); "
        "then .withColumn('record_kw', ...) with the window.",
    ),
    solutions=(daily_records_window, daily_records_sql),
    wrong=(
        Wrong(
            "the window sees every reading",
            _window_over_all_readings,
            "The window got every reading, all those of one site in one task, and the grouping came after it. Make "
            "the days first: a day's maximum is all that the record needs.",
            over_budget=True,
        ),
        Wrong(
            "one shuffle for both",
            _one_shuffle_for_both,
            "By site from the start: that saves a shuffle and makes the other one dear. All readings travel, most of "
            "them to the one task of the largest site. Two shuffles of days cost less than one of readings.",
            over_budget=True,
        ),
        Wrong(
            "the record of all days",
            _record_of_all_days,
            "Early days show a record that was set later: without an ORDER BY the window is the site's whole "
            "history.",
        ),
        Wrong(
            "the record of all sites",
            _record_of_all_sites,
            "A small site shows the record of a larger one: the window has no PARTITION BY. All days went to one "
            "task, too.",
        ),
        Wrong(
            "the day before is enough",
            _the_day_before_is_enough,
            "A record that is two days old is forgotten: LAG looks one row back. A running maximum remembers.",
        ),
        Wrong(
            "without the day itself",
            _without_today,
            "A record set on the day itself is missing: your frame ends at the row before.",
        ),
    ),
    rows={
        "readings": [
            # A record that holds for days, one that is reached again, one that is beaten; a day without a power.
            *(
                _reading(24 * day + hour, kw)
                for day, hour, kw in (
                    (0, 0, "5.000"),
                    (0, 1, "9.000"),
                    (1, 0, "3.000"),
                    (2, 0, "2.000"),
                    (3, 0, None),
                    (4, 0, "9.000"),
                    (6, 0, "9.001"),
                )
            ),
            # Not known at first; negative only; both sides of midnight.
            *(_reading(24 * day, kw, "b") for day, kw in ((0, None), (1, "1.000"), (2, None), (3, "0.500"))),
            *(_reading(24 * day, kw, "c") for day, kw in ((0, "-0.002"), (1, "-0.001"), (2, "-0.003"))),
            _reading(11, "4.000", "d", seconds=3599),
            _reading(12, "3.000", "d"),
            # Two channels of a site make one day.
            _reading(0, "7.000", "b", "dc_power"),
        ]
    },
    equivalent={
        "DISTINCT was added": "Site and day are what was grouped by: no row comes twice.",
        "the default frame (RANGE) became ROWS": "A site has one row a day: no peers.",
        "NULLS FIRST of day became NULLS LAST": "A day is never NULL.",
    },
    budget=Budget(shuffles=2, reads=1, moved=10_000),
    remember=(
        "What can be grouped is grouped before a window or a join. Then little moves, and a key that has nearly all "
        "rows does no harm."
    ),
)


# Boss fight: a range join, an outer join, and a filter that nobody has said


def january_jobs_grouped(work_orders, readings):
    """The readings meet the few orders first, are grouped, and then the orders are completed."""
    january = work_orders.where("opened_at >= '2022-01-01' AND opened_at < '2022-02-01'")
    late = readings.where("event_time >= '2022-01-01'").withColumnRenamed("site_id", "place")
    during = "place = site_id AND event_time >= opened_at AND (closed_at IS NULL OR event_time < closed_at)"
    met = late.join(F.broadcast(january), F.expr(during)).groupBy("work_order_id")
    seen = met.agg(F.count("*").alias("readings"), F.max("kw").alias("top_kw"))
    told = january.join(F.broadcast(seen), "work_order_id", "left")
    return told.select("work_order_id", "site_id", F.coalesce("readings", F.lit(0)).alias("readings"), "top_kw")


def january_jobs_union(work_orders, readings):
    """No outer join: each order brings a row that counts nothing."""
    return readings.sparkSession.sql(
        """
        WITH january AS (SELECT * FROM {orders} WHERE opened_at >= '2022-01-01' AND opened_at < '2022-02-01'),
        counted AS (
            SELECT work_order_id, w.site_id, 1 AS one, kw FROM {readings} AS r JOIN january AS w
              ON w.site_id = r.site_id AND event_time >= opened_at
                AND event_time < coalesce(closed_at, TIMESTAMP '9999-12-31')
            WHERE event_time >= '2022-01-01'
            UNION ALL SELECT work_order_id, site_id, 0, NULL FROM january)
        SELECT work_order_id, site_id, sum(one) AS readings, max(kw) AS top_kw FROM counted GROUP BY ALL
        """,
        orders=work_orders,
        readings=readings,
    )


def _january(work_orders):
    return work_orders.where("opened_at >= '2022-01-01' AND opened_at < '2022-02-01'")


DURING = "place = site_id AND event_time >= opened_at AND (closed_at IS NULL OR event_time < closed_at)"


def _jobs(work_orders, readings, lower="event_time >= '2022-01-01'", during=DURING, how="left", hint=F.broadcast):
    """The first solution, with one of its decisions made differently."""
    january = _january(work_orders)
    late = readings.where(lower).withColumnRenamed("site_id", "place")
    met = late.join(F.broadcast(january), F.expr(during)).groupBy("work_order_id")
    seen = met.agg(F.count("*").alias("readings"), F.max("kw").alias("top_kw"))
    told = january.join(hint(seen), "work_order_id", how)
    return told.select("work_order_id", "site_id", F.coalesce("readings", F.lit(0)).alias("readings"), "top_kw")


def _met_then_counted(work_orders, readings, counted="channel", most=F.max):
    late = readings.where("event_time >= '2022-01-01'").withColumnRenamed("site_id", "place")
    joined = _january(work_orders).join(late, F.expr(DURING), "left")
    return joined.groupBy("work_order_id", "site_id").agg(
        F.count(counted).alias("readings"), most("kw").alias("top_kw")
    )


def _outer_join_first(work_orders, readings):
    return _met_then_counted(work_orders, readings)


def _a_row_counts(work_orders, readings):
    return _met_then_counted(work_orders, readings, "*")


def _spark_sees_what_follows(work_orders, readings):
    return _jobs(work_orders, readings, "true")


def _no_hint_is_needed(work_orders, readings):
    return _jobs(work_orders, readings, hint=lambda frame: frame)


def _the_kept_side_is_broadcast_too(work_orders, readings):
    january = _january(work_orders)
    late = readings.where("event_time >= '2022-01-01'").withColumnRenamed("site_id", "place")
    met = late.join(F.broadcast(january), F.expr(DURING), "right")
    return met.groupBy("work_order_id", "site_id").agg(
        F.count("event_time").alias("readings"), F.max("kw").alias("top_kw")
    )


def _readings_of_january(work_orders, readings):
    return _jobs(work_orders, readings, "event_time >= '2022-01-01' AND event_time < '2022-02-01'")


def _open_is_never(work_orders, readings):
    return _jobs(work_orders, readings, during=DURING.replace("closed_at IS NULL OR ", ""))


def _only_jobs_with_readings(work_orders, readings):
    return _jobs(work_orders, readings, how="inner")


def _closed_within(work_orders, readings):
    return _jobs(work_orders, readings, during=DURING.replace("event_time < closed_at", "event_time <= closed_at"))


FOLLOWS = "It follows from opened_at, which is not before January; it is there for the scan alone."


NO_ORDER = "Readings without an order make one group whose order is NULL: it meets none of January's."
NO_READING = "An order without readings has no event_time, and the WHERE on it drops that row."
JANUARY_JOBS = Exercise(
    id="spark.january_jobs",
    title="Boss fight: what the plants did meanwhile",
    task=(
        "For each work order that was opened in January 2022 (of UTC) show its site, the number of the site's "
        "readings while it was open, and the highest power among them. It is open from opened_at up to, and not "
        "including, closed_at, and still is where closed_at is NULL. Orders without such readings are shown with 0 "
        "and NULL; some that were entered badly are closed before they are opened, and have none."
    ),
    tables=("work_orders", "readings"),
    oracle=(
        "WITH january AS (SELECT work_order_id, site_id, opened_at, closed_at FROM work_orders "
        "WHERE opened_at >= TIMESTAMP '2022-01-01 00:00:00' AND opened_at < TIMESTAMP '2022-02-01 00:00:00'), "
        "seen AS (SELECT w.work_order_id, count(*) AS readings, max(r.kw) AS top_kw FROM readings AS r "
        "JOIN january AS w ON r.site_id = w.site_id AND r.event_time >= w.opened_at "
        "AND (w.closed_at IS NULL OR r.event_time < w.closed_at) "
        "WHERE r.event_time >= TIMESTAMP '2022-01-01 00:00:00' GROUP BY w.work_order_id) "
        "SELECT /*+ BROADCAST(s) */ j.work_order_id, j.site_id, coalesce(s.readings, 0) AS readings, s.top_kw "
        "FROM january AS j LEFT JOIN seen AS s ON s.work_order_id = j.work_order_id"
    ),
    contract=Contract(
        grain="one row per work order opened in January 2022",
        columns=(Column("work_order_id", "string", False), SITE, READINGS, Column("top_kw", "decimal(12,3)")),
        key=("work_order_id",),
        nulls="A reading counts whether its kw is known or not; top_kw is NULL where none is.",
    ),
    hints=(
        "Two things make this dear: what the outer join moves, and what the scan reads. Which rows must survive "
        "although nothing meets them, and which readings can meet no order at all?",
        "An order opened in January meets no reading from before January. That follows from your conditions, but "
        "Spark draws no conclusions from >= across two tables: write it down.",
        "Join the readings with the broadcast orders (an inner join), group by the order, and only then complete the "
        "orders by a left join with the broadcast result.",
        "readings.where(\"event_time >= '2022-01-01'\").withColumnRenamed('site_id', 'place').join("
        'F.broadcast(january), F.expr("place = site_id AND event_time >= opened_at AND (closed_at IS NULL OR '
        "...)\")).groupBy('work_order_id').agg(...), then january.join(F.broadcast(seen), 'work_order_id', 'left').",
    ),
    solutions=(january_jobs_grouped, january_jobs_union),
    wrong=(
        Wrong(
            "the outer join first",
            _outer_join_first,
            "The orders are the side that must be kept, so they cannot be broadcast: the readings had to travel. "
            "Group in an inner join first, complete the orders afterwards.",
            over_budget=True,
        ),
        Wrong(
            "Spark sees what follows",
            _spark_sees_what_follows,
            "That no reading before January can meet an order follows from your conditions; Spark does not draw the "
            "conclusion, and all readings are read. Say it: event_time >= '2022-01-01'.",
            over_budget=True,
        ),
        Wrong(
            "no hint is needed",
            _no_hint_is_needed,
            "How few rows are left after the grouping Spark does not know while it plans, so it prepared a join of "
            "two large tables. F.broadcast() on the grouped side says it.",
            over_budget=True,
        ),
        Wrong(
            "the kept side is broadcast",
            _the_kept_side_is_broadcast_too,
            "Your join keeps every order, and the side that an outer join keeps cannot be broadcast: Spark left the "
            "hint aside and moved the readings. Broadcast the orders in an inner join, complete them afterwards.",
            over_budget=True,
        ),
        Wrong(
            "a row counts",
            _a_row_counts,
            "An order without readings has one with you: COUNT(*) counts the row that the left join made for it.",
        ),
        Wrong(
            "readings of January",
            _readings_of_january,
            "Orders opened in January may stay open into February: the lower end follows from the task, the upper "
            "one does not. A filter added for speed must not change the answer.",
        ),
        Wrong(
            "open means never",
            _open_is_never,
            "Orders that are still open have no readings with you: event_time < NULL is not true.",
        ),
        Wrong(
            "only jobs with readings",
            _only_jobs_with_readings,
            "Orders during which nothing was read are missing. They are the ones that somebody has to look at.",
        ),
        Wrong(
            "the closing belongs to it",
            _closed_within,
            "The reading at the very instant of closing counts with you; the task ends before it.",
        ),
    ),
    equivalent={
        "DISTINCT was added": "work_order_id is the key of work_orders and in the result: no row comes twice.",
        "LEFT JOIN became FULL JOIN": "Each order in seen is one of January.",
        "JOIN became LEFT JOIN": NO_ORDER,
        "JOIN became RIGHT JOIN": NO_READING,
        "JOIN became FULL JOIN": f"{NO_ORDER} {NO_READING}",
        "WHERE r.event_time >= CAST('2022-01-01 00:00:00' AS TIMESTAMP) was dropped": FOLLOWS,
        "'2022-01-01 00:00:00' became '2021-12-31 23:59:59'": FOLLOWS,
        "r.site_id was added to GROUP BY": "An order has one site, and its readings are of that one.",
    },
    budget=Budget(shuffles=1, reads=1, rows=10_000, join="hash broadcast", moved=1_000),
    remember=(
        "Join small to large first and group, complete the outer rows last; and say what follows from your "
        "conditions, for the scan can use only what is said of its own columns."
    ),
)


LESSON = Lesson(
    number=5,
    title="What Spark does with it",
    minutes=45,
    needs=("04-windows",),
    week=2,
    boss="spark.january_jobs",
    next="06-files-and-s3",
)
EXERCISES = (LOAD_BANDS, BRIGHT_HOURS, SITE_COVERAGE, CHANNEL_PEAKS, DAILY_RECORDS, JANUARY_JOBS)
