"""Dates and times: formats, units, and what can be added to them."""

from __future__ import annotations

from helpers.exercises.words.facts import Facts
from helpers.exercises.words.model import Entry

_DATES = ("date", "timestamp", "timestamp_ntz")


def _with_a_date(facts: Facts) -> bool:
    return facts.parameters.get("left", "").startswith(("DATE", "TIMESTAMP")) or facts.parameters.get(
        "right", ""
    ).startswith(("DATE", "TIMESTAMP"))


DATES = (
    Entry(
        "date format with %",
        "Spark's formats are letters, not % signs: yyyy is the year, MM the month, dd the day, HH the hour, mm the "
        "minute.",
        "date_format(opened_at, 'yyyy-MM-dd HH:mm:ss')",
        ("INCONSISTENT_BEHAVIOR_CROSS_VERSION", "INVALID_DATETIME_PATTERN"),
        test=lambda f: "%" in f.parameters.get("pattern", ""),
        mysql="Your %Y-%m-%d is yyyy-MM-dd in Spark, and %H:%i:%s is HH:mm:ss.",
    ),
    Entry(
        "date format",
        "In Spark's formats capitals count: yyyy is the year (YYYY counts weeks), MM the month, dd the day of the "
        "month, HH the hour, mm the minute.",
        "to_date('2026-01-31', 'yyyy-MM-dd')",
        ("INCONSISTENT_BEHAVIOR_CROSS_VERSION", "INVALID_DATETIME_PATTERN"),
        oracle="Your YYYY-MM-DD HH24:MI:SS is yyyy-MM-dd HH:mm:ss in Spark: capitals count there, and MON is MMM, "
        "RR is yy.",
        postgresql="Your YYYY-MM-DD HH24:MI:SS is yyyy-MM-dd HH:mm:ss in Spark: capitals count there, and Mon is "
        "MMM.",
    ),
    Entry(
        "text that does not fit the format",
        "A value does not look as the format says, and Spark stops instead of guessing. try_to_date and "
        "try_to_timestamp give NULL for such a value.",
        'F.try_to_timestamp("x", F.lit("dd.MM.yyyy"))\n-- in SQL: try_to_timestamp(x, \'dd.MM.yyyy\')',
        ("CANNOT_PARSE_TIMESTAMP",),
    ),
    Entry(
        "text that is no date",
        "The text '{expression}' is no date to Spark, which reads 2026-01-31 without a format, whatever the language "
        "of the session.",
        'F.to_date("x", "dd.MM.yyyy")\n-- in SQL: to_date(x, \'dd.MM.yyyy\'); try_cast(x AS DATE) gives NULL',
        ("CAST_INVALID_INPUT",),
        given={"targetType": _DATES},
        oracle="The text '{expression}' is no date to Spark: there is no NLS_DATE_FORMAT, only 2026-01-31 is read "
        "without a format.",
        sqlserver="The text '{expression}' is no date to Spark: there is no DATEFORMAT of the session, only "
        "2026-01-31 is read without a format.",
    ),
    Entry(
        "literal that is no date",
        "{value} is no {valueType}: such a literal is written DATE '2026-01-31' or TIMESTAMP '2026-01-31 12:00:00'.",
        "DATE '2026-01-31'",
        ("INVALID_TYPED_LITERAL",),
    ),
    Entry(
        "interval as days",
        "date_add and date_sub take a whole number of days; an interval is added with +.",
        'F.col("opened_at") + F.expr("INTERVAL 1 DAY")\n'
        "-- in SQL: opened_at + INTERVAL 1 DAY, date_add(opened_at, 1)",
        ("DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",),
        test=lambda f: f.parameters.get("inputType", "").startswith("INTERVAL"),
        mysql="Your DATE_ADD(d, INTERVAL 1 DAY) is d + INTERVAL 1 DAY in Spark; its date_add takes a number of days.",
    ),
    Entry(
        "number added to a time",
        "A number says no unit, so Spark does not add it to a time or compare it with one: say it as an interval.",
        'F.col("opened_at") - F.expr("INTERVAL 7 DAYS")\n-- in SQL: opened_at - INTERVAL 7 DAYS',
        ("DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"),
        test=lambda f: (
            _with_a_date(f)
            or f.parameters.get("requiredType", "").startswith("(TIMESTAMP")
            or f.parameters.get("sqlExpr", "").startswith(("date_add(DATE", "date_sub(DATE"))
        ),
        oracle="In Oracle d - 7 and d + 1/24 count days; Spark adds no number to a time, for it says no unit. Say "
        "it as an interval: - INTERVAL 7 DAYS, + INTERVAL 1 HOUR.",
        sqlserver="In SQL Server d - 7 counts days; Spark adds no number to a time, for it says no unit. Say it as "
        "an interval, or as DATEADD(DAY, -7, d), which Spark has.",
    ),
    Entry(
        "difference of times compared with a number",
        "Two times subtracted give an interval in Spark, not a number: compare it with an interval, or count whole "
        "units by timestampdiff.",
        'F.timestamp_diff("HOUR", "opened_at", "closed_at") > 1\n-- in SQL: closed_at - opened_at > INTERVAL 1 HOUR',
        ("DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",),
        test=lambda f: f.parameters.get("left", "").startswith("INTERVAL"),
        oracle="In Oracle two dates subtracted give days; in Spark they give an interval. Compare it with an "
        "interval, or count whole units by timestampdiff.",
    ),
    Entry(
        "unit in quotes",
        "The unit is a bare word in Spark, not a text: DAY, not {invalidValue} in quotes.",
        "datediff(DAY, opened_at, closed_at)",
        ("INVALID_PARAMETER_VALUE.DATETIME_UNIT",),
    ),
    Entry(
        "part of a date",
        "Spark's date_part takes the part as a text, and extract takes it as a word.",
        "F.year(\"opened_at\")\n-- in SQL: extract(YEAR FROM opened_at), date_part('YEAR', opened_at)",
        ("UNRESOLVED_COLUMN",),
        test=lambda f: any(f.statement.has(call, "(", f.routine.upper()) for call in ("DATEPART", "DATE_PART")),
        sqlserver="Spark's DATEPART wants the part in quotes; extract(YEAR FROM ...) takes it bare.",
    ),
    Entry(
        "epoch",
        "extract knows no {field} in Spark; seconds since 1970 are unix_timestamp.",
        'F.unix_timestamp("opened_at")\n-- in SQL: unix_timestamp(opened_at)',
        ("INVALID_EXTRACT_FIELD",),
    ),
)
