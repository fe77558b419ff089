"""Groups, windows, unions and subqueries: what a row stands for."""

from __future__ import annotations

from helpers.exercises.words.model import Entry

GRAIN = (
    Entry(
        "missing in group by",
        "{expression} is neither grouped by nor aggregated, and a group may have many of it. Group by it too, or "
        "say which one: F.min, F.max, F.any_value.",
        'df.groupBy("kind").agg(F.min("name"))',
        ("MISSING_AGGREGATION",),
        oracle="This is your ORA-00979: {expression} is not a GROUP BY expression. Group by it too, or aggregate "
        "it: F.min, F.max, F.any_value.",
        mysql="{expression} is neither grouped by nor aggregated. Spark is as strict as MySQL's ONLY_FULL_GROUP_BY: "
        "group by it, or say which one, as by any_value.",
    ),
    Entry(
        "missing group by",
        "An aggregate stands beside a plain column, and nothing says what the groups are: add groupBy, or make the "
        "aggregate a window by .over(...).",
        'df.groupBy("kind").agg(F.count("*"))\ndf.withColumn("n", F.count("*").over(Window.partitionBy("kind")))',
        ("MISSING_GROUP_BY",),
        oracle="This is your ORA-00937: an aggregate stands beside a plain column, and there is no GROUP BY. Add "
        "groupBy, or make it a window by .over(...).",
    ),
    Entry(
        "aggregate in where",
        "WHERE looks at single rows, before they are grouped: a condition on {expressionList} comes after groupBy "
        "and agg, as HAVING does in SQL.",
        'df.groupBy("kind").agg(F.count("*").alias("n")).where("n > 1")\n'
        "-- in SQL: GROUP BY kind HAVING count(*) > 1",
        ("INVALID_WHERE_CONDITION",),
    ),
    Entry(
        "aggregate of an aggregate",
        "An aggregate cannot stand within another: aggregate twice, the second time over the first result.",
        'df.groupBy("kind").count().agg(F.max("count"))',
        ("NESTED_AGGREGATE_FUNCTION",),
        oracle="Oracle nests MAX(COUNT(*)); Spark aggregates twice, the second time over the first result.",
    ),
    Entry(
        "window in where",
        "{clauseName} runs before windows are computed. Make the window a column, then filter by it; Spark SQL has "
        "QUALIFY.",
        'df.withColumn("n", F.row_number().over(w)).where("n = 1")\n'
        "-- in SQL: SELECT ... QUALIFY row_number() OVER (...) = 1",
        ("WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE",),
    ),
    Entry(
        "window without order",
        "{wf_name} asks which row comes before which: the window needs an order.",
        'F.row_number().over(Window.partitionBy("kind").orderBy("name"))',
        ("WINDOW_FUNCTION_FRAME_NOT_ORDERED",),
    ),
    Entry(
        "window without over",
        "{funcName} is a window function: .over(...) says over which rows, and in which order.",
        'F.row_number().over(Window.orderBy("name"))',
        ("WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE",),
    ),
    Entry(
        "window within an aggregate",
        "A window cannot stand within an aggregate: make it a column first, then group.",
        'df.withColumn("n", F.row_number().over(w)).groupBy("kind").agg(F.sum("n"))',
        ("_LEGACY_ERROR_TEMP_1031",),
    ),
    Entry(
        "range of a text or of many columns",
        "A frame by RANGE adds to the order's value, so the order is one column, a number or a time. ROWS counts "
        "rows and takes any order.",
        'Window.orderBy("name").rowsBetween(-1, 0)',
        ("DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE", "DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER"),
    ),
    Entry(
        "union of different widths",
        "{operator} puts columns together by their place: the first side has {firstNumColumns}, the "
        "{invalidOrdinalNum} has {invalidNumColumns}. Select the same ones on both.",
        'a.select("site_id", "name").union(b.select("site_id", "title"))',
        ("NUM_COLUMNS_MISMATCH",),
    ),
    Entry(
        "union of different types",
        "{operator} puts columns together by their place, and the {columnOrdinalNumber} ones do not fit: "
        "{dataType2} and {dataType1}. Is their order the same on both sides?",
        "a.unionByName(b)",
        ("INCOMPATIBLE_COLUMN_TYPE",),
    ),
    Entry(
        "union by name",
        "The other side has no column {colName}. It has: {fieldNames}.",
        "a.unionByName(b, allowMissingColumns=True)",
        ("UNRESOLVED_COLUMN_AMONG_FIELD_NAMES",),
    ),
    Entry(
        "subquery with many rows",
        "The subquery stands for one value, and it gave more than one row: aggregate it, or join.",
        "SELECT (SELECT max(name) FROM sites) AS n",
        ("SCALAR_SUBQUERY_TOO_MANY_ROWS",),
        oracle="This is your ORA-01427: the subquery stands for one value and gave more than one row. Aggregate it, "
        "or join.",
    ),
    Entry(
        "subquery with many columns",
        "The subquery stands for one value, so it selects one column, and this one selects more.",
        "WHERE site_id IN (SELECT site_id FROM work_orders)",
        (
            "INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN",
            "DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH",
        ),
    ),
    Entry(
        "column number out of range",
        "There is no column number {index}: the list has {size}.",
        "",
        ("ORDER_BY_POS_OUT_OF_RANGE", "GROUP_BY_POS_OUT_OF_RANGE"),
    ),
    Entry(
        "update of a DataFrame",
        "A DataFrame or a view is a result, and is not changed in place: a new one is made, with the column "
        "computed anew. Only tables of a lake (Delta) know UPDATE, DELETE and MERGE.",
        'df.withColumn("name", F.when(F.col("kind") == "wind", "x").otherwise(F.col("name")))',
        ("UNSUPPORTED_FEATURE.TABLE_OPERATION", "UNSUPPORTED_INSERT"),
    ),
)
