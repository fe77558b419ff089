"""Answers written from the contracts alone: odd but right ones pass, plausible but wrong ones do not."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce

import pandas as pd
import pytest
from pyspark.sql import DataFrame
from pyspark.sql import Window as W
from pyspark.sql import functions as F

from helpers.exercises import exercise, judge

RIGHT, WRONG = [], []


def _register(cases, name):
    def add(answer):
        cases.append(pytest.param(name, answer, id=f"{name}-{answer.__name__}"))
        return answer

    return add


def right(name):
    return _register(RIGHT, name)


def wrong(name):
    return _register(WRONG, name)


def right_sql(name, oddness, query):
    RIGHT.append(pytest.param(name, query, id=f"{name}-{oddness}"))


def wrong_sql(name, slip, query):
    WRONG.append(pytest.param(name, query, id=f"{name}-{slip}"))


def ask(query, **frames):
    return next(iter(frames.values())).sparkSession.sql(query, **frames)


def made(frame, rows, schema):
    return frame.sparkSession.createDataFrame(rows, schema)


# rows


@right("channels_not_energy")
def all_but_those_that_feed_it(meter_assignments):
    shown = meter_assignments.select("source", "channel", "valid_from", "feeds_gold")
    return shown.exceptAll(shown.where("feeds_gold = 'energy'"))


right_sql(
    "channels_not_energy",
    "is_not_true",
    "SELECT source, channel, valid_from, feeds_gold FROM meter_assignments WHERE (feeds_gold = 'energy') IS NOT TRUE",
)


@right("channels_not_energy")
def decode_with_backticks_and_a_default(meter_assignments):
    return ask(
        "SELECT `m`.`source`, m.channel AS `channel`, m.valid_from, m.feeds_gold FROM {m} AS `m`"
        " WHERE decode(feeds_gold, 'energy', 'no', NULL, 'yes', 'yes') = 'yes'",
        m=meter_assignments,
    )


@wrong("channels_not_energy")
def unequal_loses_null(meter_assignments):
    return meter_assignments.where("feeds_gold <> 'energy'").select("source", "channel", "valid_from", "feeds_gold")


@wrong("channels_not_energy")
def whatever_its_case(meter_assignments):
    return meter_assignments.where("coalesce(lower(feeds_gold), '') <> 'energy'").select(
        "source", "channel", "valid_from", "feeds_gold"
    )


@wrong("channels_not_energy")
def one_per_channel(meter_assignments):
    kept = meter_assignments.where("NOT feeds_gold <=> 'energy'")
    return kept.groupBy("source", "channel").agg(
        F.min("valid_from").alias("valid_from"), F.first("feeds_gold").alias("feeds_gold")
    )


@right("size_class")
def counted_thresholds_pick_from_an_array(assets):
    size = "coalesce(array('small', 'medium', 'large')[int(rated_kw >= 5) + int(rated_kw >= 100)], 'unknown')"
    return assets.selectExpr("asset_id", "valid_from", f"{size} AS size")


right_sql(
    "size_class",
    "joined_to_a_table_of_ranges",
    """
    WITH ladder (size, low, high) AS (VALUES ('large', 100, NULL), ('medium', 5, 100), ('small', NULL, 5))
    SELECT asset_id, valid_from, coalesce(size, 'unknown') AS size
    FROM assets LEFT JOIN ladder
    ON rated_kw IS NOT NULL AND (low IS NULL OR rated_kw >= low) AND (high IS NULL OR rated_kw < high)
    """,
)


@right("size_class")
def union_of_four_filters(assets):
    filters = {
        "large": "rated_kw >= 100",
        "medium": "rated_kw >= 5 AND rated_kw < 100",
        "small": "rated_kw < 5",
        "unknown": "rated_kw IS NULL",
    }
    parts = [
        assets.where(which).select("asset_id", "valid_from", F.lit(size).alias("size"))
        for size, which in filters.items()
    ]
    return reduce(DataFrame.unionByName, parts)


@right("size_class")
def udf_on_decimals(assets):
    @F.udf("string")
    def size(kw):
        return "unknown" if kw is None else "large" if kw >= 100 else "medium" if kw >= Decimal(5) else "small"

    return assets.select("asset_id", "valid_from", size("rated_kw").alias("size"))


@wrong("size_class")
def above_the_boundary_only(assets):
    return assets.selectExpr(
        "asset_id",
        "valid_from",
        "CASE WHEN rated_kw > 100 THEN 'large' WHEN rated_kw > 5 THEN 'medium' WHEN rated_kw IS NOT NULL THEN 'small'"
        " ELSE 'unknown' END AS size",
    )


@wrong("size_class")
def between_takes_one_hundred(assets):
    return assets.selectExpr(
        "asset_id",
        "valid_from",
        "CASE WHEN rated_kw < 5 THEN 'small' WHEN rated_kw BETWEEN 5 AND 100 THEN 'medium' WHEN rated_kw > 100"
        " THEN 'large' ELSE 'unknown' END AS size",
    )


@wrong("size_class")
def rounded_before_compared(assets):
    return assets.selectExpr(
        "asset_id",
        "valid_from",
        "CASE WHEN round(rated_kw) >= 100 THEN 'large' WHEN round(rated_kw) >= 5 THEN 'medium'"
        " WHEN rated_kw IS NULL THEN 'unknown' ELSE 'small' END AS size",
    )


@right("clean_modules_orders")
def no_edits_away(work_orders):
    return work_orders.where("levenshtein(lower(trim(title)), 'clean modules') = 0").selectExpr(
        "work_order_id", "trim(title) AS title"
    )


right_sql(
    "clean_modules_orders",
    "case_insensitive_collation",
    """
    SELECT work_order_id, trim(BOTH ' ' FROM title) AS title FROM work_orders
    WHERE trim(title) COLLATE UTF8_LCASE = 'clean modules'
    """,
)


@right("clean_modules_orders")
def pandas_batches(work_orders):
    def clean(batches):
        for batch in batches:
            title = batch["title"].str.strip(" ")
            yield batch.assign(title=title)[title.str.lower() == "clean modules"]

    return work_orders.select("work_order_id", "title").mapInPandas(clean, "work_order_id string, title string")


@wrong("clean_modules_orders")
def anything_that_contains_it(work_orders):
    return work_orders.where("title ILIKE '%clean modules%'").selectExpr("work_order_id", "trim(title) AS title")


@wrong("clean_modules_orders")
def blanks_after_it_only(work_orders):
    return work_orders.where("lower(rtrim(title)) = 'clean modules'").selectExpr(
        "work_order_id", "rtrim(title) AS title"
    )


@wrong("clean_modules_orders")
def title_with_its_blanks(work_orders):
    return work_orders.where("lower(trim(title)) = 'clean modules'").select("work_order_id", "title")


@wrong("clean_modules_orders")
def blanks_inside_too(work_orders):
    return work_orders.where("lower(replace(title, ' ')) = 'cleanmodules'").selectExpr(
        "work_order_id", "trim(title) AS title"
    )


@right("model_number")
def pattern_with_word_end(assets):
    return assets.selectExpr(
        "asset_id",
        "valid_from",
        "model",
        "try_cast(nullif(regexp_extract(model, '^[^-]*-([^-]*)', 1), '') AS int) AS model_number",
    )


right_sql(
    "model_number",
    "left_lateral_over_the_split_parts",
    """
    SELECT asset_id, valid_from, model, try_cast(part AS int) AS model_number
    FROM assets LEFT JOIN LATERAL (SELECT part FROM posexplode(split(model, '-')) AS p (pos, part) WHERE pos = 1)
    """,
)


@right("model_number")
def self_join_of_the_known(assets):
    known = assets.where("try_cast(split_part(model, '-', 2) AS int) IS NOT NULL").selectExpr(
        "asset_id", "valid_from", "int(split(model, '-')[1]) AS model_number"
    )
    return assets.join(known, ["asset_id", "valid_from"], "left").select(
        "asset_id", "valid_from", "model", "model_number"
    )


@wrong("model_number")
def digits_from_any_text(assets):
    return assets.selectExpr(
        "asset_id",
        "valid_from",
        "model",
        "try_cast(nullif(regexp_extract(model, '-([0-9]+)', 1), '') AS int) AS model_number",
    )


@wrong("model_number")
def cast_that_gives_up(assets):
    return assets.selectExpr("asset_id", "valid_from", "model", "int(split_part(model, '-', 2)) AS model_number")


@wrong("model_number")
def after_the_last_dash(assets):
    return assets.selectExpr(
        "asset_id", "valid_from", "model", "try_cast(split_part(model, '-', -1) AS int) AS model_number"
    )


@wrong("model_number")
def unknown_left_out(assets):
    number = assets.selectExpr(
        "asset_id", "valid_from", "model", "try_cast(split_part(model, '-', 2) AS int) AS model_number"
    )
    return number.where("model_number IS NOT NULL")


for slip, part in {
    "all_of_it_without_a_dash": "substring_index(substring_index(model, '-', 2), '-', -1)",
    "the_last_part_there_is": "split(model, '-')[least(1, size(split(model, '-')) - 1)]",
}.items():
    wrong_sql(
        "model_number",
        slip,
        f"SELECT asset_id, valid_from, model, try_cast({part} AS int) AS model_number FROM assets",
    )


@right("hours_open")
def fields_of_the_interval(work_orders):
    open_for = "(closed_at - opened_at)"
    return work_orders.selectExpr(
        "work_order_id",
        f"extract(DAY FROM {open_for}) * 24D + extract(HOUR FROM {open_for}) + extract(MINUTE FROM {open_for}) / 60D"
        f" + double(extract(SECOND FROM {open_for})) / 3600D AS hours_open",
    )


right_sql(
    "hours_open",
    "union_of_open_and_closed",
    """
    SELECT work_order_id, CAST(NULL AS double) AS hours_open FROM work_orders WHERE closed_at IS NULL
    UNION ALL
    SELECT work_order_id, timestampdiff(MICROSECOND, opened_at, closed_at) / 3.6e9D FROM work_orders
    WHERE closed_at IS NOT NULL
    """,
)


@right("hours_open")
def on_the_driver(work_orders):
    rows = [
        (row.work_order_id, None if row.closed_at is None else (row.closed_at - row.opened_at) / timedelta(hours=1))
        for row in work_orders.collect()
    ]
    return made(work_orders, rows, "work_order_id string not null, hours_open double")


@wrong("hours_open")
def whole_hours(work_orders):
    return work_orders.selectExpr("work_order_id", "double(timestampdiff(HOUR, opened_at, closed_at)) AS hours_open")


@wrong("hours_open")
def open_ones_until_now(work_orders):
    end = "unix_micros(coalesce(closed_at, current_timestamp()))"
    return work_orders.selectExpr("work_order_id", f"({end} - unix_micros(opened_at)) / 3.6e9D AS hours_open")


@wrong("hours_open")
def closed_ones_only(work_orders):
    return work_orders.where("closed_at IS NOT NULL").selectExpr(
        "work_order_id", "(unix_micros(closed_at) - unix_micros(opened_at)) / 3.6e9D AS hours_open"
    )


@right("duty_list")
def two_lists_and_a_flag_to_sort_by(work_orders):
    place = F.expr("nvl2(asset_id, asset_id, site_id)").alias("place")
    still = work_orders.where("closed_at IS NULL").select(
        "work_order_id", place, F.lit("open").alias("state"), "technician_id"
    )
    slow = work_orders.where("closed_at - INTERVAL '3' DAY > opened_at").select(
        "work_order_id", place, F.lit("slow").alias("state"), "technician_id"
    )
    return still.union(slow).orderBy(F.isnull("technician_id"), "technician_id", "work_order_id")


right_sql(
    "duty_list",
    "numbered_then_sorted_by_number",
    """
    WITH listed AS (
      SELECT *, row_number() OVER (ORDER BY technician_id NULLS LAST, work_order_id) AS place_in_line FROM work_orders
      WHERE NOT coalesce(closed_at <= opened_at + INTERVAL '72' HOUR, false))
    SELECT work_order_id, array_compact(array(asset_id, site_id))[0] AS place,
      if(isnull(closed_at), 'open', 'slow') AS state, technician_id
    FROM listed ORDER BY place_in_line
    """,
)


@right("duty_list")
def sorted_on_the_driver(work_orders):
    three_days = timedelta(hours=72)
    kept = [row for row in work_orders.collect() if not row.closed_at or row.closed_at - row.opened_at > three_days]
    kept.sort(key=lambda row: (row.technician_id is None, row.technician_id or "", row.work_order_id))
    rows = [
        (
            row.work_order_id,
            row.site_id if row.asset_id is None else row.asset_id,
            "slow" if row.closed_at else "open",
            row.technician_id,
        )
        for row in kept
    ]
    return made(
        work_orders, rows, "work_order_id string not null, place string not null, state string, technician_id string"
    )


DUTY = (
    "work_order_id, coalesce(asset_id, site_id) AS place, if(closed_at IS NULL, 'open', 'slow')"
    " AS state, technician_id"
)
LINE = "ORDER BY technician_id NULLS LAST, work_order_id"

wrong_sql(
    "duty_list",
    "seventy_two_hours_are_slow",
    f"SELECT {DUTY} FROM work_orders WHERE closed_at IS NULL OR closed_at >= opened_at + INTERVAL 72 HOURS {LINE}",
)
wrong_sql(
    "duty_list",
    "seventy_two_and_a_half_are_not",
    f"SELECT {DUTY} FROM work_orders WHERE closed_at IS NULL OR timestampdiff(HOUR, opened_at,"
    f" closed_at) > 72 {LINE}",
)
wrong_sql(
    "duty_list",
    "part_of_a_second_is_nothing",
    f"SELECT {DUTY} FROM work_orders WHERE closed_at IS NULL"
    f" OR unix_seconds(closed_at) - unix_seconds(opened_at) > 259200 {LINE}",
)
wrong_sql(
    "duty_list",
    "nobody_is_called_zzz",
    f"SELECT {DUTY} FROM work_orders WHERE closed_at IS NULL OR closed_at > opened_at + INTERVAL 72 HOURS"
    " ORDER BY coalesce(technician_id, 'zzz'), work_order_id",
)
wrong_sql(
    "duty_list",
    "nobody_comes_first",
    f"SELECT {DUTY} FROM work_orders WHERE closed_at IS NULL OR closed_at > opened_at + INTERVAL 72 HOURS"
    " ORDER BY technician_id, work_order_id",
)


# joins


@right("sites_with_urgent_orders")
def correlated_count(sites, work_orders):
    return ask(
        "SELECT name, kind FROM {s} AS s WHERE (SELECT count(*) FROM {w} AS w"
        " WHERE w.site_id = s.site_id AND w.priority = 1 AND w.closed_at IS NULL) > 0",
        s=sites,
        w=work_orders,
    )


right_sql(
    "sites_with_urgent_orders",
    "lateral_with_a_limit",
    """
    SELECT s.name, s.kind FROM sites AS s, LATERAL (
      SELECT 1 FROM work_orders AS w WHERE w.site_id = s.site_id AND w.priority = 1 AND w.closed_at IS NULL LIMIT 1)
    """,
)


@right("sites_with_urgent_orders")
def intersection_of_ids_joined_back(sites, work_orders):
    urgent = work_orders.where("priority = 1 AND closed_at IS NULL").select("site_id")
    return sites.join(sites.select("site_id").intersect(urgent), "site_id").select("name", "kind")


@wrong("sites_with_urgent_orders")
def one_row_for_two_alike(sites, work_orders):
    urgent = work_orders.where("priority = 1 AND closed_at IS NULL")
    return sites.join(urgent, "site_id").select("name", "kind").distinct()


@wrong("sites_with_urgent_orders")
def once_per_order(sites, work_orders):
    return sites.join(work_orders.where("priority = 1 AND closed_at IS NULL"), "site_id").select("name", "kind")


@wrong("sites_with_urgent_orders")
def urgent_here_and_open_there(sites, work_orders):
    urgent, still = work_orders.where("priority = 1"), work_orders.where("closed_at IS NULL")
    both = sites.join(urgent, "site_id", "left_semi").join(still, "site_id", "left_semi")
    return both.select("name", "kind")


@wrong("sites_with_urgent_orders")
def id_shown_as_well(sites, work_orders):
    return sites.join(work_orders.where("priority = 1 AND closed_at IS NULL"), "site_id", "left_semi").select(
        "site_id", "name", "kind"
    )


@right("technicians_without_reports")
def set_of_managers_in_one_cell(technicians):
    managers = technicians.agg(F.collect_set("manager_id").alias("managers"))
    return (
        technicians.crossJoin(managers)
        .where("NOT array_contains(managers, technician_id)")
        .select("technician_id", "name")
    )


right_sql(
    "technicians_without_reports",
    "not_in_without_null",
    """
    SELECT technician_id, name FROM technicians
    WHERE technician_id NOT IN (SELECT manager_id FROM technicians WHERE manager_id IS NOT NULL)
    """,
)


@right("technicians_without_reports")
def ids_except_managers(technicians):
    return ask(
        "SELECT technician_id, t.name FROM {t} AS t JOIN ("
        "SELECT technician_id FROM {t} MINUS SELECT manager_id FROM {t}) USING (technician_id)",
        t=technicians,
    )


@wrong("technicians_without_reports")
def not_in_with_null(technicians):
    return ask(
        "SELECT technician_id, name FROM {t} WHERE technician_id NOT IN (SELECT manager_id FROM {t})", t=technicians
    )


@wrong("technicians_without_reports")
def name_of_the_manager_instead(technicians):
    boss = technicians.select(F.col("technician_id").alias("boss_id"), F.col("name").alias("boss"))
    idle = technicians.join(
        technicians.select(F.col("manager_id").alias("technician_id")), "technician_id", "left_anti"
    )
    return idle.join(boss, idle.manager_id == boss.boss_id, "left").select(
        "technician_id", F.col("boss").alias("name")
    )


@wrong("technicians_without_reports")
def columns_swapped(technicians):
    idle = technicians.join(
        technicians.select(F.col("manager_id").alias("technician_id")), "technician_id", "left_anti"
    )
    return idle.select(F.col("name").alias("technician_id"), F.col("technician_id").alias("name"))


@wrong("technicians_without_reports")
def namesakes_are_one(technicians):
    return ask(
        "SELECT min(technician_id) AS technician_id, name FROM {t} AS t WHERE NOT EXISTS ("
        "SELECT 1 FROM {t} AS r WHERE r.manager_id = t.technician_id) GROUP BY name",
        t=technicians,
    )


@wrong("technicians_without_reports")
def their_own_manager_is_nobodys(technicians):
    others = technicians.where("manager_id <> technician_id").select(F.col("manager_id").alias("technician_id"))
    return technicians.join(others, "technician_id", "left_anti").select("technician_id", "name")


@right("sites_and_current_tariffs")
def exploded_list_of_tariffs(sites, tariffs):
    current = tariffs.where("currency = 'USD' AND valid_to IS NULL").groupBy("site_id")
    listed = current.agg(F.collect_list(F.struct("tariff_id", "price_per_kwh")).alias("found"))
    return sites.join(listed, "site_id", "left").selectExpr("site_id", "inline_outer(found)")


right_sql(
    "sites_and_current_tariffs",
    "inner_join_and_those_left_over",
    """
    WITH found AS (SELECT t.site_id, tariff_id, price_per_kwh FROM sites JOIN tariffs AS t USING (site_id)
      WHERE (currency, valid_to IS NULL) = ('USD', true))
    TABLE found UNION ALL
    SELECT site_id, NULL, NULL FROM (SELECT site_id FROM sites EXCEPT SELECT site_id FROM found)
    """,
)


@right("sites_and_current_tariffs")
def right_join_from_the_tariffs(sites, tariffs):
    return ask(
        "SELECT s.site_id, f.* FROM (SELECT * FROM {t} WHERE currency = 'USD') AS t RIGHT JOIN {s} AS s"
        " ON t.site_id = s.site_id AND t.valid_to IS NULL,"
        " LATERAL (SELECT t.tariff_id, t.price_per_kwh) AS f",
        s=sites,
        t=tariffs,
    )


CURRENT = "SELECT s.site_id, t.tariff_id, t.price_per_kwh FROM sites AS s"

wrong_sql(
    "sites_and_current_tariffs",
    "where_after_the_outer_join",
    f"{CURRENT} LEFT JOIN tariffs AS t ON s.site_id = t.site_id WHERE t.currency = 'USD' AND t.valid_to IS NULL",
)
wrong_sql(
    "sites_and_current_tariffs",
    "or_null_in_where",
    f"{CURRENT} LEFT JOIN tariffs AS t ON s.site_id = t.site_id"
    " WHERE (t.currency = 'USD' AND t.valid_to IS NULL) OR t.tariff_id IS NULL",
)
wrong_sql(
    "sites_and_current_tariffs",
    "any_currency",
    f"{CURRENT} LEFT JOIN tariffs AS t ON s.site_id = t.site_id AND t.valid_to IS NULL",
)
wrong_sql(
    "sites_and_current_tariffs",
    "one_tariff_only",
    "SELECT s.site_id, max(tariff_id) AS tariff_id, max_by(price_per_kwh, tariff_id) AS price_per_kwh FROM sites AS s"
    " LEFT JOIN tariffs AS t ON s.site_id = t.site_id AND currency = 'USD' AND valid_to IS NULL GROUP BY s.site_id",
)


@right("twin_orders")
def pairs_out_of_sorted_lists(work_orders):
    alike = work_orders.groupBy("site_id", "title", "closed_at").agg(
        F.sort_array(F.collect_list("work_order_id")).alias("ids")
    )
    pairs = (
        "flatten(transform(ids, (a, i) -> transform(filter(ids, (b, j) -> j > i), b -> named_struct("
        "'first_id', a, 'second_id', b))))"
    )
    return alike.selectExpr(f"inline({pairs})")


right_sql(
    "twin_orders",
    "null_safe_equality_of_structs",
    """
    SELECT a.work_order_id AS first_id, b.work_order_id AS second_id FROM work_orders AS a CROSS JOIN work_orders AS b
    WHERE struct(a.site_id, a.title, a.closed_at) <=> struct(b.site_id, b.title, b.closed_at)
      AND a.work_order_id < b.work_order_id
    """,
)


@right("twin_orders")
def intersection_of_three_sets_of_pairs(work_orders):
    a, b = work_orders.alias("a"), work_orders.alias("b")
    pairs = a.join(b, F.expr("a.work_order_id < b.work_order_id"))
    same = ("a.site_id = b.site_id", "a.title = b.title", "NOT a.closed_at IS DISTINCT FROM b.closed_at")
    found = [
        pairs.where(one).selectExpr("a.work_order_id AS first_id", "b.work_order_id AS second_id") for one in same
    ]
    return reduce(DataFrame.intersect, found)


TWINS = (
    "SELECT a.work_order_id AS first_id, b.work_order_id AS second_id FROM work_orders AS a JOIN work_orders AS b"
    " ON a.site_id = b.site_id"
)

wrong_sql(
    "twin_orders",
    "null_is_not_null",
    f"{TWINS} AND a.title = b.title AND a.closed_at = b.closed_at AND a.work_order_id < b.work_order_id",
)
wrong_sql(
    "twin_orders",
    "each_pair_twice",
    f"{TWINS} AND a.title = b.title AND a.closed_at <=> b.closed_at AND a.work_order_id <> b.work_order_id",
)
wrong_sql(
    "twin_orders",
    "the_same_day",
    f"{TWINS} AND a.title = b.title AND date(a.closed_at) <=> date(b.closed_at) AND a.work_order_id <"
    f" b.work_order_id",
)
wrong_sql(
    "twin_orders",
    "neighbours_only",
    """
    SELECT work_order_id AS first_id,
      lead(work_order_id) OVER (PARTITION BY site_id, title, closed_at ORDER BY work_order_id) AS second_id
    FROM work_orders QUALIFY second_id IS NOT NULL
    """,
)
wrong_sql(
    "twin_orders",
    "a_null_end_matches_all",
    f"{TWINS} AND a.title = b.title AND coalesce(a.closed_at = b.closed_at, true) AND a.work_order_id"
    f" < b.work_order_id",
)


TWIN = "a.closed_at <=> b.closed_at AND a.work_order_id < b.work_order_id"

wrong_sql("twin_orders", "letters_do_not_count", f"{TWINS} AND lower(a.title) = lower(b.title) AND {TWIN}")
wrong_sql("twin_orders", "blanks_do_not_count", f"{TWINS} AND trim(a.title) = trim(b.title) AND {TWIN}")
wrong_sql(
    "twin_orders",
    "the_same_second",
    f"{TWINS} AND a.title = b.title AND a.work_order_id < b.work_order_id"
    " AND date_trunc('SECOND', a.closed_at) <=> date_trunc('SECOND', b.closed_at)",
)


@right("orders_and_tariffs_per_site")
def correlated_scalars(sites, tariffs, work_orders):
    return ask(
        "SELECT site_id, (SELECT count(*) FROM {w} AS w WHERE w.site_id = s.site_id) AS orders,"
        " (SELECT count(*) FROM {t} AS t WHERE t.site_id = s.site_id) AS tariffs FROM {s} AS s",
        s=sites,
        t=tariffs,
        w=work_orders,
    )


@right("orders_and_tariffs_per_site")
def one_long_list_and_sums(sites, tariffs, work_orders):
    tags = [(sites, 0, 0), (work_orders, 1, 0), (tariffs, 0, 1)]
    parts = [
        one.select("site_id", F.lit(a).alias("o"), F.lit(b).alias("t"), F.lit(one is sites).alias("here"))
        for one, a, b in tags
    ]
    summed = reduce(DataFrame.unionAll, parts).groupBy("site_id")
    counted = summed.agg(F.sum("o").alias("orders"), F.sum("t").alias("tariffs"), F.bool_or("here").alias("here"))
    return counted.where("here").drop("here")


right_sql(
    "orders_and_tariffs_per_site",
    "distinct_counts_over_the_fan_out",
    """
    SELECT s.site_id, count(DISTINCT work_order_id) AS orders, count(DISTINCT tariff_id) AS tariffs
    FROM sites AS s LEFT JOIN work_orders AS w ON w.site_id = s.site_id LEFT JOIN tariffs AS t ON t.site_id =
      s.site_id
    GROUP BY s.site_id
    """,
)

FANNED = (
    "FROM sites AS s LEFT JOIN work_orders AS w ON w.site_id = s.site_id"
    " LEFT JOIN tariffs AS t ON t.site_id = s.site_id GROUP BY s.site_id"
)

wrong_sql(
    "orders_and_tariffs_per_site",
    "fan_out",
    f"SELECT s.site_id, count(work_order_id) AS orders, count(tariff_id) AS tariffs {FANNED}",
)
wrong_sql(
    "orders_and_tariffs_per_site",
    "distinct_titles_and_prices",
    f"SELECT s.site_id, count(DISTINCT opened_at) AS orders, count(DISTINCT price_per_kwh) AS tariffs {FANNED}",
)


@wrong("orders_and_tariffs_per_site")
def null_for_none(sites, tariffs, work_orders):
    orders = work_orders.groupBy("site_id").agg(F.count("*").alias("orders"))
    prices = tariffs.groupBy("site_id").agg(F.count("*").alias("tariffs"))
    return sites.select("site_id").join(orders, "site_id", "left").join(prices, "site_id", "left")


@wrong("orders_and_tariffs_per_site")
def one_for_none(sites, tariffs, work_orders):
    orders = sites.join(work_orders, "site_id", "left").groupBy("site_id").agg(F.count("*").alias("orders"))
    prices = sites.join(tariffs, "site_id", "left").groupBy("site_id").agg(F.count("*").alias("tariffs"))
    return orders.join(prices, "site_id")


@right("tariff_when_opened")
def filtered_list_of_the_sites_tariffs(tariffs, work_orders):
    listed = tariffs.groupBy("site_id").agg(
        F.collect_list(F.struct("tariff_id", "valid_from", "valid_to")).alias("all_of_it")
    )
    valid = "filter(all_of_it, t -> opened_at >= t.valid_from AND (t.valid_to IS NULL OR opened_at < t.valid_to))"
    return work_orders.join(listed, "site_id", "left").selectExpr(
        "work_order_id", f"explode_outer({valid}.tariff_id) AS tariff_id"
    )


right_sql(
    "tariff_when_opened",
    "left_lateral",
    """
    SELECT work_order_id, v.tariff_id FROM work_orders AS w LEFT JOIN LATERAL (
      SELECT tariff_id FROM tariffs AS t WHERE t.site_id = w.site_id AND t.valid_from <= w.opened_at
        AND coalesce(t.valid_to > w.opened_at, true)) AS v
    """,
)


@right("tariff_when_opened")
def found_ones_and_the_rest(tariffs, work_orders):
    pairs = work_orders.join(tariffs, "site_id")
    found = pairs.where("NOT (opened_at < valid_from OR (valid_to IS NOT NULL AND opened_at >= valid_to))").select(
        "work_order_id", "tariff_id"
    )
    rest = work_orders.select("work_order_id").subtract(found.select("work_order_id"))
    return found.unionByName(rest, allowMissingColumns=True)


OPENED_LEFT = "SELECT work_order_id, tariff_id FROM work_orders AS w LEFT JOIN tariffs AS t ON w.site_id = t.site_id"

wrong_sql(
    "tariff_when_opened",
    "between_takes_the_end",
    f"{OPENED_LEFT} AND opened_at BETWEEN valid_from AND coalesce(valid_to, TIMESTAMP '9999-12-31')",
)
wrong_sql(
    "tariff_when_opened",
    "beginning_left_out",
    f"{OPENED_LEFT} AND opened_at > valid_from AND (valid_to IS NULL OR opened_at < valid_to)",
)
wrong_sql(
    "tariff_when_opened",
    "still_valid_ones_lost",
    f"{OPENED_LEFT} AND opened_at >= valid_from AND opened_at < valid_to",
)
wrong_sql(
    "tariff_when_opened",
    "compared_in_seconds",
    f"{OPENED_LEFT} AND unix_seconds(opened_at) >= unix_seconds(valid_from)"
    " AND (valid_to IS NULL OR unix_seconds(opened_at) < unix_seconds(valid_to))",
)
wrong_sql(
    "tariff_when_opened",
    "latest_begun_even_if_ended",
    f"{OPENED_LEFT} AND opened_at >= valid_from"
    " QUALIFY row_number() OVER (PARTITION BY work_order_id ORDER BY valid_from DESC) = 1",
)


@right("earned_under_repair")
def any_of_the_sites_urgent_orders(readings, tariffs, work_orders):
    urgent = work_orders.where("priority = 1").groupBy("site_id")
    spans = urgent.agg(F.collect_list(F.struct("opened_at", "closed_at")).alias("spans"))
    during = "exists(spans, s -> event_time >= s.opened_at AND (s.closed_at IS NULL OR event_time < s.closed_at))"
    under = readings.join(spans, "site_id").where(during)
    valid = (F.col("event_time") >= F.col("valid_from")) & F.expr("coalesce(event_time < valid_to, true)")
    priced = under.join(tariffs.withColumnRenamed("site_id", "at"), (F.col("site_id") == F.col("at")) & valid, "left")
    return priced.select(
        "site_id", "channel", "event_time", "tariff_id", (F.col("price_per_kwh") * F.col("kw")).alias("per_hour")
    )


right_sql(
    "earned_under_repair",
    "exists_and_whole_numbers",
    """
    SELECT r.site_id, r.channel, r.event_time, t.tariff_id,
      CAST(bigint(r.kw * 1000) * t.price_per_kwh * 0.001 AS decimal(25,9)) AS per_hour
    FROM readings AS r LEFT JOIN tariffs AS t ON t.site_id = r.site_id AND r.event_time >= t.valid_from
      AND (t.valid_to IS NULL OR r.event_time < t.valid_to)
    WHERE EXISTS (SELECT * FROM work_orders AS w WHERE w.priority = 1 AND w.site_id = r.site_id
      AND w.opened_at <= r.event_time AND (w.closed_at > r.event_time OR w.closed_at IS NULL))
    """,
)


@right("earned_under_repair")
def times_of_work_first(readings, tariffs, work_orders):
    r, w, t = readings.alias("r"), work_orders.alias("w"), tariffs.alias("t")
    busy = r.join(w, F.expr("r.site_id = w.site_id AND priority = 1 AND opened_at <= event_time"))
    kept = busy.where("ifnull(closed_at > event_time, true)").select("r.*").dropDuplicates()
    priced = kept.alias("r").join(
        t, F.expr("r.site_id = t.site_id AND valid_from <= event_time AND nvl(valid_to > event_time, true)"), "left"
    )
    return priced.selectExpr("r.site_id", "channel", "event_time", "tariff_id", "kw * price_per_kwh AS per_hour")


EARNED = "SELECT r.site_id, r.channel, r.event_time, t.tariff_id"
VALID = (
    "tariffs AS t ON t.site_id = r.site_id AND r.event_time >= t.valid_from"
    " AND (t.valid_to IS NULL OR r.event_time < t.valid_to)"
)
URGENT = "w.site_id = r.site_id AND w.priority = 1 AND r.event_time >= w.opened_at"
OPEN_THEN = "(w.closed_at IS NULL OR r.event_time < w.closed_at)"

wrong_sql(
    "earned_under_repair",
    "once_per_order",
    f"{EARNED}, kw * price_per_kwh AS per_hour FROM readings AS r JOIN work_orders AS w ON {URGENT} AND {OPEN_THEN}"
    f" LEFT JOIN {VALID}",
)
wrong_sql(
    "earned_under_repair",
    "uncovered_lost",
    f"{EARNED}, kw * price_per_kwh AS per_hour FROM readings AS r JOIN {VALID}"
    f" WHERE EXISTS (SELECT 1 FROM work_orders AS w WHERE {URGENT} AND {OPEN_THEN})",
)
wrong_sql(
    "earned_under_repair",
    "unknown_earns_zero",
    f"{EARNED}, coalesce(kw * price_per_kwh, 0) AS per_hour FROM readings AS r LEFT JOIN {VALID}"
    f" WHERE EXISTS (SELECT 1 FROM work_orders AS w WHERE {URGENT} AND {OPEN_THEN})",
)
wrong_sql(
    "earned_under_repair",
    "costs_nothing_below_zero",
    f"{EARNED}, if(kw < 0, 0, kw) * price_per_kwh AS per_hour FROM readings AS r LEFT JOIN {VALID}"
    f" WHERE EXISTS (SELECT 1 FROM work_orders AS w WHERE {URGENT} AND {OPEN_THEN})",
)
wrong_sql(
    "earned_under_repair",
    "closing_instant_taken",
    f"{EARNED}, kw * price_per_kwh AS per_hour FROM readings AS r LEFT JOIN {VALID} WHERE EXISTS ("
    f"SELECT 1 FROM work_orders AS w WHERE {URGENT} AND (w.closed_at IS NULL OR r.event_time <= w.closed_at))",
)
for slip, per_hour in {
    "a_double_in_between": "CAST(double(kw) * double(price_per_kwh) AS decimal(25,9))",
    "a_double_price": "CAST(kw * double(price_per_kwh) AS decimal(25,9))",
}.items():
    wrong_sql(
        "earned_under_repair",
        slip,
        f"{EARNED}, {per_hour} AS per_hour FROM readings AS r LEFT JOIN {VALID}"
        f" WHERE EXISTS (SELECT 1 FROM work_orders AS w WHERE {URGENT} AND {OPEN_THEN})",
    )


def _in_seconds(condition):
    return re.sub(r"\b\w\.(event_time|\w+_at|valid_\w+)", r"unix_seconds(\g<0>)", condition)


for slip, tariffs, work in (
    ("work_in_seconds", VALID, _in_seconds(f"{URGENT} AND {OPEN_THEN}")),
    ("tariffs_in_seconds", _in_seconds(VALID), f"{URGENT} AND {OPEN_THEN}"),
):
    wrong_sql(
        "earned_under_repair",
        slip,
        f"{EARNED}, kw * price_per_kwh AS per_hour FROM readings AS r LEFT JOIN {tariffs}"
        f" WHERE EXISTS (SELECT 1 FROM work_orders AS w WHERE {work})",
    )


# aggregation


@right("night_report")
def four_reports_joined_by_union(readings):
    def one(where, *counts):
        return readings.where(where).selectExpr("site_id", "channel", *counts)

    zero = "CAST(0 AS decimal(12,3)) AS drawn"
    parts = [
        one("true", "1 AS r", "0 AS u", "0 AS b", zero),
        one("kw IS NULL", "0 AS r", "1 AS u", "0 AS b", zero),
        one("kw < 0", "0 AS r", "0 AS u", "1 AS b", "kw AS drawn"),
    ]
    summed = reduce(DataFrame.union, parts).groupBy("site_id", "channel")
    return summed.agg(
        F.sum("r").alias("readings"),
        F.sum("u").alias("unknown"),
        F.sum("b").alias("below_zero"),
        F.expr("CAST(sum(drawn) / 4 AS decimal(25,5)) AS drawn_kwh"),
    )


right_sql(
    "night_report",
    "folded_list_of_powers",
    """
    WITH listed AS (SELECT site_id, channel, collect_list(struct(kw)) AS p FROM readings GROUP BY ALL)
    SELECT site_id, channel, CAST(size(p) AS bigint) AS readings,
      CAST(size(filter(p, x -> x.kw IS NULL)) AS bigint) AS unknown,
      CAST(size(filter(p, x -> x.kw < 0)) AS bigint) AS below_zero,
      aggregate(filter(p, x -> x.kw < 0), CAST(0 AS decimal(25,5)),
        (s, x) -> CAST(s + x.kw * 0.25BD AS decimal(25,5))) AS drawn_kwh
    FROM listed
    """,
)


@right("night_report")
def distinct_keys_and_correlated_counts(readings):
    return ask(
        "SELECT DISTINCT site_id, channel, count(*) OVER c AS readings, count_if(kw IS NULL) OVER c AS unknown,"
        " sum(bigint(ifnull(sign(kw) = -1, false))) OVER c AS below_zero,"
        " sum(least(ifnull(kw, 0), 0) * 0.25) OVER c AS drawn_kwh"
        " FROM {r} WINDOW c AS (PARTITION BY site_id, channel)",
        r=readings,
    )


NIGHT = (
    "SELECT site_id, channel, count(*) AS readings, count_if(kw IS NULL) AS unknown, count_if(kw < 0) AS below_zero"
)

wrong_sql(
    "night_report",
    "nothing_drawn_is_null",
    f"{NIGHT}, sum(kw * 0.25) FILTER (WHERE kw < 0) AS drawn_kwh FROM readings GROUP BY site_id, channel",
)
wrong_sql(
    "night_report",
    "drawn_above_zero",
    f"{NIGHT}, sum(if(kw < 0, -kw, 0) * 0.25) AS drawn_kwh FROM readings GROUP BY site_id, channel",
)
wrong_sql(
    "night_report",
    "known_ones_counted",
    "SELECT site_id, channel, count(kw) AS readings, count_if(kw IS NULL) AS unknown, count_if(kw < 0) AS below_zero,"
    " sum(if(kw < 0, kw, 0) * 0.25) AS drawn_kwh FROM readings GROUP BY site_id, channel",
)
wrong_sql(
    "night_report",
    "a_double_in_between",
    f"{NIGHT}, CAST(sum(if(kw < 0, double(kw), 0D)) * 0.25 AS decimal(25,5)) AS drawn_kwh"
    " FROM readings GROUP BY site_id, channel",
)


right_sql(
    "duty_desk",
    "four_scalar_subqueries",
    """
    SELECT (SELECT count(*) FROM work_orders WHERE closed_at IS NULL) AS orders,
      (SELECT count(*) FROM work_orders WHERE closed_at IS NULL AND technician_id IS NULL) AS unassigned,
      (SELECT count(*) FROM (SELECT DISTINCT site_id, technician_id FROM work_orders
        WHERE closed_at IS NULL AND technician_id IS NOT NULL)) AS visits,
      (SELECT opened_at FROM work_orders WHERE closed_at IS NULL ORDER BY opened_at LIMIT 1) AS oldest
    """,
)


@right("duty_desk")
def size_of_a_set_of_pairs(work_orders):
    still = work_orders.where("closed_at IS NULL")
    pair = "if(technician_id IS NULL, NULL, struct(site_id, technician_id))"
    return still.agg(
        F.expr("count(1) AS orders"),
        F.expr("count(1) - count(technician_id) AS unassigned"),
        F.expr(f"bigint(size(collect_set({pair}))) AS visits"),
        F.expr("array_min(collect_list(opened_at)) AS oldest"),
    )


@right("duty_desk")
def counted_in_python(work_orders):
    still = work_orders.where("closed_at IS NULL").collect()
    visits = {(row.site_id, row.technician_id) for row in still if row.technician_id is not None}
    nobody = sum(row.technician_id is None for row in still)
    oldest = min((row.opened_at for row in still), default=None)
    schema = "orders bigint not null, unassigned bigint not null, visits bigint not null, oldest timestamp"
    return made(work_orders, [(len(still), nobody, len(visits), oldest)], schema)


DESK = "SELECT count(*) AS orders, count_if(technician_id IS NULL) AS unassigned"
OLDEST = "min(opened_at) AS oldest FROM work_orders"

wrong_sql(
    "duty_desk",
    "nobody_is_a_visitor",
    f"{DESK}, count(DISTINCT site_id, coalesce(technician_id, '')) AS visits, {OLDEST} WHERE closed_at IS NULL",
)
wrong_sql(
    "duty_desk",
    "pairs_glued_together",
    f"{DESK}, count(DISTINCT site_id || technician_id) AS visits, {OLDEST} WHERE closed_at IS NULL",
)
wrong_sql(
    "duty_desk",
    "no_line_with_nothing_open",
    f"{DESK}, count(DISTINCT site_id, technician_id) AS visits, {OLDEST} WHERE closed_at IS NULL HAVING count(*) > 0",
)
wrong_sql(
    "duty_desk",
    "sums_are_null_with_nothing_open",
    "SELECT count(*) AS orders, sum(bigint(technician_id IS NULL)) AS unassigned,"
    f" count(DISTINCT site_id, technician_id) AS visits, {OLDEST} WHERE closed_at IS NULL",
)


@wrong("duty_desk")
def what_the_screen_shows_today(work_orders):
    return ask(
        "SELECT 14L AS orders, 2L AS unassigned, 12L AS visits, TIMESTAMP '2010-06-29 02:30:00' AS oldest",
        w=work_orders,
    )


right_sql(
    "needs_help",
    "two_groupings_joined_null_safely",
    """
    SELECT a.technician_id, a.orders, b.waiting_since
    FROM (SELECT technician_id, count(*) AS orders FROM work_orders GROUP BY technician_id HAVING count(*) >= 3) AS a
    JOIN (SELECT technician_id, min(opened_at) AS waiting_since FROM work_orders WHERE closed_at IS NULL
      GROUP BY technician_id HAVING count(*) >= 2) AS b ON a.technician_id <=> b.technician_id
    """,
)


@right("needs_help")
def second_open_and_third_of_all_exist(work_orders):
    listed = work_orders.groupBy("technician_id").agg(
        F.sort_array(F.collect_list(F.when(F.isnull("closed_at"), F.col("opened_at")))).alias("waiting"),
        F.count(F.lit(True)).alias("orders"),
    )
    return listed.where("get(waiting, 1) IS NOT NULL AND orders > 2").selectExpr(
        "technician_id", "orders", "waiting[0] AS waiting_since"
    )


@right("needs_help")
def windows_and_qualify(work_orders):
    return ask(
        "SELECT technician_id, count(*) OVER t AS orders, opened_at AS waiting_since FROM {w}"
        " WINDOW t AS (PARTITION BY technician_id) QUALIFY orders >= 3 AND sum(if(closed_at IS NULL,"
        " 1, 0)) OVER t >= 2 AND closed_at IS NULL AND row_number()"
        " OVER (PARTITION BY technician_id ORDER BY closed_at IS NOT NULL, opened_at) = 1",
        w=work_orders,
    )


SINCE = "min(opened_at) FILTER (WHERE closed_at IS NULL) AS waiting_since FROM work_orders"
ENOUGH = "GROUP BY technician_id HAVING count(*) >= 3 AND count_if(closed_at IS NULL) >= 2"

wrong_sql(
    "needs_help",
    "nobody_left_out",
    f"SELECT technician_id, count(*) AS orders, {SINCE} WHERE technician_id IS NOT NULL {ENOUGH}",
)
wrong_sql(
    "needs_help",
    "since_the_first_of_all",
    f"SELECT technician_id, count(*) AS orders, min(opened_at) AS waiting_since FROM work_orders {ENOUGH}",
)
wrong_sql(
    "needs_help",
    "open_ones_counted",
    f"SELECT technician_id, count_if(closed_at IS NULL) AS orders, {SINCE} {ENOUGH}",
)
wrong_sql(
    "needs_help",
    "nobodys_orders_count_none",
    f"SELECT technician_id, count(technician_id) AS orders, {SINCE} {ENOUGH}",
)


right_sql(
    "closed_share",
    "one_minus_the_open_share",
    """
    SELECT kind, count(w.site_id) AS orders,
      1 - avg(CASE WHEN w.site_id IS NULL THEN NULL WHEN closed_at IS NULL THEN 1D ELSE 0D END) AS closed_share
    FROM work_orders AS w RIGHT JOIN sites AS s USING (site_id) GROUP BY kind
    """,
)


@right("closed_share")
def counted_per_site_then_summed(sites, work_orders):
    per_site = work_orders.groupBy("site_id").agg(F.count("*").alias("n"), F.count("closed_at").alias("c"))
    per_kind = sites.join(per_site, "site_id", "left").groupBy("kind")
    return per_kind.agg(
        F.coalesce(F.sum("n"), F.lit(0)).alias("orders"), F.try_divide(F.sum("c"), F.sum("n")).alias("closed_share")
    )


@right("closed_share")
def loop_over_the_kinds(sites, work_orders):
    orders = sites.join(work_orders, "site_id")
    rows = []
    for (kind,) in sites.select("kind").distinct().collect():
        found = orders.where(F.col("kind") == kind)
        total, closed = found.count(), found.where("closed_at IS NOT NULL").count()
        rows.append((kind, total, closed / total if total else None))
    return made(sites, rows, "kind string not null, orders bigint not null, closed_share double")


BY_KIND = "FROM sites AS s LEFT JOIN work_orders AS w ON s.site_id = w.site_id GROUP BY kind"

wrong_sql(
    "closed_share",
    "average_of_the_sites_shares",
    """
    SELECT kind, bigint(sum(n)) AS orders, avg(share) AS closed_share FROM (
      SELECT kind, s.site_id, count(work_order_id) AS n, try_divide(count(closed_at), count(work_order_id)) AS share
      FROM sites AS s LEFT JOIN work_orders AS w ON s.site_id = w.site_id GROUP BY kind, s.site_id) GROUP BY kind
    """,
)
wrong_sql(
    "closed_share",
    "site_without_orders_counts_one",
    f"SELECT kind, count(*) AS orders, try_divide(count(closed_at), count(*)) AS closed_share {BY_KIND}",
)
wrong_sql(
    "closed_share",
    "nothing_of_nothing_is_zero",
    "SELECT kind, count(work_order_id) AS orders,"
    f" coalesce(try_divide(count(closed_at), count(work_order_id)), 0) AS closed_share {BY_KIND}",
)
wrong_sql(
    "closed_share",
    "division_by_zero",
    f"SELECT kind, count(work_order_id) AS orders, count(closed_at) / count(work_order_id) AS closed_share {BY_KIND}",
)


@right("rolled_up")
def union_of_three_groupings(work_orders):
    counts = "count(*) AS orders, count(*) - count(closed_at) AS open"
    return ask(
        f"SELECT site_id, technician_id, 'technician' AS level, {counts} FROM {{w}} GROUP BY 1, 2"
        f" UNION ALL SELECT site_id, NULL, 'site', {counts} FROM {{w}} GROUP BY 1"
        f" UNION ALL SELECT NULL, NULL, 'all', {counts} FROM {{w}} HAVING count(*) > 0",
        w=work_orders,
    )


@right("rolled_up")
def every_order_exploded_into_three(work_orders):
    named = "named_struct('site_id', {}, 'technician_id', {}, 'level', '{}')"
    nobody = "CAST(NULL AS string)"
    levels = ("site_id", "technician_id", "technician"), ("site_id", nobody, "site"), (nobody, nobody, "all")
    counted = ", ".join(named.format(*level) for level in levels)
    copies = work_orders.selectExpr(f"inline(array({counted}))", "closed_at")
    return copies.groupBy("site_id", "technician_id", "level").agg(
        F.count("*").alias("orders"), F.count_if(F.isnull("closed_at")).alias("open")
    )


right_sql(
    "rolled_up",
    "cube_without_what_is_too_much",
    """
    SELECT site_id, technician_id, element_at(map(0, 'technician', 1, 'site', 3, 'all'), int(grouping_id())) AS level,
      count(1) AS orders, sum(bigint(closed_at IS NULL)) AS open
    FROM work_orders GROUP BY CUBE (site_id, technician_id) HAVING grouping(site_id) <= grouping(technician_id)
    """,
)

ROLLED = "count(*) AS orders, count_if(closed_at IS NULL) AS open FROM work_orders"

wrong_sql(
    "rolled_up",
    "level_guessed_from_null",
    "SELECT site_id, technician_id, CASE WHEN site_id IS NULL THEN 'all' WHEN technician_id IS NULL THEN 'site'"
    f" ELSE 'technician' END AS level, {ROLLED} GROUP BY ROLLUP (site_id, technician_id)",
)
wrong_sql(
    "rolled_up",
    "nobodys_orders_left_out",
    "SELECT site_id, technician_id, CASE grouping_id() WHEN 0 THEN 'technician' WHEN 1 THEN 'site' ELSE 'all' END AS"
    f" level, {ROLLED} WHERE technician_id IS NOT NULL GROUP BY ROLLUP (site_id, technician_id)",
)
wrong_sql(
    "rolled_up",
    "a_total_of_nothing",
    f"SELECT site_id, technician_id, 'technician' AS level, {ROLLED} GROUP BY 1, 2"
    f" UNION ALL SELECT site_id, NULL, 'site', {ROLLED} GROUP BY 1 UNION ALL SELECT NULL, NULL, 'all', {ROLLED}",
)
wrong_sql(
    "rolled_up",
    "equal_counts_swallowed_by_null",
    "SELECT nullif(s, '') AS site_id, nullif(t, '') AS technician_id, max(level) AS level, max(orders) AS orders,"
    " max(open) AS open FROM (SELECT coalesce(site_id, '') AS s, coalesce(technician_id, '') AS t,"
    " CASE grouping_id() WHEN 0 THEN 'technician' WHEN 1 THEN 'site' ELSE 'all' END AS level,"
    f" {ROLLED} GROUP BY ROLLUP (site_id, technician_id)) GROUP BY s, t",
)


DENVER_DAY = "to_date(from_utc_timestamp(event_time, 'America/Denver'))"


@right("energy_per_local_day")
def difference_of_the_offsets_in_quarters(readings):
    daily = readings.groupBy("site_id", "channel", F.expr(f"{DENVER_DAY} AS local_day")).agg(
        F.expr("CAST(sum(kw) * 0.25 AS decimal(25,5)) AS energy_kwh"), F.count("kw").alias("known")
    )
    midnight = "unix_seconds(to_utc_timestamp(timestamp({}), 'America/Denver'))"
    quarters = f"(({midnight.format('local_day + 1')} - {midnight.format('local_day')}) DIV 900)"
    return daily.selectExpr("site_id", "channel", "local_day", "energy_kwh", f"known / {quarters} AS completeness")


@right("energy_per_local_day")
def quarters_listed_and_counted(readings):
    return ask(
        """
        WITH local AS (SELECT *, date(convert_timezone('UTC', 'America/Denver', CAST(event_time AS
          timestamp_ntz))) AS d FROM {r}),
        days AS (SELECT DISTINCT d FROM local),
        listed AS (SELECT d, size(filter(sequence(timestamp(d), timestamp(d) + INTERVAL 36 HOURS, INTERVAL 15
          MINUTES),
          t -> date(from_utc_timestamp(t, 'America/Denver')) = d)) AS quarters FROM days)
        SELECT site_id, channel, d AS local_day, sum(kw * 0.25) AS energy_kwh,
          count(kw) / any_value(quarters) AS completeness
        FROM local JOIN listed USING (d) GROUP BY site_id, channel, d
        """,
        r=readings,
    )


@right("energy_per_local_day")
def zone_of_python_in_pandas(readings):
    def quarters(days):
        for batch in days:
            local = pd.to_datetime(batch["local_day"])
            ends = [(local + pd.Timedelta(days=n)).dt.tz_localize("America/Denver") for n in (0, 1)]
            yield batch.assign(quarters=(ends[1] - ends[0]) // pd.Timedelta(minutes=15))

    daily = readings.groupBy("site_id", "channel", F.expr(f"{DENVER_DAY} AS local_day")).agg(
        F.expr("sum(kw * 0.25) AS energy_kwh"), F.count("kw").alias("known")
    )
    known = daily.select("local_day").distinct().mapInPandas(quarters, "local_day date, quarters bigint")
    return daily.join(known, "local_day").selectExpr(
        "site_id", "channel", "local_day", "energy_kwh", "known / quarters AS completeness"
    )


ENERGY = "sum(kw * 0.25) AS energy_kwh"
QUARTERS = (
    "(unix_seconds(to_utc_timestamp(timestamp(local_day + 1), 'America/Denver'))"
    " - unix_seconds(to_utc_timestamp(timestamp(local_day), 'America/Denver'))) / 900"
)
DAILY = f"FROM (SELECT *, {DENVER_DAY} AS local_day FROM readings) GROUP BY site_id, channel, local_day"
SETTLED = "SELECT site_id, channel, local_day"

wrong_sql("energy_per_local_day", "always_96", f"{SETTLED}, {ENERGY}, count(kw) / 96 AS completeness {DAILY}")
wrong_sql(
    "energy_per_local_day",
    "unknown_ones_complete_it",
    f"{SETTLED}, {ENERGY}, count(*) / ({QUARTERS}) AS completeness {DAILY}",
)
wrong_sql(
    "energy_per_local_day",
    "unknown_day_gives_zero",
    f"{SETTLED}, coalesce({ENERGY.removesuffix(' AS energy_kwh')}, 0) AS energy_kwh,"
    f" count(kw) / ({QUARTERS}) AS completeness {DAILY}",
)
wrong_sql(
    "energy_per_local_day",
    "days_of_utc",
    f"{SETTLED}, {ENERGY}, count(kw) / ({QUARTERS}) AS completeness"
    " FROM (SELECT *, date(event_time) AS local_day FROM readings) GROUP BY site_id, channel, local_day",
)
wrong_sql(
    "energy_per_local_day",
    "winter_time_all_year",
    f"{SETTLED}, {ENERGY}, count(kw) / ({QUARTERS}) AS completeness"
    " FROM (SELECT *, date(event_time - INTERVAL 7 HOURS) AS local_day FROM readings) GROUP BY ALL",
)


# windows


right_sql(
    "next_two_orders",
    "the_first_and_then_the_first_of_the_rest",
    """
    WITH waiting AS (SELECT site_id, struct(priority, opened_at, work_order_id) AS o FROM work_orders
      WHERE closed_at IS NULL),
    firsts AS (SELECT site_id, min(o) AS o FROM waiting GROUP BY site_id),
    seconds AS (SELECT w.site_id, min(w.o) AS o FROM waiting AS w JOIN firsts AS f ON w.site_id = f.site_id AND
      w.o > f.o
      GROUP BY w.site_id)
    SELECT site_id, 1 AS place, o.work_order_id FROM firsts UNION ALL SELECT site_id, 2, o.work_order_id FROM seconds
    """,
)


@right("next_two_orders")
def slice_of_a_sorted_array(work_orders):
    waiting = work_orders.where("closed_at IS NULL").groupBy("site_id")
    line = waiting.agg(F.array_sort(F.collect_list(F.struct("priority", "opened_at", "work_order_id"))).alias("line"))
    return line.select("site_id", F.posexplode(F.slice("line", 1, 2))).selectExpr(
        "site_id", "pos + 1 AS place", "col.work_order_id"
    )


@right("next_two_orders")
def counted_how_many_come_before(work_orders):
    waiting = work_orders.where("closed_at IS NULL")
    mine, other = waiting.alias("m"), waiting.alias("o")
    turn = "struct({0}.priority, {0}.opened_at, {0}.work_order_id)"
    before = mine.join(other, F.expr(f"m.site_id = o.site_id AND {turn.format('o')} <= {turn.format('m')}"))
    counted = before.groupBy("m.site_id", "m.work_order_id").agg(F.count("*").cast("int").alias("place"))
    return counted.where("place <= 2").select("site_id", "place", "work_order_id")


WAITING = "FROM work_orders WHERE closed_at IS NULL QUALIFY place <= 2"

for slip, numbering in {
    "rank_leaves_ties": "rank() OVER (PARTITION BY site_id ORDER BY priority, opened_at)",
    "last_opened_first": "row_number() OVER (PARTITION BY site_id ORDER BY priority, opened_at DESC, work_order_id)",
    "number_before_time": "row_number() OVER (PARTITION BY site_id ORDER BY priority, work_order_id)",
    "two_in_all": "row_number() OVER (ORDER BY priority, opened_at, work_order_id)",
    "larger_number_of_two_tied": "row_number() OVER (PARTITION BY site_id ORDER BY priority,"
    " opened_at, work_order_id DESC)",
}.items():
    wrong_sql("next_two_orders", slip, f"SELECT site_id, {numbering} AS place, work_order_id {WAITING}")

wrong_sql(
    "next_two_orders",
    "closed_ones_take_places",
    "SELECT site_id, place, work_order_id FROM (SELECT *, row_number() OVER (PARTITION BY site_id"
    " ORDER BY priority, opened_at, work_order_id) AS place FROM work_orders) WHERE place <= 2 AND closed_at IS NULL",
)


right_sql(
    "open_orders",
    "correlated_counts_at_every_instant",
    """
    WITH instants AS (SELECT site_id, opened_at AS at FROM work_orders
      UNION SELECT site_id, closed_at FROM work_orders WHERE closed_at IS NOT NULL)
    SELECT site_id, at,
      (SELECT count(*) FROM work_orders AS w WHERE w.site_id = i.site_id AND w.opened_at <= i.at)
      - (SELECT count(*) FROM work_orders AS w WHERE w.site_id = i.site_id AND w.closed_at <= i.at) AS open_orders
    FROM instants AS i
    """,
)


@right("open_orders")
def range_frame_over_unpivoted_instants(work_orders):
    events = work_orders.unpivot("site_id", ["opened_at", "closed_at"], "what", "at").dropna(subset=["at"])
    so_far = W.partitionBy("site_id").orderBy("at").rangeBetween(W.unboundedPreceding, W.currentRow)
    step = F.when(F.col("what") == "opened_at", 1).otherwise(-1)
    return events.select("site_id", "at", F.sum(step).over(so_far).alias("open_orders")).distinct()


@right("open_orders")
def minutes_of_the_meeting_on_the_driver(work_orders):
    rows = work_orders.collect()
    instants = {(row.site_id, at) for row in rows for at in (row.opened_at, row.closed_at) if at}

    def still(site, at):
        mine = [row for row in rows if row.site_id == site]
        return sum(row.opened_at <= at for row in mine) - sum(row.closed_at <= at for row in mine if row.closed_at)

    history = [(site, at, still(site, at)) for site, at in instants]
    return made(work_orders, history, "site_id string not null, at timestamp not null, open_orders bigint not null")


EVENTS = (
    "WITH e AS (SELECT site_id, opened_at AS at, 1 AS step FROM work_orders"
    " UNION ALL SELECT site_id, closed_at, -1 FROM work_orders WHERE closed_at IS NOT NULL)"
)
SO_FAR = "(PARTITION BY site_id ORDER BY at)"

wrong_sql(
    "open_orders",
    "a_row_per_event",
    f"{EVENTS} SELECT site_id, at, sum(step) OVER {SO_FAR} AS open_orders FROM e",
)
wrong_sql(
    "open_orders",
    "standing_still_left_out",
    f"{EVENTS} SELECT site_id, at, sum(sum(step)) OVER {SO_FAR} AS open_orders FROM e GROUP BY ALL"
    f" HAVING sum(step) <> 0",
)
wrong_sql(
    "open_orders",
    "never_below_zero",
    f"{EVENTS} SELECT site_id, at, greatest(sum(sum(step)) OVER {SO_FAR}, 0) AS open_orders FROM e"
    f" GROUP BY site_id, at",
)
wrong_sql(
    "open_orders",
    "bad_entries_left_out",
    EVENTS.replace(
        "FROM work_orders UNION", "FROM work_orders WHERE nvl(closed_at >= opened_at, true) UNION"
    ).replace("IS NOT NULL)", ">= opened_at)")
    + f" SELECT site_id, at, sum(sum(step)) OVER {SO_FAR} AS open_orders FROM e GROUP BY site_id, at",
)
wrong_sql(
    "open_orders",
    "never_closed_makes_an_instant",
    EVENTS.replace(" WHERE closed_at IS NOT NULL", "")
    + f" SELECT site_id, at, sum(sum(step)) OVER {SO_FAR} AS open_orders FROM e GROUP BY site_id, at",
)


@right("whom_to_ask")
def greatest_of_a_running_struct(work_orders):
    source = "if(technician_id IS NULL, NULL, struct(opened_at, work_order_id, technician_id))"
    until = W.partitionBy("site_id").orderBy("opened_at", "work_order_id").rowsBetween(W.unboundedPreceding, 0)
    return work_orders.withColumn("s", F.max(F.expr(source)).over(until)).selectExpr(
        "work_order_id", "s.technician_id AS contact_id", "s.work_order_id AS from_order"
    )


right_sql(
    "whom_to_ask",
    "self_join_and_the_latest_of_them",
    """
    SELECT w.work_order_id, max_by(e.technician_id, struct(e.opened_at, e.work_order_id)) AS contact_id,
      max_by(e.work_order_id, (e.opened_at, e.work_order_id)) AS from_order
    FROM work_orders AS w LEFT JOIN work_orders AS e ON e.site_id = w.site_id AND e.technician_id IS NOT NULL
      AND (e.opened_at < w.opened_at OR (e.opened_at = w.opened_at AND e.work_order_id <= w.work_order_id))
    GROUP BY w.work_order_id
    """,
)


@right("whom_to_ask")
def pandas_forward_fill(work_orders):
    def fill(one):
        one = one.sort_values(["opened_at", "work_order_id"])
        asked = one["work_order_id"].where(one["technician_id"].notna()).ffill()
        filled = pd.DataFrame({"w": one["work_order_id"], "c": one["technician_id"].ffill(), "f": asked})
        return filled.astype(object).where(filled.notna(), None)

    return (
        work_orders.groupBy("site_id")
        .applyInPandas(fill, "w string, c string, f string")
        .toDF("work_order_id", "contact_id", "from_order")
    )


ASK = "SELECT work_order_id, {} AS contact_id, {} AS from_order FROM work_orders {}"
OF_KNOWN = "if(technician_id IS NULL, NULL, work_order_id)"


def _last(what, over):
    return f"last({what}, true) OVER {over}"


for slip, over in {
    "peers_look_at_each_other": "(PARTITION BY site_id ORDER BY opened_at)",
    "of_any_site": "(ORDER BY opened_at, work_order_id ROWS UNBOUNDED PRECEDING)",
    "by_number_alone": "(PARTITION BY site_id ORDER BY work_order_id ROWS UNBOUNDED PRECEDING)",
    "the_one_before_only": "(PARTITION BY site_id ORDER BY opened_at, work_order_id ROWS 1 PRECEDING)",
}.items():
    wrong_sql("whom_to_ask", slip, ASK.format(_last("technician_id", over), _last(OF_KNOWN, over), ""))

IN_TIME = "(PARTITION BY site_id ORDER BY opened_at, work_order_id ROWS UNBOUNDED PRECEDING)"

wrong_sql(
    "whom_to_ask",
    "always_from_itself",
    ASK.format(_last("technician_id", IN_TIME), "work_order_id", ""),
)

NUMBER = "try_cast(split_part(work_order_id, '-', 2) AS double)"
BY_NUMBER = f"(PARTITION BY site_id ORDER BY opened_at, {NUMBER}, work_order_id ROWS UNBOUNDED PRECEDING)"

wrong_sql(
    "whom_to_ask",
    "ids_as_numbers",
    ASK.format(_last("technician_id", BY_NUMBER), _last(OF_KNOWN, BY_NUMBER), ""),
)


right_sql(
    "fall_within_the_hour",
    "self_join_over_the_hour",
    """
    SELECT r.site_id, r.channel, r.event_time, CAST(max(h.kw) - any_value(r.kw) AS decimal(13,3)) AS fall_kw
    FROM readings AS r JOIN readings AS h ON h.site_id = r.site_id AND h.channel = r.channel
      AND h.event_time BETWEEN r.event_time - INTERVAL 1 HOUR AND r.event_time
    GROUP BY r.site_id, r.channel, r.event_time
    """,
)


@right("fall_within_the_hour")
def range_of_microseconds(readings):
    hour = W.partitionBy("channel", "site_id").orderBy(F.unix_micros("event_time")).rangeBetween(-3_600_000_000, 0)
    fall = F.negate(F.col("kw") - F.max("kw").over(hour))
    return readings.select("site_id", "channel", "event_time", fall.alias("fall_kw"))


@right("fall_within_the_hour")
def correlated_maximum(readings):
    return ask(
        "SELECT site_id, channel, event_time, (SELECT array_max(collect_list(h.kw)) FROM {r} AS h WHERE h.site_id ="
        " r.site_id AND h.channel = r.channel AND r.event_time >= h.event_time"
        " AND h.event_time >= r.event_time - INTERVAL '60' MINUTE) - kw AS fall_kw FROM {r} AS r",
        r=readings,
    )


FALL = "SELECT site_id, channel, event_time, {} AS fall_kw FROM readings"

for slip, frame in {
    "four_rows_back": "PARTITION BY site_id, channel ORDER BY event_time ROWS 4 PRECEDING",
    "channel_of_any_site": "PARTITION BY channel ORDER BY event_time RANGE INTERVAL 1 HOUR PRECEDING",
    "hour_of_the_clock": "PARTITION BY site_id, channel, date_trunc('HOUR', event_time) ORDER BY event_time",
    "an_hour_and_part_of_a_second": "PARTITION BY site_id, channel ORDER BY unix_seconds(event_time)"
    " RANGE 3600 PRECEDING",
    "a_second_less_than_the_hour": "PARTITION BY site_id, channel ORDER BY unix_seconds(event_time)"
    " RANGE 3599 PRECEDING",
}.items():
    wrong_sql("fall_within_the_hour", slip, FALL.format(f"CAST(max(kw) OVER ({frame}) - kw AS decimal(13,3))"))

HOUR = "(PARTITION BY site_id, channel ORDER BY event_time RANGE INTERVAL 1 HOUR PRECEDING)"

wrong_sql(
    "fall_within_the_hour",
    "unknown_power_is_zero",
    FALL.format(f"CAST(max(kw) OVER {HOUR} - coalesce(kw, 0) AS decimal(13,3))"),
)


right_sql(
    "busy_periods",
    "beginnings_nobody_covers",
    """
    WITH w AS (SELECT site_id, opened_at AS o, closed_at AS c FROM work_orders WHERE nvl(closed_at >=
      opened_at, true)),
    b AS (SELECT DISTINCT site_id, o AS began FROM w WHERE NOT EXISTS (
      SELECT 1 FROM w AS x WHERE x.site_id = w.site_id AND x.o < w.o AND (x.c IS NULL OR x.c >= w.o))),
    p AS (SELECT w.site_id, w.o, w.c, max(began) AS began FROM (SELECT *, monotonically_increasing_id() AS i
      FROM w) AS w
      JOIN b ON b.site_id = w.site_id AND began <= w.o GROUP BY w.site_id, w.i, w.o, w.c)
    SELECT site_id, began, if(count(*) > count(c), NULL, max(c)) AS ended, count(*) AS orders FROM p GROUP BY ALL
    """,
)


@right("busy_periods")
def merged_one_by_one_on_the_driver(work_orders):
    for_ever = datetime.max.replace(tzinfo=None)
    rows = [(row.site_id, row.opened_at, row.closed_at or for_ever) for row in work_orders.collect()]
    periods = []
    for site, opened, closed in sorted(row for row in rows if row[2] >= row[1]):
        if periods and periods[-1][0] == site and opened <= periods[-1][2]:
            periods[-1][2:] = [max(periods[-1][2], closed), periods[-1][3] + 1]
        else:
            periods.append([site, opened, closed, 1])
    shown = [(site, began, None if ended == for_ever else ended, n) for site, began, ended, n in periods]
    schema = "site_id string not null, began timestamp not null, ended timestamp, orders bigint not null"
    return made(work_orders, shown, schema)


@right("busy_periods")
def swept_from_open_to_none_open(work_orders):
    good = work_orders.where("closed_at IS NULL OR closed_at >= opened_at")
    events = good.selectExpr(
        "site_id", "inline(array(struct(opened_at AS at, 1 AS s), struct(closed_at AS at, -1 AS s)))"
    )
    line = W.partitionBy("site_id").orderBy(F.asc("at"), F.desc("s")).rowsBetween(W.unboundedPreceding, 0)
    known = events.where("at IS NOT NULL").withColumn("open", F.sum("s").over(line))
    starts = F.sum(F.when((F.col("open") == 1) & (F.col("s") == 1), 1).otherwise(0)).over(line)
    return (
        known.withColumn("period", starts)
        .groupBy("site_id", "period")
        .agg(
            F.min("at").alias("began"),
            F.expr("if(sum(s) = 0, max(at), NULL)").alias("ended"),
            F.count_if(F.col("s") == 1).alias("orders"),
        )
        .drop("period")
    )


MERGE = """
    WITH w AS (SELECT site_id, opened_at AS o, closed_at AS c, coalesce(closed_at, TIMESTAMP '9999-12-31') AS e
      FROM work_orders WHERE {good}),
    s AS (SELECT *, {reach} OVER (PARTITION BY site_id ORDER BY o, e ROWS BETWEEN {back} AND 1 PRECEDING) AS
      reach FROM w),
    p AS (SELECT *, count_if(reach IS NULL OR o {apart} reach) OVER (PARTITION BY site_id ORDER BY o, e
      ROWS UNBOUNDED PRECEDING) AS period FROM s)
    SELECT site_id, min(o) AS began, {ended} AS ended, {counted} AS orders FROM p GROUP BY site_id, period
"""
FAIR = {
    "good": "nvl(closed_at >= opened_at, true)",
    "reach": "max(e)",
    "back": "UNBOUNDED PRECEDING",
    "apart": ">",
    "ended": "if(count(*) > count(c), NULL, max(c))",
    "counted": "count(*)",
}

right_sql("busy_periods", "running_maximum", MERGE.format(**FAIR))

for slip, change in {
    "compared_with_the_one_before": {"back": "1 PRECEDING"},
    "touching_is_apart": {"apart": ">="},
    "an_open_order_ends_with_the_others": {"ended": "max(c)"},
    "bad_entries_stay": {"good": "true"},
    "one_without_length_left_out": {"good": "nvl(closed_at > opened_at, true)"},
    "for_ever_has_a_date": {"ended": "max(e)"},
}.items():
    wrong_sql("busy_periods", slip, MERGE.format(**{**FAIR, **change}))


FLAT = """
    WITH s AS (SELECT *, lag(event_time) OVER t AS before, lag(kw) OVER t AS was FROM readings {known}
      WINDOW t AS (PARTITION BY {of} ORDER BY event_time)),
    g AS (SELECT *, count_if(NOT ({goes_on})) OVER (PARTITION BY {of} ORDER BY event_time) AS stretch FROM s),
    l AS (SELECT site_id, channel, {kw} AS kw, min(event_time) AS began, max(event_time) AS ended,
      count(*) AS readings FROM g {where} GROUP BY site_id, channel, stretch HAVING count(*) >= {least})
    SELECT * FROM l QUALIFY {number}() OVER (PARTITION BY site_id, channel ORDER BY {longest}) = 1
"""
STEADY = {
    "known": "",
    "of": "site_id, channel",
    "goes_on": "nvl(event_time = before + INTERVAL 15 MINUTES AND kw = was, false)",
    "kw": "min(kw)",
    "where": "WHERE kw IS NOT NULL",
    "least": "2",
    "number": "row_number",
    "longest": "readings DESC, began DESC",
}

right_sql("longest_flat_line", "counted_breaks", FLAT.format(**STEADY))


@right("longest_flat_line")
def walked_in_pandas(readings):
    quarter = pd.Timedelta(minutes=15)

    def walk(one):
        one = one.sort_values("event_time")
        goes_on = (one["event_time"].diff() == quarter) & (one["kw"] == one["kw"].shift())
        known = one.assign(stretch=(~goes_on).cumsum())[one["kw"].notna()]
        runs = known.groupby("stretch").agg(kw=("kw", "first"), began=("event_time", "min"), n=("kw", "size"))
        runs = runs[runs["n"] >= 2].sort_values(["n", "began"]).tail(1)
        runs["ended"] = runs["began"] + (runs["n"] - 1) * quarter
        return runs.assign(site_id=one["site_id"].iloc[0], channel=one["channel"].iloc[0], readings=runs["n"])[
            ["site_id", "channel", "kw", "began", "ended", "readings"]
        ]

    return readings.groupBy("site_id", "channel").applyInPandas(
        walk, "site_id string, channel string, kw decimal(12,3), began timestamp, ended timestamp, readings bigint"
    )


right_sql(
    "longest_flat_line",
    "greatest_struct_of_first_and_last_rows",
    """
    WITH s AS (SELECT *, nvl(kw = lag(kw) OVER t AND event_time - lag(event_time) OVER t = INTERVAL 900
      SECONDS, false)
        AS goes_on, row_number() OVER t AS n FROM readings WINDOW t AS (PARTITION BY site_id, channel ORDER BY
          event_time)),
    f AS (SELECT *, max(if(goes_on, NULL, (n, event_time))) OVER (PARTITION BY site_id, channel ORDER BY n) AS first
      FROM s),
    best AS (SELECT site_id, channel, max(struct(n - first.n + 1 AS readings, first.event_time AS began,
      event_time AS ended,
      kw)) AS b FROM f WHERE goes_on GROUP BY site_id, channel)
    SELECT site_id, channel, b.kw, b.began, b.ended, bigint(b.readings) AS readings FROM best
    """,
)

for slip, change in {
    "missing_quarter_passed_over": {"goes_on": "nvl(kw = was, false)"},
    "an_unknown_is_the_same_as_unknown": {
        "goes_on": "nvl(event_time = before + INTERVAL 15 MINUTES AND kw <=> was, false)",
        "where": "",
    },
    "unknown_ones_taken_out_first": {"known": "WHERE kw IS NOT NULL", "goes_on": "nvl(kw = was, false)"},
    "up_to_fifteen_minutes": {"goes_on": "nvl(event_time <= before + INTERVAL 15 MINUTES AND kw = was, false)"},
    "quarters_to_the_second": {
        "goes_on": "nvl(unix_seconds(event_time) - unix_seconds(before) = 900 AND kw = was, false)"
    },
    "earliest_of_equal_ones": {"longest": "readings DESC, began"},
    "all_of_equal_ones": {"number": "rank", "longest": "readings DESC"},
}.items():
    wrong_sql("longest_flat_line", slip, FLAT.format(**{**STEADY, **change}))

wrong_sql(
    "longest_flat_line",
    "difference_of_row_numbers_per_power",
    """
    WITH g AS (SELECT *, event_time - make_dt_interval(0, 0, 15 * row_number() OVER (PARTITION BY site_id, channel
        ORDER BY event_time)) AS stretch FROM readings),
    l AS (SELECT site_id, channel, kw, min(event_time) AS began, max(event_time) AS ended, count(*) AS readings FROM g
      WHERE kw IS NOT NULL GROUP BY site_id, channel, kw, stretch HAVING count(*) >= 2)
    SELECT * FROM l QUALIFY row_number() OVER (PARTITION BY site_id, channel ORDER BY readings DESC, began DESC) = 1
    """,
)


wrong_sql(
    "longest_flat_line",
    "structs_of_null_are_equal",
    FLAT.format(
        **{**STEADY, "goes_on": "nvl((kw, event_time) = (was, before + INTERVAL 15 MINUTES), false)", "where": ""}
    ),
)


# spark


right_sql(
    "load_bands",
    "columns_counted_then_stacked",
    """
    SELECT site_id, band, readings FROM (
      SELECT site_id, stack(4, 'draws', d, 'idle', i, 'feeds', f, 'unknown', u) AS (band, readings) FROM (
        SELECT site_id, count_if(kw < 0) AS d, count_if(kw >= 0 AND kw < 1) AS i, count_if(kw >= 1) AS f,
          count_if(kw IS NULL) AS u FROM readings GROUP BY site_id))
    WHERE readings <> 0
    """,
)


@right("load_bands")
def first_that_fits_of_a_list(readings):
    band = F.coalesce(
        F.when(F.col("kw") < 0, "draws"),
        F.when(F.col("kw") < 1, "idle"),
        F.when(~F.isnull("kw"), "feeds"),
        F.lit("unknown"),
    )
    return readings.groupBy("site_id", band.alias("band")).agg(F.sum(F.lit(1)).alias("readings"))


@right("load_bands")
def band_from_a_map_by_its_sign(readings):
    band = "nvl(map(-1, 'draws', 0, 'idle', 1, 'feeds')[CASE WHEN kw < 0 THEN -1 ELSE int(kw >= 1) END], 'unknown')"
    return (
        readings.selectExpr("*", f"{band} AS band")
        .rollup("site_id", "band")
        .count()
        .where("site_id IS NOT NULL AND band IS NOT NULL")
        .withColumnRenamed("count", "readings")
    )


BANDS = "SELECT site_id, {} AS band, count(*) AS readings FROM readings GROUP BY ALL"

for slip, band in {
    "unknown_feeds": "CASE WHEN kw < 0 THEN 'draws' WHEN kw < 1 THEN 'idle' ELSE 'feeds' END",
    "one_is_idle": "CASE WHEN kw IS NULL THEN 'unknown' WHEN kw < 0 THEN 'draws' WHEN kw <= 1 THEN"
    " 'idle' ELSE 'feeds' END",
    "zero_draws": "CASE WHEN kw IS NULL THEN 'unknown' WHEN kw <= 0 THEN 'draws' WHEN kw < 1 THEN"
    " 'idle' ELSE 'feeds' END",
    "whole_kilowatts": "CASE WHEN kw IS NULL THEN 'unknown' WHEN int(kw) < 0 THEN 'draws' WHEN"
    " int(kw) < 1 THEN 'idle'"
    " ELSE 'feeds' END",
}.items():
    wrong_sql("load_bands", slip, BANDS.format(band))


@wrong("load_bands")
def empty_bands_have_a_row(readings):
    names = made(readings, [("draws",), ("idle",), ("feeds",), ("unknown",)], "band string")
    mine = readings.selectExpr(
        "site_id",
        "CASE WHEN kw < 0 THEN 'draws' WHEN kw < 1 THEN 'idle' WHEN kw >= 1 THEN 'feeds' ELSE 'unknown' END AS band",
    )
    grid = mine.select("site_id").distinct().crossJoin(names)
    counted = mine.groupBy("site_id", "band").count()
    return grid.join(counted, ["site_id", "band"], "left").selectExpr(
        "site_id", "band", "nvl(`count`, 0) AS readings"
    )


BRIGHT = "SELECT channel, min(event_time) AS first, max(event_time) AS last, count(*) AS readings FROM readings"
DAY = "event_time >= TIMESTAMP '2022-01-04 07:00:00' AND event_time < TIMESTAMP '2022-01-05 07:00:00'"

right_sql(
    "bright_hours",
    "instants_with_their_zone",
    f"""
    {BRIGHT} WHERE `site_id` = 'rsf' AND NOT kw < 50.5 AND TIMESTAMP '2022-01-04 00:00:00 America/Denver' <=
      event_time
      AND event_time < TIMESTAMP '2022-01-05T00:00:00-07:00' GROUP BY channel
    """,
)


@right("bright_hours")
def bounds_from_python(readings):
    begin = datetime(2022, 1, 4, 7, tzinfo=UTC)
    day = F.col("event_time").between(F.lit(begin), F.lit(begin + timedelta(days=1) - timedelta(microseconds=1)))
    bright = readings.filter(day & readings["kw"].__ge__(F.lit(Decimal("50.500")))).filter(readings.site_id == "rsf")
    return bright.groupBy("channel").agg(
        F.array_min(F.collect_list("event_time")).alias("first"),
        F.max("event_time").alias("last"),
        F.count("kw").alias("readings"),
    )


right_sql(
    "bright_hours",
    "bounds_reckoned_by_the_optimizer",
    """
    SELECT channel, min(event_time) AS first, max(event_time) AS last, count(*) AS readings FROM readings
    WHERE site_id IN ('rsf') AND kw >= 50.5
      AND event_time >= to_utc_timestamp(TIMESTAMP '2022-01-04 00:00:00', 'America/Denver')
      AND event_time < to_utc_timestamp(TIMESTAMP '2022-01-04 00:00:00' + INTERVAL 1 DAY, 'America/Denver')
    GROUP BY channel
    """,
)

for slip, where in {
    "day_of_utc": "site_id = 'rsf' AND kw >= 50.5 AND event_time >= '2022-01-04' AND event_time < '2022-01-05'",
    "next_midnight_taken": "site_id = 'rsf' AND kw >= 50.5 AND event_time BETWEEN TIMESTAMP '2022-01-04 07:00:00'"
    " AND TIMESTAMP '2022-01-05 07:00:00'",
    "more_than_the_bound": f"site_id = 'rsf' AND kw > 50.5 AND {DAY}",
    "midnight_left_out": f"site_id = 'rsf' AND kw >= 50.5 AND {DAY.replace('>=', '>')}",
    "last_second_left_out": "site_id = 'rsf' AND kw >= 50.5 AND event_time BETWEEN TIMESTAMP '2022-01-04 07:00:00'"
    " AND TIMESTAMP '2022-01-05 06:45:00'",
}.items():
    wrong_sql("bright_hours", slip, f"{BRIGHT} WHERE {where} GROUP BY channel")


right_sql(
    "site_coverage",
    "hinted_by_its_alias",
    """
    SELECT /*+ BROADCAST(c) */ s.site_id, name, ifnull(c.n, 0L) AS readings, c.t AS last_reading FROM sites AS s
    LEFT JOIN (SELECT site_id, count(*) AS n, max(event_time) AS t FROM readings GROUP BY ALL) AS c USING (site_id)
    """,
)


@right("site_coverage")
def sites_themselves_as_one_more_row(readings, sites):
    rows = readings.selectExpr("site_id", "NULL AS name", "1L AS n", "event_time").unionAll(
        sites.selectExpr("site_id", "name", "0L", "NULL")
    )
    counted = rows.groupBy("site_id").agg(
        F.max("name").alias("name"), F.sum("n").alias("readings"), F.max("event_time").alias("last_reading")
    )
    return counted.where("name IS NOT NULL")


COVERED = "FROM sites AS s LEFT JOIN readings AS r ON s.site_id = r.site_id"

wrong_sql(
    "site_coverage",
    "one_for_none",
    f"SELECT s.site_id, name, count(*) AS readings, max(event_time) AS last_reading {COVERED} GROUP"
    f" BY s.site_id, name",
)
wrong_sql(
    "site_coverage",
    "unknown_ones_not_counted",
    f"SELECT s.site_id, name, count(kw) AS readings, max(event_time) AS last_reading {COVERED} GROUP"
    f" BY s.site_id, name",
)
wrong_sql(
    "site_coverage",
    "namesakes_are_one",
    "SELECT min(s.site_id) AS site_id, name, count(r.site_id) AS readings, max(event_time) AS last_reading"
    f" {COVERED} GROUP BY name",
)
wrong_sql(
    "site_coverage",
    "null_for_none",
    "SELECT site_id, name, readings, last_reading FROM sites LEFT JOIN (SELECT site_id, count(*) AS readings,"
    " max(event_time) AS last_reading FROM readings GROUP BY site_id) USING (site_id)",
)
wrong_sql(
    "site_coverage",
    "strangers_shown_too",
    "SELECT nvl(s.site_id, r.site_id) AS site_id, nvl(name, '?') AS name, count(r.site_id) AS readings,"
    " max(event_time) AS last_reading FROM sites AS s FULL JOIN readings AS r ON s.site_id = r.site_id GROUP BY 1, 2",
)


right_sql(
    "channel_peaks",
    "greatest_and_least_structs",
    """
    SELECT site_id, channel, -least.k AS top_kw, least.t AS top_at, latest.k AS last_kw FROM (
      SELECT site_id, channel, min(if(kw IS NULL, NULL, struct(-kw AS k, event_time AS t))) AS least,
        max(struct(event_time AS t, kw AS k)) AS latest FROM readings GROUP BY site_id, channel)
    """,
)


@right("channel_peaks")
def max_by_with_time_counted_backwards(readings):
    order = F.when(F.isnotnull("kw"), F.struct("kw", -F.unix_micros("event_time")))
    return readings.groupBy("site_id", "channel").agg(
        F.max("kw").alias("top_kw"),
        F.max_by("event_time", order).alias("top_at"),
        F.expr("max_by(kw, event_time) AS last_kw"),
    )


PEAKS = (
    "SELECT site_id, channel, max(kw) AS top_kw, {} AS top_at, {} AS last_kw FROM readings GROUP BY site_id, channel"
)
TOP_AT = "min_by(event_time, if(kw IS NULL, NULL, struct(-kw, event_time)))"
LAST = "max_by(kw, event_time)"

for slip, (top_at, last) in {
    "any_of_the_peaks_within_a_second": (
        "max_by(event_time, if(kw IS NULL, NULL, struct(kw, -unix_seconds(event_time))))",
        LAST,
    ),
    "latest_of_equal_peaks": ("max_by(event_time, struct(kw, event_time))", LAST),
    "last_known_power": (TOP_AT, "max_by(kw, event_time) FILTER (WHERE kw IS NOT NULL)"),
    "time_where_no_power_is_known": ("min_by(event_time, struct(-kw, event_time))", LAST),
    "time_of_the_last_reading": ("max(event_time)", LAST),
}.items():
    wrong_sql("channel_peaks", slip, PEAKS.format(top_at, last))

wrong_sql(
    "channel_peaks",
    "channels_without_power_lost",
    PEAKS.format(TOP_AT, LAST).replace(" GROUP", " WHERE kw IS NOT NULL GROUP"),
)


right_sql(
    "daily_records",
    "aggregates_inside_the_window",
    """
    SELECT site_id, date(event_time) AS day, max(kw) AS top_kw, max(max(kw)) OVER (PARTITION BY site_id
      ORDER BY date(event_time) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS record_kw
    FROM readings GROUP BY site_id, date(event_time)
    """,
)


@right("daily_records")
def lists_of_days_folded(readings):
    day = F.window("event_time", "1 day")["start"].cast("date").alias("day")
    daily = readings.groupBy("site_id", day).agg(F.max("kw").alias("top_kw"))
    listed = daily.groupBy("site_id").agg(F.collect_list(F.struct("day", "top_kw")).alias("days"))
    record = "array_max(transform(filter(days, e -> e.day <= d.day), e -> e.top_kw))"
    return listed.selectExpr(
        "site_id", f"inline(transform(days, d -> struct(d.day, d.top_kw, {record} AS record_kw)))"
    )


RECORDS = (
    "SELECT site_id, day, max(kw) AS top_kw, {} AS record_kw FROM (SELECT *, {} AS day FROM readings {}) GROUP BY ALL"
)
UTC_DAY = "date(event_time)"

for slip, (record, day, where) in {
    "record_before_the_day": (
        "max(max(kw)) OVER (PARTITION BY site_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)",
        UTC_DAY,
        "",
    ),
    "record_of_all_sites": ("max(max(kw)) OVER (ORDER BY day)", UTC_DAY, ""),
    "unknown_days_lost": ("max(max(kw)) OVER (PARTITION BY site_id ORDER BY day)", UTC_DAY, "WHERE kw IS NOT NULL"),
    "days_of_denver": (
        "max(max(kw)) OVER (PARTITION BY site_id ORDER BY day)",
        "date(from_utc_timestamp(event_time, 'America/Denver'))",
        "",
    ),
    "zero_at_first": ("nvl(max(max(kw)) OVER (PARTITION BY site_id ORDER BY day), 0)", UTC_DAY, ""),
}.items():
    wrong_sql(
        "daily_records", slip, RECORDS.format(record, day, where).replace("GROUP BY ALL", "GROUP BY site_id, day")
    )


@right("january_jobs")
def orders_themselves_as_one_more_row(work_orders, readings):
    opened = work_orders.where("opened_at >= '2022-01-01' AND opened_at < '2022-02-01'")
    small = F.broadcast(opened.selectExpr("work_order_id", "site_id AS at", "opened_at", "closed_at"))
    since = readings.where("event_time >= TIMESTAMP '2022-01-01'")
    during = since.join(small, since.site_id == F.col("at")).where(
        "event_time >= opened_at AND NOT ifnull(event_time >= closed_at, false)"
    )
    rows = during.selectExpr("work_order_id", "site_id", "1L AS n", "kw").unionAll(
        opened.selectExpr("work_order_id", "site_id", "0L", "NULL")
    )
    return rows.groupBy("work_order_id", "site_id").agg(F.sum("n").alias("readings"), F.max("kw").alias("top_kw"))


right_sql(
    "january_jobs",
    "counted_in_one_join_and_shown_by_another",
    """
    WITH j AS (SELECT * FROM work_orders WHERE (year(opened_at), month(opened_at)) = (2022, 1)),
    c AS (SELECT /*+ BROADCAST(j) */ j.work_order_id, count(*) AS n, max(kw) AS top_kw FROM readings AS r
      JOIN j ON r.site_id = j.site_id AND r.event_time >= j.opened_at AND nvl(r.event_time < j.closed_at, true)
      WHERE r.event_time >= TIMESTAMP '2022-01-01' GROUP BY j.work_order_id)
    SELECT /*+ BROADCAST(c) */ work_order_id, site_id, nvl(n, 0L) AS readings, top_kw
    FROM j LEFT JOIN c USING (work_order_id)
    """,
)

JOBS = """
    SELECT w.work_order_id, w.site_id, {counted} AS readings, {top} AS top_kw
    FROM work_orders AS w {join} JOIN readings AS r ON r.site_id = w.site_id AND r.event_time {since} w.opened_at
      AND {until}
    WHERE {opened} GROUP BY w.work_order_id, w.site_id
"""
JANUARY = {
    "counted": "count(r.event_time)",
    "top": "max(r.kw)",
    "join": "LEFT",
    "since": ">=",
    "until": "(w.closed_at IS NULL OR r.event_time < w.closed_at)",
    "opened": "w.opened_at >= TIMESTAMP '2022-01-01' AND w.opened_at < TIMESTAMP '2022-02-01'",
}

for slip, change in {
    "closing_instant_taken": {"until": "(w.closed_at IS NULL OR r.event_time <= w.closed_at)"},
    "opening_instant_left_out": {"since": ">"},
    "open_ones_have_none": {"until": "r.event_time < w.closed_at"},
    "orders_without_readings_lost": {"join": "INNER"},
    "one_for_none": {"counted": "count(*)"},
    "known_ones_counted": {"counted": "count(r.kw)"},
    "february_begins_in_january": {"opened": "w.opened_at BETWEEN TIMESTAMP '2022-01-01' AND TIMESTAMP '2022-02-01'"},
    "january_of_denver": {
        "opened": "w.opened_at >= TIMESTAMP '2022-01-01 07:00:00' AND w.opened_at < TIMESTAMP '2022-02-01 07:00:00'"
    },
    "ends_swapped_if_entered_badly": {
        "since": ">= least(w.opened_at, w.closed_at) AND w.opened_at =",
        "until": "(w.closed_at IS NULL OR r.event_time < greatest(w.opened_at, w.closed_at))",
    },
}.items():
    wrong_sql("january_jobs", slip, JOBS.format(**{**JANUARY, **change}))


def _expect(spark, name, answer, kinds, **how):
    verdict = judge(answer, exercise(name), spark, **how)
    assert verdict.kind in kinds, f"{verdict.kind}: {verdict.sentence}"


def test_there_are_sixty_of_each_and_none_is_there_twice():
    assert min(len(RIGHT), len(WRONG)) >= 60
    cases = [one.values for one in (*RIGHT, *WRONG)]
    assert len(set(cases)) == len(cases)


@pytest.mark.proof
@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_an_odd_answer_that_is_right_passes(spark, name, answer):
    _expect(spark, name, answer, {"right"})


@pytest.mark.proof
@pytest.mark.parametrize(("name", "answer"), WRONG)
def test_a_plausible_answer_that_is_wrong_is_refused(spark, name, answer):
    _expect(spark, name, answer, {"different", "error"}, patience=0)
