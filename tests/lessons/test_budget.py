"""Budgets on real plans over the full data: what is right and cheap passes, what is only right is told its cost."""

from dataclasses import replace

import pytest
from pyspark.sql import functions as F

from helpers.exercises import Budget, Column, Contract, Exercise, Wrong, judge
from helpers.exercises.full import full_frames, full_size
from helpers.spark.plan import plan_of

DAY = "event_time >= '2022-01-04' AND event_time < '2022-01-05'"


def cheap(readings, sites):
    day = readings.where(DAY).groupBy("site_id").agg(F.max("kw").alias("top"))
    return day.join(sites, "site_id").select("site_id", "kind", "top")


def hinted(readings, sites):
    joined = readings.where(DAY).join(F.broadcast(sites), "site_id")
    return joined.groupBy("site_id", "kind").agg(F.max("kw").alias("top"))


def formatted(readings, sites):
    day = readings.where("date_format(event_time, 'yyyy-MM-dd') = '2022-01-04'")
    top = day.groupBy("site_id").agg(F.max("kw").alias("top"))
    return top.join(sites, "site_id").select("site_id", "kind", "top")


def through_python(readings, sites):
    same = F.udf(lambda text: text, "string")
    return cheap(readings, sites).withColumn("kind", same("kind"))


def merged(readings, sites):
    day = readings.where(DAY).groupBy("site_id").agg(F.max("kw").alias("top"))
    return day.join(sites.hint("merge"), "site_id").select("site_id", "kind", "top")


def cached(readings, sites):
    return cheap(readings, sites).cache()


def counted_on_the_way(readings, sites):
    readings.count()
    return cheap(readings, sites)


def fails_on_many(readings, sites):
    many = readings.agg((F.count("*") > 10_000).alias("many"))
    top = F.expr("CASE WHEN many THEN raise_error('too much') ELSE top END")
    return cheap(readings, sites).crossJoin(many).select("site_id", "kind", top.alias("top"))


def read_twice(readings, sites):
    top = readings.where(DAY).groupBy("site_id").agg(F.max("kw").alias("top"))
    known = readings.where(DAY).select("site_id", "channel").where("channel IS NOT NULL").select("site_id").distinct()
    return top.join(known, "site_id").join(sites, "site_id").select("site_id", "kind", "top")


def asks_all_readings(readings, sites):
    return cheap(readings.where(readings.coalesce(1).agg(F.count("kw")).scalar() >= 0), sites)


def asks_all_readings_in_sql(readings, sites):
    asked = "(SELECT count(*) FROM (SELECT /*+ COALESCE(1) */ * FROM readings)) >= 0"
    return f"""
        SELECT site_id, kind, top FROM sites JOIN
        (SELECT site_id, max(kw) AS top FROM readings WHERE {DAY} AND {asked} GROUP BY site_id) USING (site_id)
    """


def asks_them_in_a_loop(readings, sites):
    return f"""
        WITH RECURSIVE
        steps AS (SELECT count(kw) AS n, 1 AS at FROM readings UNION ALL SELECT n, at + 1 FROM steps WHERE at < 2)
        SELECT site_id, kind, max(kw) AS top FROM readings JOIN sites USING (site_id)
        WHERE {DAY} AND (SELECT max(n) FROM (SELECT /*+ COALESCE(1) */ * FROM steps)) >= 0 GROUP BY ALL
    """


BUDGET = Budget(shuffles=1, reads=1, join="broadcast", pushed=("event_time",), python=False)
EXERCISE = Exercise(
    id="sample.top_of_the_day",
    title="Top of the day",
    task="The highest power of each site on a day.",
    tables=("readings", "sites"),
    oracle=f"SELECT site_id, kind, max(kw) AS top FROM readings JOIN sites USING (site_id) WHERE {DAY} GROUP BY ALL",
    contract=Contract(
        "one row per site with readings on that day",
        (Column("site_id", "string"), Column("kind", "string"), Column("top", "decimal(12,3)")),
    ),
    hints=("a", "b", "c"),
    solutions=(cheap, hinted),
    wrong=tuple(Wrong(name, cheap, name) for name in "abcd"),
    remember="so",
    budget=BUDGET,
)


@pytest.mark.parametrize("answer", [cheap, hinted], ids=lambda one: one.__name__)
def test_a_cheap_answer_is_right_and_its_plan_is_measured(spark, answer):
    verdict = judge(answer, EXERCISE, spark)
    assert verdict.kind == "right", verdict.sentence
    assert verdict.plan.ran
    assert sum(scan.files for scan in verdict.plan.scans) > 4


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (formatted, "filter on event_time is not pushed"),
        (through_python, "through Python once"),
        (merged, "A join is a SortMergeJoin"),
        (read_twice, "read twice"),
        (asks_all_readings, "read twice"),
        (asks_all_readings_in_sql, "read twice"),
        (asks_them_in_a_loop, "read twice"),
        (cached, "from a cache or a checkpoint"),
        (counted_on_the_way, "runs a query itself"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_right_answer_that_costs_too_much_is_told_what(spark, answer, words):
    verdict = judge(answer, EXERCISE, spark)
    assert verdict.kind == "over budget", verdict.sentence
    assert words in verdict.sentence
    assert not verdict.right


def test_what_somebody_else_has_cached_is_not_held_against_an_answer(spark):
    kept = full_frames(spark, ["sites"])["sites"].cache()
    assert kept.count()
    assert judge(cheap, EXERCISE, spark).kind == "right"


def test_an_answer_as_dear_as_a_listed_one_gets_its_words_and_others_do_not(spark):
    listed = Wrong("a day as text", formatted, "Compare the time itself.", over_budget=True)
    one = replace(EXERCISE, wrong=(listed, *EXERCISE.wrong[1:]))
    alike = judge(lambda readings, sites: formatted(readings, sites), one, spark)
    assert (alike.kind, alike.misconception) == ("over budget", "a day as text")
    assert alike.sentence.endswith(listed.words)
    other = judge(merged, one, spark)
    assert (other.kind, other.misconception) == ("over budget", "")


def test_rows_that_travel_are_counted(spark):
    one = replace(EXERCISE, budget=Budget(moved=100))
    assert judge(cheap, one, spark).kind == "right"

    def early(readings, sites):
        return cheap(readings.repartition("site_id", "event_time"), sites)

    verdict = judge(early, one, spark)
    assert verdict.kind == "over budget"
    assert "rows are shuffled or broadcast; 100 are enough" in verdict.sentence


@pytest.mark.parametrize("budget", [Budget(files=24), Budget(rows=200_000), Budget(moved=1_000)], ids=str)
@pytest.mark.parametrize("answer", [asks_all_readings, asks_them_in_a_loop], ids=lambda one: one.__name__)
def test_what_a_subquery_reads_is_in_no_count_and_the_answer_is_told_so(spark, answer, budget):
    one = replace(EXERCISE, budget=budget)
    assert judge(cheap, one, spark).kind == "right"
    verdict = judge(answer, one, spark)
    assert (verdict.kind, "is in no count" in verdict.sentence) == ("over budget", True)


def test_a_subquery_that_only_asks_small_tables_is_free(spark):
    def answer(readings, sites):
        return cheap(readings.where(sites.coalesce(1).agg(F.count("*")).scalar() > -1), sites)

    verdict = judge(answer, replace(EXERCISE, budget=replace(BUDGET, rows=200_000, moved=1_000)), spark)
    assert verdict.kind == "right", verdict.sentence


def test_what_a_subquery_takes_from_the_query_itself_is_read_once(spark):
    readings = full_frames(spark, ["readings"])["readings"]
    top = readings.groupBy("site_id").agg(F.max("kw").alias("top"))
    with full_size(spark):
        plan = plan_of(top.where(F.col("top") >= top.agg(F.avg("top")).scalar()))
    assert (len(plan.reads), plan.uncounted, plan.shuffles) == (1, 0, 2)


def test_a_subquery_that_could_have_left_out_folders_is_no_shuffle(spark):
    readings = full_frames(spark, ["readings"])["readings"]
    busy = readings.where("kw > 100").groupBy("site_id").agg(F.min("event_time").alias("first"))
    with full_size(spark):
        plan = plan_of(readings.join(busy, "site_id").agg(F.count("*")))
    assert (len(plan.reads), plan.subqueries) == (2, ())


def test_what_fails_on_the_full_data_only_is_an_error_with_its_line(spark):
    verdict = judge(fails_on_many, EXERCISE, spark)
    assert (verdict.kind, verdict.sentence[:40]) == ("error", "Right on the small data, but on the full")
    assert "too much" in verdict.sentence


@pytest.mark.timeout(60)
def test_a_python_function_right_above_a_scan_ends(spark):
    # SPARK-58241: it waited for ever, and with it whoever came next to the server.
    readings = full_frames(spark, ["readings"])["readings"]
    same = F.udf(lambda text: text, "string")
    assert readings.select(same("channel").alias("c")).where("c IS NULL").count() == 0


def test_a_plan_whose_text_lies_is_read_by_its_tree(spark):
    lie = "\n\n(2) Exchange\nPushedFilters: [GreaterThan(kw,1)]\nBroadcastHashJoin SortMergeJoin ArrowEvalPython"
    readings = full_frames(spark, ["readings"])["readings"]
    frame = readings.withColumn("Exchange (1)", F.lit(lie)).groupBy("Exchange (1)").agg(F.count("*"))
    plan = plan_of(frame)
    assert (plan.shuffles, plan.joins, plan.python) == (1, (), 0)
    assert [scan.pushed for scan in plan.scans] == [frozenset()]


def test_a_partition_column_leaves_out_folders(spark):
    readings = full_frames(spark, ["readings"])["readings"]
    plan = plan_of(readings.where("site_id = 'rsf'").agg(F.count("kw")))
    (scan,) = plan.scans
    assert (scan.pruned, scan.files, scan.columns) == ({"site_id"}, 4, ("kw",))


def test_small_tables_are_broadcast_and_large_ones_are_not(spark):
    full = full_frames(spark, ["readings", "sites"])
    with full_size(spark):
        small = plan_of(full["readings"].join(full["sites"], "site_id").agg(F.count("*")))
        other = full["readings"].withColumnRenamed("kw", "other")
        large = plan_of(full["readings"].join(other, ["site_id", "channel", "event_time"]).agg(F.count("*")))
    assert small.joins == ("BroadcastHashJoin",)
    assert large.joins == ("SortMergeJoin",)


def test_what_is_right_without_a_budget_shows_what_was_planned(spark):
    verdict = judge(formatted, replace(EXERCISE, budget=None), spark)
    assert verdict.kind == "right"
    assert not verdict.plan.ran
