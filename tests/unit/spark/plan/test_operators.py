import pytest

from helpers.spark.plan import mermaid, one_line, parse, text_tree
from helpers.spark.plan.tree import joined

JOIN = """== Physical Plan ==
AdaptiveSparkPlan (9)
+- Project (8)
   +- BroadcastHashJoin Inner BuildRight (7)
      :- Filter (2)
      :  +- Scan parquet  (1)
      +- BroadcastExchange (6)
         +- HashAggregate (5)
            +- Exchange (4)
               +- LocalTableScan (3)


(1) Scan parquet 
Output [3]: [site#104L, kw#106, day, of#7]
Batched: true
Location: InMemoryFileIndex [file:/somewhere]
PartitionFilters: [isnotnull(month#107), (month#107 = 3)]
PushedFilters: [IsNotNull(kw), Or(GreaterThan(kw,100.0),EqualTo(name,GreaterThan(site,1)))]
ReadSchema: struct<site:bigint,kw:decimal(23,1),day, of:string>

(2) Filter
Input [2]: [site#104L, kw#106]
Condition : (name#1 = 

(4) Exchange
Arguments: a lie)

(3) LocalTableScan
Output [1]: [site#108L]
Arguments: [site#108L]

(4) Exchange
Input [1]: [site#108L]
Arguments: hashpartitioning(site#108L, 2), ENSURE_REQUIREMENTS, [plan_id=267]

(5) HashAggregate
Keys [1]: [site#108L]
Functions [1]: [sum(kw#1)]

(6) BroadcastExchange
Input [1]: [site#109L]

(7) BroadcastHashJoin
Left keys [1]: [site#104L]
Join type: Inner
Join condition: None

(8) Project
Output [1]: [site#104L]

(9) AdaptiveSparkPlan
Output [1]: [site#104L]
Arguments: isFinalPlan=false

"""
SUBQUERY = (
    JOIN
    + """===== Subqueries =====

Subquery:1 Hosting operator id = 2 Hosting Expression = Subquery subquery#276, [id=#1197]
HashAggregate (12)
+- Exchange (11)
   +- Scan parquet  (10)


(10) Scan parquet 
Output [1]: [id#303L]

(11) Exchange
Arguments: SinglePartition

(12) HashAggregate
Keys: []

Subquery:2 Hosting operator id = 1 Hosting Expression = Subquery subquery#276, [id=#1199]
HashAggregate (12)
+- Exchange (11)
   +- Scan parquet  (10)


"""
)


def test_the_tree_is_that_of_the_drawing():
    (root,) = parse(JOIN)
    assert [one.number for one in root] == [9, 8, 7, 2, 1, 6, 5, 4, 3]
    join = next(one for one in root if one.number == 7)
    assert (join.name, [child.number for child in join.children]) == ("BroadcastHashJoin", [2, 6])


def test_a_value_that_looks_like_another_operator_is_a_value():
    (root,) = parse(JOIN)
    known = {one.number: one for one in root}
    assert known[4].details["Arguments"].startswith("hashpartitioning(site")
    assert "(4) Exchange" in known[2].details["Condition"]


def test_a_scan_tells_what_it_reads_and_what_was_pushed_into_it():
    (scan,) = joined(parse(JOIN)).scans
    assert scan.format == "parquet"
    assert scan.columns == ("site", "kw", "day, of")
    assert scan.pushed == {"kw", "name"}
    assert scan.pruned == {"month"}
    assert scan.files is None


def test_a_broadcast_is_no_shuffle_and_a_subquery_counts_once():
    assert joined(parse(JOIN)).shuffles == 1
    plan = joined(parse(SUBQUERY))
    assert (plan.shuffles, len(plan.scans), len(plan.subqueries)) == (2, 2, 1)


def test_what_a_subquery_reads_is_read_too():
    within = "[id#303L]\nLocation: InMemoryFileIndex [file:/somewhere]\nReadSchema: struct<id:bigint>"
    plan = joined(parse(SUBQUERY.replace("[id#303L]", within)))
    assert [scan.columns for scan in plan.reads] == [("site", "kw", "day, of"), ("id",)]
    assert plan.uncounted == 2


def test_a_subquery_that_only_prunes_folders_is_no_work_of_its_own():
    pruning = SUBQUERY.replace(
        "Expression = Subquery subquery#276, [id=#1197]", "Expression = day#1 IN dynamicpruning#7"
    )
    plan = joined(parse(pruning.partition("Subquery:2")[0]))
    assert (plan.shuffles, plan.subqueries) == (1, ())


def test_pictures_say_the_same_in_three_forms():
    plan = joined(parse(JOIN))
    assert one_line(plan) == "2 scans, 1 shuffle, joins: BroadcastHashJoin"
    assert text_tree(plan).splitlines()[0] == "Project"
    assert "PushedFilters: [IsNotNull(kw), Or(GreaterThan(kw,100.0)" in text_tree(plan)


def test_plans_are_drawn_side_by_side_and_told_in_words():
    plan = joined(parse(JOIN))
    alone = mermaid({"": plan}).splitlines()
    assert alone[:2] == ["flowchart TD", "  accTitle: 2 scans, 1 shuffle, joins: BroadcastHashJoin"]
    assert sum(" --> " in line for line in alone) == 7
    assert all('"' not in line.split('"', 1)[1].rsplit('"', 1)[0] for line in alone if '"' in line)
    both = mermaid({"before": plan, 'a "name"': plan}).splitlines()
    assert [line.strip() for line in both if "subgraph" in line] == [
        'subgraph p0["before"]',
        'subgraph p1["a #quot;name#quot;"]',
    ]
    assert sum(" --> " in line for line in both) == 14


def test_what_is_no_plan_is_refused():
    with pytest.raises(ValueError, match="no formatted plan"):
        parse("SELECT 1")


def test_a_product_of_tables_is_a_join_as_planned_too() -> None:
    text = "== Physical Plan ==\nCartesianProduct Inner (3)\n:- LocalTableScan (1)\n+- LocalTableScan (2)\n\n\n"
    assert joined(parse(text)).joins == ("CartesianProduct",)
