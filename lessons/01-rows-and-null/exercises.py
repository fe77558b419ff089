"""Lesson 1, rows and NULL: the tasks, their right answers, and the wrong ones that experienced people write."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pyspark.sql import functions as F

from helpers.exercises import Column, Contract, Exercise, Lesson, Wrong

START = datetime(2022, 1, 3, 8, tzinfo=UTC)
"""The instant that the rows below count from: a Monday morning."""


# Exercise 1: what `<>` says about NULL


def channels_not_energy_both_cases(meter_assignments):
    """Name both cases: another purpose, or none."""
    other = F.col("feeds_gold") != "energy"
    none = F.col("feeds_gold").isNull()
    return meter_assignments.where(other | none).select("source", "channel", "valid_from", "feeds_gold")


def channels_not_energy_null_safe(meter_assignments):
    """`eqNullSafe` (SQL: <=>) is never NULL, so its contrary is never NULL either."""
    is_energy = F.col("feeds_gold").eqNullSafe("energy")
    return meter_assignments.where(~is_energy).select("source", "channel", "valid_from", "feeds_gold")


def _unequal_alone(meter_assignments):
    kept = meter_assignments.where(F.col("feeds_gold") != "energy")
    return kept.select("source", "channel", "valid_from", "feeds_gold")


def _only_without_purpose(meter_assignments):
    kept = meter_assignments.where(F.col("feeds_gold").isNull())
    return kept.select("source", "channel", "valid_from", "feeds_gold")


def _filled_with_empty(meter_assignments):
    filled = meter_assignments.withColumn("feeds_gold", F.coalesce("feeds_gold", F.lit("")))
    return filled.where("feeds_gold <> 'energy'").select("source", "channel", "valid_from", "feeds_gold")


def _empty_is_null(meter_assignments):
    oracle_like = meter_assignments.withColumn("feeds_gold", F.expr("nullif(feeds_gold, '')"))
    kept = oracle_like.where("feeds_gold <> 'energy' OR feeds_gold IS NULL")
    return kept.select("source", "channel", "valid_from", "feeds_gold")


def _any_case(meter_assignments):
    kept = meter_assignments.where("lower(feeds_gold) <> 'energy' OR feeds_gold IS NULL")
    return kept.select("source", "channel", "valid_from", "feeds_gold")


CHANNELS_NOT_ENERGY = Exercise(
    id="rows.channels_not_energy",
    title="Everything but energy",
    task=(
        "PEAK's daily energy figures (its gold tables) count only assignments whose feeds_gold is exactly 'energy'. "
        "List all the other assignments, those that feed nothing (feeds_gold is NULL) among them, with the value as "
        "it is stored."
    ),
    tables=("meter_assignments",),
    oracle=(
        "SELECT source, channel, valid_from, feeds_gold FROM meter_assignments "
        "WHERE feeds_gold <> 'energy' OR feeds_gold IS NULL"
    ),
    contract=Contract(
        grain="one row per assignment that does not feed energy",
        columns=(
            Column("source", "string", False),
            Column("channel", "string", False),
            Column("valid_from", "timestamp", False),
            Column("feeds_gold", "string"),
        ),
        key=("source", "channel", "valid_from"),
        nulls="feeds_gold stays NULL where the assignment feeds nothing.",
    ),
    hints=(
        "What is NULL <> 'energy': true, false, or neither? And which of the three does a filter let through?",
        "A filter keeps a row only where the condition is true. Say the case of NULL yourself, or use a comparison "
        "that is never NULL.",
        "Combine two conditions with | and brackets: (F.col('feeds_gold') != 'energy') | ... .isNull(). "
        "Or turn round F.col('feeds_gold').eqNullSafe('energy') with ~.",
    ),
    solutions=(channels_not_energy_both_cases, channels_not_energy_null_safe),
    wrong=(
        Wrong(
            "<> finds the rest",
            _unequal_alone,
            "The rows with NULL are missing: NULL <> 'energy' is not true but NULL, and a filter keeps only what is "
            "true. Add the case of NULL, or use a null-safe comparison.",
        ),
        Wrong(
            "NULL is the only other value",
            _only_without_purpose,
            "Only the rows with NULL are here: an assignment that feeds something else, like irradiance, does not "
            "feed energy either.",
        ),
        Wrong(
            "fill first, then compare",
            _filled_with_empty,
            "The right rows, but the value changed: where nothing was stored you show an empty string. Use coalesce "
            "inside the condition, and leave the column itself alone.",
        ),
        Wrong(
            "'' is NULL, as in Oracle",
            _empty_is_null,
            "In Spark an empty string is a value, not NULL: it was stored as '' and must be shown as ''.",
        ),
        Wrong(
            "a collation ignores case",
            _any_case,
            "Spark compares strings byte by byte, without a collation: 'Energy' is not 'energy', so gold does not "
            "count it, and it belongs in your list.",
        ),
    ),
    rows={
        "meter_assignments": [
            ("plant-a", "ac", "inv-a", "ac_power", "kW", 900, "energy", START, None),
            ("plant-a", "dc", "inv-a", "dc_power", "kW", 900, None, START, None),
            ("plant-a", "poa", "sen-a", "irradiance", "W/m2", 900, "irradiance", START, None),
            ("plant-b", "ac", "inv-b", "ac_power", "kW", 900, "Energy", START, None),
            ("plant-b", "dc", "inv-b", "dc_power", "kW", 900, "", START, None),
            ("plant-b", "aux", "inv-b", "ac_power", "kW", 900, "energy ", START, None),
        ]
    },
    remember="A filter keeps what is true; comparing with NULL is never true, and neither is its contrary.",
)


# Exercise 2: a CASE ladder


def size_class_ladder(assets):
    """NULL first, then the steps from the top; each step needs one bound only."""
    size = (
        F.when(F.col("rated_kw").isNull(), "unknown")
        .when(F.col("rated_kw") >= 100, "large")
        .when(F.col("rated_kw") >= 5, "medium")
        .otherwise("small")
    )
    return assets.select("asset_id", "valid_from", size.alias("size"))


def size_class_from_below(assets):
    """The steps from the bottom; NULL answers none of them and falls to the end, where it is welcome."""
    size = "CASE WHEN rated_kw < 5 THEN 'small' WHEN rated_kw < 100 THEN 'medium' WHEN rated_kw >= 100 THEN 'large'"
    return assets.selectExpr("asset_id", "valid_from", f"{size} ELSE 'unknown' END AS size")


def _null_is_small(assets):
    size = F.when(F.col("rated_kw") >= 100, "large").when(F.col("rated_kw") >= 5, "medium").otherwise("small")
    return assets.select("asset_id", "valid_from", size.alias("size"))


def _null_is_large(assets):
    size = F.when(F.col("rated_kw") < 5, "small").when(F.col("rated_kw") < 100, "medium").otherwise("large")
    return assets.select("asset_id", "valid_from", size.alias("size"))


def _between_leaves_gaps(assets):
    size = (
        F.when(F.col("rated_kw").isNull(), "unknown")
        .when(F.col("rated_kw") >= 100, "large")
        .when(F.col("rated_kw").between(5, 99), "medium")
        .otherwise("small")
    )
    return assets.select("asset_id", "valid_from", size.alias("size"))


def _zero_is_unknown(assets):
    rated = F.coalesce("rated_kw", F.lit(0))
    size = F.when(rated == 0, "unknown").when(rated >= 100, "large").when(rated >= 5, "medium").otherwise("small")
    return assets.select("asset_id", "valid_from", size.alias("size"))


def _wider_step_first(assets):
    size = (
        F.when(F.col("rated_kw").isNull(), "unknown")
        .when(F.col("rated_kw") >= 5, "medium")
        .when(F.col("rated_kw") >= 100, "large")
        .otherwise("small")
    )
    return assets.select("asset_id", "valid_from", size.alias("size"))


SIZE_CLASS = Exercise(
    id="rows.size_class",
    title="A ladder of sizes",
    task=(
        "Give every asset a size by its rated power: 'large' from 100 kW, 'medium' from 5 kW, 'small' below that, "
        "and 'unknown' where no rated power is stored."
    ),
    tables=("assets",),
    oracle=(
        "SELECT asset_id, valid_from, CASE WHEN rated_kw IS NULL THEN 'unknown' WHEN rated_kw >= 100 THEN 'large' "
        "WHEN rated_kw >= 5 THEN 'medium' ELSE 'small' END AS size FROM assets"
    ),
    contract=Contract(
        grain="one row per asset and the time it is valid from",
        columns=(
            Column("asset_id", "string", False),
            Column("valid_from", "timestamp", False),
            Column("size", "string", False),
        ),
        key=("asset_id", "valid_from"),
        nulls="size is never NULL.",
    ),
    hints=(
        "F.when(...).when(...).otherwise(...) is CASE WHEN ... WHEN ... ELSE. On which step does NULL land?",
        "Every comparison with NULL is NULL, so NULL falls through all steps to otherwise(). Give it a step of its "
        "own, or let otherwise() be its place.",
        "F.when(F.col('rated_kw').isNull(), 'unknown').when(F.col('rated_kw') >= 100, 'large')... : the first step "
        "that is true wins, so begin at the top.",
    ),
    solutions=(size_class_ladder, size_class_from_below),
    wrong=(
        Wrong(
            "ELSE is for small ones",
            _null_is_small,
            "Assets without a rated power are called small: NULL >= 5 is not true, so NULL falls to otherwise(). "
            "Not known is not small.",
        ),
        Wrong(
            "the ladder ends in large",
            _null_is_large,
            "Assets without a rated power are called large: NULL < 100 is not true either, so NULL falls to "
            "otherwise(), wherever that stands.",
        ),
        Wrong(
            "BETWEEN whole numbers",
            _between_leaves_gaps,
            "Between 99 and 100 there is room: an asset of 99.5 kW is on no step of yours and falls to otherwise(). "
            "Let each step begin where the one above ends.",
        ),
        Wrong(
            "NULL counts as zero",
            _zero_is_unknown,
            "A rated power of 0 is known: it is small. Where NULL is turned into 0 first, the two cannot be told "
            "apart any more.",
        ),
        Wrong(
            "the wider step first",
            _wider_step_first,
            "No asset is large: the first step that is true wins, and from 5 kW on that is yours for medium. "
            "Ask for 100 before 5.",
        ),
    ),
    rows={
        "assets": [
            (f"asset-{number}", "Alta INV-100", "inverter", None, "rsf", kw and Decimal(kw), START, None)
            for number, kw in enumerate(
                ("100.000", "99.999", "99.500", "101.000", "5.000", "4.999", "4.500", "0.000", "-1.000", None)
            )
        ]
    },
    equivalent={
        "WHEN rated_kw IS NULL and WHEN rated_kw >= 100 changed places": (
            "No value is NULL and at least 100: the two steps exclude each other, so their order does not matter."
        )
    },
    remember="NULL falls through every WHEN to ELSE; decide where it shall land.",
)


# Exercise 3: strings that compare differently


def clean_modules_orders_trimmed(work_orders):
    """Make the two sides alike, in the open: no blanks around, small letters."""
    tidy = F.trim("title")
    return work_orders.where(F.lower(tidy) == "clean modules").select("work_order_id", tidy.alias("title"))


def clean_modules_orders_pattern(work_orders):
    """A pattern from the first to the last character, blind to case."""
    found = work_orders.where(F.col("title").rlike("(?i)^ *clean modules *$"))
    return found.selectExpr("work_order_id", "trim(title) AS title")


def _as_sql_server_compares(work_orders):
    return work_orders.where(F.col("title") == "Clean modules").select(
        "work_order_id", F.trim("title").alias("title")
    )


def _right_blanks_only(work_orders):
    found = work_orders.where(F.lower(F.rtrim("title")) == "clean modules")
    return found.select("work_order_id", F.trim("title").alias("title"))


def _begins_like(work_orders):
    found = work_orders.where(F.trim("title").ilike("clean modules%"))
    return found.select("work_order_id", F.trim("title").alias("title"))


def _nicely_spelled(work_orders):
    found = work_orders.where(F.lower(F.trim("title")) == "clean modules")
    return found.select("work_order_id", F.lit("Clean modules").alias("title"))


def _shown_as_stored(work_orders):
    return work_orders.where(F.lower(F.trim("title")) == "clean modules").select("work_order_id", "title")


CLEAN_MODULES_ORDERS = Exercise(
    id="rows.clean_modules_orders",
    title="One title, typed in many ways",
    task=(
        "Titles are typed by hand. Find the work orders whose title is 'Clean modules' whatever its capital and "
        "small letters and whatever blanks stand before or after it, and nothing else. Show the title without these "
        "blanks, its letters as they were typed."
    ),
    tables=("work_orders",),
    oracle="SELECT work_order_id, trim(title) AS title FROM work_orders WHERE lower(trim(title)) = 'clean modules'",
    contract=Contract(
        grain="one row per work order with this title",
        columns=(Column("work_order_id", "string", False), Column("title", "string", False)),
        key=("work_order_id",),
    ),
    hints=(
        "Is 'clean modules ' equal to 'Clean modules' in your database? In Spark?",
        "Spark compares bytes: no collation, no padding with blanks. Do to the column what a collation did for you, "
        "and keep the text you show apart from the text you compare.",
        "Two functions make the copy that you compare: one for the letters, one for the blanks at both ends. Which "
        "of the two does the title that you show need as well?",
        "Compare F.lower(F.trim('title')) with 'clean modules', and show F.trim('title').alias('title').",
    ),
    solutions=(clean_modules_orders_trimmed, clean_modules_orders_pattern),
    wrong=(
        Wrong(
            "= as SQL Server does it",
            _as_sql_server_compares,
            "Titles with other letters or blanks are missing: in Spark = compares byte by byte, with no collation "
            "that ignores case and no padding that ignores blanks at the end.",
        ),
        Wrong(
            "blanks are at the end only",
            _right_blanks_only,
            "A title with a blank before it is missing: rtrim takes away blanks at the end only, trim at both sides.",
        ),
        Wrong(
            "LIKE instead of =",
            _begins_like,
            "A longer title came along: with a % at the end, 'Clean modules and roof' is found as well.",
        ),
        Wrong(
            "spell it nicely",
            _nicely_spelled,
            "The right rows, but the letters were changed: show the title as it was typed, without its blanks only.",
        ),
        Wrong(
            "trimmed only to compare",
            _shown_as_stored,
            "The right rows, but the blanks around the title are still shown: what a condition trims stays untrimmed "
            "in the column.",
        ),
    ),
    rows={
        "work_orders": [
            (f"wo-{number}", "rsf", None, None, START, None, 2, title)
            for number, title in enumerate(
                (
                    "Clean modules",
                    "clean modules",
                    "CLEAN MODULES ",
                    "  Clean Modules",
                    " cLEAN modules  ",
                    "Clean modules and roof",
                    "Do not clean modules",
                    "Clean  modules",
                    "Cleanmodules",
                    "Clean modules.",
                    "",
                )
            )
        ]
    },
    remember="Spark compares strings byte by byte: case, blanks and accents all count, until you say otherwise.",
)


# Exercise 4: casts that may fail


def model_number_try_cast(assets):
    """`try_cast` gives NULL where `cast` would stop the query."""
    number = F.split_part("model", F.lit("-"), F.lit(2)).try_cast("int")
    return assets.select("asset_id", "valid_from", "model", number.alias("model_number"))


def model_number_split(assets):
    """Split at every dash; try_element_at answers NULL where there is no second part, element_at would fail."""
    number = "try_cast(try_element_at(split(model, '-'), 2) AS INT) AS model_number"
    return assets.selectExpr("asset_id", "valid_from", "model", number)


def _hope_for_the_best(assets):
    number = F.split_part("model", F.lit("-"), F.lit(2)).cast("int")
    return assets.select("asset_id", "valid_from", "model", number.alias("model_number"))


def _digits_somewhere(assets):
    number = F.regexp_extract("model", r"(\d+)", 1).try_cast("int")
    return assets.select("asset_id", "valid_from", "model", number.alias("model_number"))


def _last_three_characters(assets):
    number = F.substring("model", -3, 3).try_cast("int")
    return assets.select("asset_id", "valid_from", "model", number.alias("model_number"))


def _zero_for_none(assets):
    number = F.coalesce(F.split_part("model", F.lit("-"), F.lit(2)).try_cast("int"), F.lit(0))
    return assets.select("asset_id", "valid_from", "model", number.alias("model_number"))


def _to_number_format(assets):
    number = "CAST(try_to_number(split_part(model, '-', 2), '999') AS INT) AS model_number"
    return assets.selectExpr("asset_id", "valid_from", "model", number)


def _only_numbered(assets):
    number = F.split_part("model", F.lit("-"), F.lit(2)).try_cast("int")
    numbered = assets.select("asset_id", "valid_from", "model", number.alias("model_number"))
    return numbered.where(F.col("model_number").isNotNull())


MODEL_NUMBER = Exercise(
    id="rows.model_number",
    title="A number inside a text",
    task=(
        "A model is called like 'Alta INV-134'. Give each asset the text after the first dash (up to the next dash, "
        "if there is one) as a whole number. Where that text is no whole number ('Boreal INV-170R') or one too large "
        "for an int, or there is no dash, the number is not known: NULL. Every asset stays in the list."
    ),
    tables=("assets",),
    oracle=(
        "SELECT asset_id, valid_from, model, try_cast(split_part(model, '-', 2) AS INT) AS model_number FROM assets"
    ),
    contract=Contract(
        grain="one row per asset and the time it is valid from",
        columns=(
            Column("asset_id", "string", False),
            Column("valid_from", "timestamp", False),
            Column("model", "string", False),
            Column("model_number", "int"),
        ),
        key=("asset_id", "valid_from"),
        nulls="model_number is NULL where there is no dash, or no whole number that fits an int after it.",
    ),
    hints=(
        "What does CAST('170R' AS INT) do in your database? In Spark it stops the whole query, as ANSI asks.",
        "There is a second cast that answers NULL instead of failing: TRY_CAST in SQL (as in SQL Server), "
        ".try_cast() on a column.",
        "Cut the text at its dashes first, and cast the second part. Where there is no dash, split_part() gives '': "
        "what does each of the two casts make of that?",
        "F.split_part('model', F.lit('-'), F.lit(2)) is the text after the dash; put .try_cast('int') behind it.",
    ),
    solutions=(model_number_try_cast, model_number_split),
    wrong=(
        Wrong(
            "CAST gives NULL for what it cannot read",
            _hope_for_the_best,
            "Under ANSI, CAST stops the whole query at the first text that is no number; older Spark gave NULL "
            "without a word. Where NULL is what you want, say try_cast.",
        ),
        Wrong(
            "any digits will do",
            _digits_somewhere,
            "A number was made of a text that is none: '170R' is not a whole number, so nothing is known of it. "
            "A pattern takes digits wherever they stand.",
        ),
        Wrong(
            "the number has three digits",
            _last_three_characters,
            "The number was cut: 'INV-1234' is 1234. Take what stands after the dash, however long it is.",
        ),
        Wrong(
            "0 for what is not known",
            _zero_for_none,
            "You show 0 where no number is known. 0 is a number, and a sum or a join would believe it; NULL says "
            "that it is not known.",
        ),
        Wrong(
            "TO_NUMBER with a format",
            _to_number_format,
            "The format '999' takes three digits at most: longer numbers became NULL. A cast needs no format.",
        ),
        Wrong(
            "leave out what cannot be cast",
            _only_numbered,
            "Assets without a number are missing. The grain is one row per asset: a value that is not known is NULL, "
            "it does not take its row away.",
        ),
    ),
    rows={
        "assets": [
            (f"asset-{number}", model, "inverter", None, "rsf", None, START, None)
            for number, model in enumerate(
                (
                    "Alta INV-134",
                    "Boreal INV-170R",
                    "PEAK site",
                    "Cirrus INV-1234",
                    "Alta 500 INV-12",
                    "Alta INV-0",
                    "Alta INV-12-7",
                    "Alta INV-",
                    "Alta INV-99999999999",
                    "Alta INV-12.5",
                    "134",
                    "",
                )
            )
        ]
    },
    remember="CAST stops the query at the first bad value; TRY_CAST answers NULL: choose which of the two you mean.",
)


# Exercise 5: expressions with times and division


def hours_open_seconds(work_orders):
    """Count the smallest unit, then divide: `/` keeps its fraction."""
    seconds = F.unix_timestamp("closed_at") - F.unix_timestamp("opened_at")
    return work_orders.select("work_order_id", (seconds / 3600).alias("hours_open"))


def hours_open_difference(work_orders):
    """The same by a difference of two times."""
    return work_orders.selectExpr("work_order_id", "timestampdiff(SECOND, opened_at, closed_at) / 3600 AS hours_open")


def _whole_hours(work_orders):
    return work_orders.selectExpr(
        "work_order_id", "CAST(timestampdiff(HOUR, opened_at, closed_at) AS DOUBLE) AS hours_open"
    )


def _days_by_24(work_orders):
    return work_orders.selectExpr(
        "work_order_id", "CAST(datediff(closed_at, opened_at) * 24 AS DOUBLE) AS hours_open"
    )


def _hour_of_the_clock(work_orders):
    hours = F.hour("closed_at") - F.hour("opened_at") + (F.minute("closed_at") - F.minute("opened_at")) / 60
    return work_orders.select("work_order_id", hours.alias("hours_open"))


def _zero_while_open(work_orders):
    end = F.coalesce("closed_at", "opened_at")
    seconds = F.unix_timestamp(end) - F.unix_timestamp("opened_at")
    return work_orders.select("work_order_id", (seconds / 3600).alias("hours_open"))


def _only_closed(work_orders):
    seconds = F.unix_timestamp("closed_at") - F.unix_timestamp("opened_at")
    hours = work_orders.select("work_order_id", (seconds / 3600).alias("hours_open"))
    return hours.where("hours_open IS NOT NULL")


HOURS_OPEN = Exercise(
    id="rows.hours_open",
    title="Hours, with their fraction",
    task=(
        "For every work order, how many hours lie between opened_at and closed_at? Count fractions of an hour: 90 "
        "minutes are 1.5; whole seconds are enough. An order that is still open (closed_at is NULL) has NULL; one "
        "that was entered badly, closed before it was opened, has hours below zero."
    ),
    tables=("work_orders",),
    oracle=(
        "SELECT work_order_id, (unix_timestamp(closed_at) - unix_timestamp(opened_at)) / 3600 AS hours_open "
        "FROM work_orders"
    ),
    contract=Contract(
        grain="one row per work order",
        columns=(Column("work_order_id", "string", False), Column("hours_open", "double")),
        key=("work_order_id",),
        nulls="hours_open is NULL while the order is open.",
    ),
    hints=(
        "What is 90 / 60 in SQL Server? In Spark / always gives a fraction; what rounds is the function that counts "
        "hours or days.",
        "Count in a small unit, seconds, and divide at the end. A difference with NULL is NULL by itself.",
        "F.unix_timestamp() makes a number of seconds of a time; in SQL, timestampdiff(SECOND, ...) counts those "
        "between two times. By how many seconds do you divide, and which of the two times comes first?",
        "(F.unix_timestamp('closed_at') - F.unix_timestamp('opened_at')) / 3600, under the name hours_open.",
    ),
    solutions=(hours_open_seconds, hours_open_difference),
    wrong=(
        Wrong(
            "count whole hours",
            _whole_hours,
            "The fraction is lost: timestampdiff(HOUR, ...) counts whole hours, so 90 minutes are 1. Count seconds "
            "and divide by 3600.",
        ),
        Wrong(
            "DATEDIFF times 24",
            _days_by_24,
            "Spark's datediff counts midnights between two days and forgets the time of day: from 23:00 to 01:00 it "
            "says one day.",
        ),
        Wrong(
            "the hour hand",
            _hour_of_the_clock,
            "hour() is where the clock stands, not how much time went by: orders that stay open over midnight lose "
            "whole days.",
        ),
        Wrong(
            "0 while it is open",
            _zero_while_open,
            "An open order has no duration yet. You show 0, as if it had been closed the moment it was opened.",
        ),
        Wrong(
            "closed orders only",
            _only_closed,
            "Open orders are missing. The grain is one row per work order: theirs has NULL.",
        ),
    ),
    rows={
        "work_orders": [
            (f"wo-{number}", "rsf", None, None, START, end, 2, "Replace fuse")
            for number, end in enumerate(
                (
                    START + timedelta(minutes=90),
                    START + timedelta(seconds=1),
                    START + timedelta(days=3, minutes=20),
                    START + timedelta(hours=17),
                    START,
                    START - timedelta(minutes=30),
                    None,
                )
            )
        ]
    },
    remember="In Spark / never cuts a fraction; functions that count hours or days do.",
)


# Boss fight: NULL in a condition, in a value and in the order


def duty_list_columns(work_orders):
    """Each NULL is met where it does harm: in the filter, in the place, in the state, in the order."""
    is_open = F.col("closed_at").isNull()
    is_slow = F.col("closed_at") > F.col("opened_at") + F.expr("INTERVAL 72 HOURS")
    return (
        work_orders.where(is_open | is_slow)
        .select(
            "work_order_id",
            F.coalesce("asset_id", "site_id").alias("place"),
            F.when(is_open, "open").otherwise("slow").alias("state"),
            "technician_id",
        )
        .orderBy(F.col("technician_id").asc_nulls_last(), "work_order_id")
    )


def duty_list_state_first(work_orders):
    """The state first, NULL for those that do not matter; then the filter asks for the state."""
    hours = "(unix_micros(closed_at) - unix_micros(opened_at)) / 3600000000"
    stated = work_orders.selectExpr(
        "work_order_id",
        "ifnull(asset_id, site_id) AS place",
        f"CASE WHEN closed_at IS NULL THEN 'open' WHEN {hours} > 72 THEN 'slow' END AS state",
        "technician_id",
    )
    return stated.where("state IS NOT NULL").orderBy(
        F.expr("technician_id IS NULL"), "technician_id", "work_order_id"
    )


def _duty(work_orders, condition, state="CASE WHEN closed_at IS NULL THEN 'open' ELSE 'slow' END"):
    """The duty list with another condition or state: what most of the wrong answers have in common."""
    listed = work_orders.where(condition).selectExpr(
        "work_order_id", "coalesce(asset_id, site_id) AS place", f"{state} AS state", "technician_id"
    )
    return listed.orderBy(F.col("technician_id").asc_nulls_last(), "work_order_id")


def _open_ones_lost(work_orders):
    return _duty(work_orders, "closed_at > opened_at + INTERVAL 72 HOURS")


def _midnights(work_orders):
    return _duty(work_orders, "closed_at IS NULL OR datediff(closed_at, opened_at) > 3")


def _open_until_now(work_orders):
    now = work_orders.withColumn("closed_at", F.coalesce("closed_at", F.current_timestamp()))
    return _duty(now, "closed_at > opened_at + INTERVAL 72 HOURS")


def _whole_days(work_orders):
    return _duty(work_orders, "closed_at IS NULL OR timestampdiff(HOUR, opened_at, closed_at) > 72")


def _open_and_old(work_orders):
    return _duty(
        work_orders,
        "closed_at IS NULL OR closed_at > opened_at + INTERVAL 72 HOURS",
        "CASE WHEN closed_at > opened_at + INTERVAL 72 HOURS THEN 'slow' END",
    )


def _spark_order(work_orders):
    return duty_list_columns(work_orders).orderBy("technician_id", "work_order_id")


DUTY_LIST = Exercise(
    id="rows.duty_list",
    title="Boss fight: the duty manager's list",
    task=(
        "Monday morning at PEAK. List every work order that is still open (closed_at is NULL; state 'open'), and "
        "every closed one that took more than 72 hours (state 'slow'). The place is the order's asset or, where it "
        "has none, its site. Sort by technician_id, orders that nobody has at the end, and by work_order_id for the "
        "same technician."
    ),
    tables=("work_orders",),
    oracle=(
        "SELECT work_order_id, coalesce(asset_id, site_id) AS place, "
        "CASE WHEN closed_at IS NULL THEN 'open' ELSE 'slow' END AS state, technician_id FROM work_orders "
        "WHERE closed_at IS NULL OR closed_at > opened_at + INTERVAL 72 HOURS "
        "ORDER BY technician_id NULLS LAST, work_order_id"
    ),
    contract=Contract(
        grain="one row per work order that is open or was slow",
        columns=(
            Column("work_order_id", "string", False),
            Column("place", "string", False),
            Column("state", "string", False),
            Column("technician_id", "string"),
        ),
        key=("work_order_id",),
        order=("technician_id nulls last", "work_order_id"),
        nulls="technician_id stays NULL where nobody has the order; these rows come last.",
    ),
    hints=(
        "NULL waits for you in four places here. Which four?",
        "The filter needs two cases joined by |; the place is a coalesce; the state a ladder of two steps; and Spark "
        "sorts NULL first unless it is told.",
        "Add F.expr('INTERVAL 72 HOURS') to opened_at to compare exactly, and sort by "
        "F.col('technician_id').asc_nulls_last().",
    ),
    solutions=(duty_list_columns, duty_list_state_first),
    wrong=(
        Wrong(
            "> finds the open ones",
            _open_ones_lost,
            "The open orders are missing: NULL > anything is NULL, and a filter keeps only what is true.",
        ),
        Wrong(
            "DATEDIFF greater than 3",
            _midnights,
            "An order that took more than 72 hours is missing: datediff counts midnights, and from Monday 8:00 to "
            "Thursday 9:00, 73 hours, there are three.",
        ),
        Wrong(
            "open means until now",
            _open_until_now,
            "Open orders are called slow: with coalesce(closed_at, current_timestamp()) you cannot see any more that "
            "they were open, and the list changes with the clock.",
        ),
        Wrong(
            "whole hours greater than 72",
            _whole_days,
            "An order of 72 hours and 20 minutes took more than 72 hours, but counted in whole hours it is 72.",
        ),
        Wrong(
            "a CASE without ELSE",
            _open_and_old,
            "The open orders have no state: a CASE without ELSE answers NULL where no step is true.",
        ),
        Wrong(
            "NULL sorts last, as in Oracle",
            _spark_order,
            "The rows are right, their order is not: sorting upwards, Spark puts NULL first (as SQL Server does; "
            "Oracle and PostgreSQL put it last). Say asc_nulls_last().",
        ),
    ),
    rows={
        "work_orders": [
            ("wo-1", "rsf", "rsf-inv", "tech-02", START, None, 1, "Replace fuse"),
            ("wo-2", "rsf", None, None, START, None, 2, "Replace fuse"),
            ("wo-3", "rsf", None, "tech-01", START, START + timedelta(hours=72), 2, "Replace fuse"),
            ("wo-4", "rsf", "rsf-inv", None, START, START + timedelta(hours=72, seconds=1), 2, "Replace fuse"),
            ("wo-5", "mesa", None, "tech-01", START, START + timedelta(hours=73), 2, "Replace fuse"),
            ("wo-6", "mesa", "mesa-m", "tech-02", START, START + timedelta(hours=71, minutes=59), 3, "Clean"),
            ("wo-7", "mesa", "mesa-m", "tech-03", START, START + timedelta(hours=90), 3, "Clean"),
            ("wo-8", "mesa", "", "tech-01", START + timedelta(hours=15), START + timedelta(hours=87), 3, "Clean"),
            ("wo-9", "mesa", "", "tech-01", START + timedelta(hours=15), START + timedelta(hours=96), 3, "Clean"),
            # More than 72 hours by less than a second.
            ("wo-10", "mesa", None, "tech-04", START, START + timedelta(hours=72, microseconds=1), 3, "Clean"),
            # An id that sorts after any letters that might stand in for NULL.
            ("wo-11", "mesa", None, "é1", START, None, 3, "Clean"),
        ]
    },
    remember="Ask of every column: can it be NULL, and where does its row go in filter, value and order?",
)


LESSON = Lesson(
    number=1,
    title="Rows and NULL",
    minutes=40,
    needs=(),
    week=1,
    boss="rows.duty_list",
    next="02-joins",
)
EXERCISES = (CHANNELS_NOT_ENERGY, SIZE_CLASS, CLEAN_MODULES_ORDERS, MODEL_NUMBER, HOURS_OPEN, DUTY_LIST)
