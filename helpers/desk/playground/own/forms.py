"""What a column's texts look like: each value has exactly one form, counted by DuckDB over all rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

NUMBERS = {
    "integer": r"-?(0|[1-9][0-9]*)",
    # One group of three digits behind a mark may be a fraction, or thousands.
    "point3": r"-?[1-9][0-9]{0,2}\.[0-9]{3}",
    "comma3": r"-?[1-9][0-9]{0,2},[0-9]{3}",
    "point": r"-?(0|[1-9][0-9]*)\.[0-9]+",
    "comma": r"-?(0|[1-9][0-9]*),[0-9]+",
    "points": r"-?[1-9][0-9]{0,2}(\.[0-9]{3}){2,}",
    "commas": r"-?[1-9][0-9]{0,2}(,[0-9]{3}){2,}",
    "points comma": r"-?[1-9][0-9]{0,2}(\.[0-9]{3})+,[0-9]+",
    "commas point": r"-?[1-9][0-9]{0,2}(,[0-9]{3})+\.[0-9]+",
    "exponent": r"-?[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]+",
    "zeros": r"-?0[0-9]+([.,][0-9]+)?",
}
"""Forms of numbers, the first that fits counts."""
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
INSTANT = r"CAST(regexp_replace({t}, '([T ][0-9]{2}:[0-9]{2}) ?(Z|[+-])', '\1:00\2') AS TIMESTAMPTZ)"
"""How DuckDB reads an instant from the text {t}: it wants seconds."""
_TIMES = {
    "date": (_DAY, "CAST({t} AS DATE)"),
    "time": (rf"{_DAY}[T ]{_CLOCK}", "CAST({t} AS TIMESTAMP)"),
    "instant": (rf"{_DAY}[T ]{_CLOCK} ?(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)", INSTANT),
}
SEPARATORS = ".-/"
"""What may stand between day, month and year where the year comes last."""


@dataclass(frozen=True)
class Form:
    """The values of one form. before, after: the most digits before and behind a decimal mark; padded: in blanks."""

    count: int
    example: str
    before: int = 0
    after: int = 0
    padded: int = 0


def forms(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> dict[str, Form]:
    """Form → its values in a text column, NULL apart. `blank` is the form of texts without a character."""
    query = f"""
        WITH texts AS (SELECT {quoted(column)} AS raw, count(*) AS n FROM {table} WHERE {quoted(column)} IS NOT NULL
                       GROUP BY 1),
             told AS (SELECT raw, n, trim(raw) AS t FROM texts)
        SELECT {_case()} AS form, sum(n)::BIGINT, min(t), max(length(regexp_extract(t, '^-?([0-9.,]*?)(?:[.,][0-9]+)?$', 1))),
               max(length(regexp_extract(t, '[.,]([0-9]+)$', 1))), sum(n) FILTER (WHERE raw <> t)
        FROM told GROUP BY 1"""  # noqa: E501
    rows = connection.execute(query).fetchall()
    return {
        form: Form(n, example, before, after, int(padded or 0)) for form, n, example, before, after, padded in rows
    }


def exceptions(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, of: Iterable[str], most: int = 3
) -> list[tuple[str, int]]:
    """The most frequent values whose form is not one of these, each with its count."""
    kept = ", ".join(f"'{form}'" for form in of)
    name = quoted(column)
    query = f"""SELECT t, count(*) AS n FROM (SELECT trim({name}) AS t FROM {table} WHERE {name} IS NOT NULL)
                WHERE {_case()} NOT IN ({kept}) GROUP BY 1 ORDER BY n DESC, t LIMIT {most}"""
    return connection.execute(query).fetchall()


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def day_form(only: str, separator: str, clock: bool) -> str:
    """The name of a form with the year last. only: "d" = day first, "m" = month first, "dm" = it may be either."""
    return f"{only}{separator}{'time' if clock else 'date'}"


def pattern(day_first: bool, separator: str, clock: str = "") -> str:
    """The format that DuckDB reads such a text by. clock: "" or the format of what stands behind the day."""
    first, second = ("%d", "%m") if day_first else ("%m", "%d")
    return f"{first}{separator}{second}{separator}%Y{clock}"


def _case() -> str:
    whens = ["WHEN t = '' THEN 'blank'", "WHEN lower(t) IN ('true', 'false') THEN 'boolean'"]
    whens += [f"WHEN regexp_full_match(t, '{one}') THEN '{form}'" for form, one in NUMBERS.items()]
    whens += [
        f"WHEN regexp_full_match(t, '{one}') AND try({sql.replace('{t}', 't')}) IS NOT NULL THEN '{form}'"
        for form, (one, sql) in _TIMES.items()
    ]
    for separator in SEPARATORS:
        shape = rf"[0-9]{{1,2}}[{separator}][0-9]{{1,2}}[{separator}][0-9]{{4}}"
        for clock in (False, True):
            behind = f" {_CLOCK}" if clock else ""
            day, month = (
                f"try_strptime(split_part(t, ' ', 1), '{pattern(first, separator)}') IS NOT NULL"
                for first in (True, False)
            )
            sound = "try_cast(split_part(t, ' ', 2) AS TIME) IS NOT NULL" if clock else "true"
            fits = f"regexp_full_match(t, '{shape}{behind}') AND {sound}"
            for only, both in (("dm", f"{day} AND {month}"), ("d", day), ("m", month)):
                whens.append(f"WHEN {fits} AND {both} THEN '{day_form(only, separator, clock)}'")
    return f"CASE {' '.join(whens)} ELSE 'text' END"
