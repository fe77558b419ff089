"""SQL of other databases that Spark's parser does not know."""

from __future__ import annotations

from helpers.exercises.words.model import Entry

_PARSE = ("PARSE_SYNTAX_ERROR",)
_LISTS = ("STRING_AGG", "LISTAGG", "ARRAY_AGG", "GROUP_CONCAT", "COLLECT_LIST", "WM_CONCAT")

IDIOMS = (
    Entry(
        "top",
        "Spark has no TOP: the number of rows goes to the end of the query, as LIMIT.",
        'df.orderBy("name").limit(5)\n-- in SQL: SELECT ... ORDER BY name LIMIT 5',
        sqlserver="Your TOP is Spark's LIMIT, and it stands at the end of the query. Without ORDER BY, any rows may "
        "come.",
        test=lambda f: f.query.stops_at("TOP", "0") or (f.routine == "top" and f.condition == "UNRESOLVED_ROUTINE"),
    ),
    Entry(
        "fetch first",
        "FETCH FIRST and OFFSET ... ROWS are LIMIT and OFFSET in Spark, without the word ROWS.",
        'df.orderBy("name").offset(5).limit(5)\n-- in SQL: ... ORDER BY name LIMIT 5 OFFSET 5',
        _PARSE,
        test=lambda f: any(f.query.stops_at(one) for one in ("FIRST", "NEXT", "ROWS", "ROW")),
    ),
    Entry(
        "limit with a comma",
        "LIMIT takes one number in Spark; the rows to skip have a word of their own, OFFSET.",
        'df.orderBy("name").offset(5).limit(10)\n-- in SQL: ... ORDER BY name LIMIT 10 OFFSET 5',
        _PARSE,
        test=lambda f: f.query.stops_at("LIMIT", "0", ","),
        mysql="LIMIT 5, 10 is LIMIT 10 OFFSET 5 in Spark: the count first, then how many rows to skip.",
    ),
    Entry(
        "(+)",
        "(+) is Oracle's old sign for an outer join. Spark says it in the join itself: LEFT JOIN ... ON, or "
        '"left" as the kind of join.',
        'a.join(b, "site_id", "left")\n-- in SQL: FROM a LEFT JOIN b ON a.site_id = b.site_id',
        _PARSE,
        test=lambda f: f.query.stops_at("(", "+", ")"),
        oracle="Spark does not know (+). The side that had the (+) is the right side of a LEFT JOIN ... ON, or of "
        '"left" as the kind of join.',
    ),
    Entry(
        "connect by",
        "Spark has no CONNECT BY. A hierarchy is walked by WITH RECURSIVE, level by level.",
        "WITH RECURSIVE t AS (\n"
        "  SELECT technician_id, 1 AS level FROM technicians WHERE manager_id IS NULL\n"
        "  UNION ALL\n"
        "  SELECT c.technician_id, t.level + 1 FROM technicians c JOIN t ON c.manager_id = t.technician_id)\n"
        "SELECT * FROM t",
        test=lambda f: (
            any(f.query.stops_at(*two) for two in (("CONNECT", "BY"), ("START", "WITH")))
            or (f.routine in ("level", "connect_by_root", "sys_connect_by_path") and f.condition != "")
        ),
        oracle="Spark has no START WITH and CONNECT BY, and so no LEVEL. WITH RECURSIVE does their work: its first "
        "part is START WITH, its second the CONNECT BY, and you count LEVEL yourself.",
    ),
    Entry(
        "brackets around a name",
        "In Spark square brackets are for arrays. A name with a blank or a keyword goes into `backquotes`; any other "
        "needs nothing.",
        'F.col("name")\n-- in SQL: SELECT `name` FROM sites',
        _PARSE,
        test=lambda f: f.query.stops_at("["),
        sqlserver="Your [brackets] are `backquotes` in Spark. Square brackets are for arrays there.",
    ),
    Entry(
        "double quotes around a name",
        "In Spark double quotes make a text, like single ones, so {error} cannot be a name. Names go into "
        "`backquotes`.",
        'F.col("name")\n-- in SQL: SELECT name AS `Name of site` FROM `sites`',
        _PARSE,
        test=lambda f: f.parameters.get("error", "").startswith('"'),
        mysql="As in your MySQL, double quotes make a text in Spark, so {error} cannot be a name. Names go into "
        "`backquotes`.",
    ),
    Entry(
        "double quotes around a column",
        'In Spark double quotes make a text: "{expression}" is the word itself, not the column of that name. Write '
        "the name bare or in `backquotes`.",
        'F.col("latitude") > 5\n-- in SQL: WHERE latitude > 5',
        ("CAST_INVALID_INPUT",),
        test=lambda f: f'"{f.parameters.get("expression", "")}"' in f.part.words,
    ),
    Entry(
        "^= and !<",
        "Spark writes 'not equal' as <> or !=.",
        'F.col("kind") != "wind"\n-- in SQL: WHERE kind <> \'wind\'',
        _PARSE,
        test=lambda f: f.query.stops_at("^", "=") or f.query.stops_at("!", "<") or f.query.stops_at("!", ">"),
    ),
    Entry(
        "&& and ||",
        "In Spark SQL a condition is joined by AND and OR, spelt out; || glues texts together.",
        '(F.col("kind") == "wind") & (F.col("latitude") > 1)\n-- in SQL: WHERE kind = \'wind\' AND latitude > 1',
        _PARSE,
        test=lambda f: f.query.stops_at("&&"),
        mysql="Your && is AND in Spark SQL, and your || is OR: in Spark || glues texts together.",
    ),
    Entry(
        "~ for patterns",
        "Spark has no ~ between a text and a pattern: it says RLIKE.",
        'F.col("name").rlike("^S")\n-- in SQL: WHERE name RLIKE \'^S\'',
        _PARSE,
        test=lambda f: f.query.stops_at("~") or f.query.stops_at("!~") or f.query.stops_at("~*"),
        postgresql="Your ~ is RLIKE in Spark, and !~ is NOT RLIKE; for ~* put (?i) before the pattern.",
    ),
    Entry(
        "apply",
        "Spark has no CROSS APPLY: a subquery that looks at the row to its left is a LATERAL join.",
        "SELECT ... FROM sites s CROSS JOIN LATERAL (SELECT ... WHERE w.site_id = s.site_id)",
        _PARSE,
        test=lambda f: f.query.stops_at("APPLY"),
        sqlserver="Your CROSS APPLY is CROSS JOIN LATERAL in Spark, and OUTER APPLY is LEFT JOIN LATERAL ... ON "
        "TRUE.",
    ),
    Entry(
        "keep dense_rank",
        "Spark has no KEEP (DENSE_RANK FIRST ...): max_by and min_by take a value from the row that has the most or "
        "the least of another.",
        'F.min_by("name", "latitude")\n-- in SQL: min_by(name, latitude)',
        _PARSE,
        test=lambda f: f.query.stops_at("KEEP", "("),
    ),
    Entry(
        "ignore nulls",
        "IGNORE NULLS stands after the closing parenthesis of the function in Spark, before OVER.",
        'F.last("name", ignorenulls=True).over(w)\n-- in SQL: last_value(name) IGNORE NULLS OVER (...)',
        _PARSE,
        test=lambda f: f.query.stops_at("IGNORE", "NULLS") or f.query.stops_at("RESPECT", "NULLS"),
    ),
    Entry(
        "order within a list",
        "The order of the glued texts does not stand inside the parentheses: it follows, as WITHIN GROUP (ORDER BY "
        "...).",
        "-- in SQL: string_agg(name, ',') WITHIN GROUP (ORDER BY name)\n"
        'F.array_join(F.array_sort(F.collect_list("name")), ",")',
        _PARSE,
        test=lambda f: f.query.stops_at("ORDER", "BY") and f.query.inside(_LISTS),
        sqlserver="As in your STRING_AGG, the order follows the parentheses: WITHIN GROUP (ORDER BY ...).",
        oracle="As in your LISTAGG, the order follows the parentheses: WITHIN GROUP (ORDER BY ...).",
    ),
    Entry(
        "on overflow",
        "Spark's texts have no limit of 4,000 bytes, so listagg knows no ON OVERFLOW: leave it out.",
        "-- in SQL: listagg(name, ',') WITHIN GROUP (ORDER BY name)",
        _PARSE,
        test=lambda f: f.query.stops_at("ON", "OVERFLOW"),
    ),
    Entry(
        "separator",
        "Spark's string_agg takes the separator as its second argument; the order follows as WITHIN GROUP (ORDER BY "
        "...).",
        '-- in SQL: string_agg(name, \',\') WITHIN GROUP (ORDER BY name)\nF.string_agg("name", F.lit(","))',
        _PARSE,
        test=lambda f: f.query.stops_at("SEPARATOR"),
        mysql="Your GROUP_CONCAT(name SEPARATOR ',') is string_agg(name, ',') in Spark; an ORDER BY follows the "
        "parentheses as WITHIN GROUP.",
    ),
    Entry(
        "distinct on",
        "Spark has no DISTINCT ON: number the rows of each group and keep the first.",
        'w = Window.partitionBy("kind").orderBy("name")\n'
        'df.withColumn("n", F.row_number().over(w)).where("n = 1")\n'
        "-- in SQL: SELECT ... QUALIFY row_number() OVER (PARTITION BY kind ORDER BY name) = 1",
        ("UNRESOLVED_ROUTINE",),
        given={"routineName": ("on",)},
    ),
)
