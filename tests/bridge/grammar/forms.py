"""The productions that are plain texts with holes: functions and operators of each kind."""

from __future__ import annotations

from tests.bridge.grammar.values import form

form(
    "arithmetic", "int", "({int} + {n})", "({int} - {int})", "({n} * {n})", "-{n}", "({int} % {n})", "({int} DIV {n})"
)
form("number function", "int", "abs({int})", "pmod({int}, {n})", "mod({int}, {n})", "sign({n})", "length({string})",
     "ascii({string})", "greatest({int}, {int})", "least({int}, {n}, {int})", "char_length({string})")  # fmt: skip
form("text function", "int", "instr({string}, {word})", "position({word} IN {string})", "locate({word}, {string})",
     "levenshtein({string}, {word})")  # fmt: skip
form("date function", "int", "year({date})", "month({date})", "day({date})", "quarter({date})", "dayofweek({date})",
     "datediff({date}, {date})", "hour({timestamp})", "weekofyear({date})", "date_part('month', {date})")  # fmt: skip
form("EXTRACT", "int", "extract(YEAR FROM {date})", "extract(DOW FROM {date})", "extract(HOUR FROM {timestamp})")
form("difference in units", "int", "datediff(DAY, {date}, {date})", "timestampdiff(HOUR, {timestamp}, {timestamp})")
form("bit operator", "int", "({n} & {n})", "({n} | 1)", "({n} ^ 2)", "~{n}", "shiftleft({n}, 2)")
form("array function", "int", "size({strings})", "array_position({strings}, {word})", "cardinality({ints})",
     "array_max({ints})", "element_at({=ints}, -1)", "try_element_at({ints}, 2)", "get({ints}, 0)")  # fmt: skip
form("map function", "int", "size({map})", "cardinality(map_keys({map}))")
form("higher-order function", "int", "aggregate({=ints}, 0, (acc, x) -> acc + coalesce(x, 0))",
     "reduce({strings}, 0, (acc, x) -> acc + length(coalesce(x, '')), acc -> acc * 2)")  # fmt: skip
form("interval", "int", "extract(DAY FROM {date} - {date})", "extract(HOUR FROM {timestamp} - {timestamp})")
form("arithmetic", "decimal", "({decimal} + {n})", "({decimal} - {=decimal})", "({decimal} * 0.5)", "(-{decimal})",
     "({decimal} + {decimal})", "({decimal} % {n})", "({n} / 4.0)")  # fmt: skip
form("number function", "decimal", "round({decimal}, 1)", "abs({decimal})", "greatest({decimal}, {=decimal})",
     "bround({decimal}, 1)", "ceil({decimal}, 1)")  # fmt: skip
form(
    "cast",
    "decimal",
    "CAST({int} AS DECIMAL(20,2))",
    "CAST('{n}.25' AS DECIMAL(8,3))",
    "try_cast({=string} AS DECIMAL(6,2))",
)
form("arithmetic", "double", "({double} + {number})", "({double} * 2e0)", "({int} / {n})", "(-{double})",
     "({double} - {double})", "({double} / nullif({double}, 0))")  # fmt: skip
form("number function", "double", "sqrt(abs({number}))", "round({double}, 2)", "power({n}, 2)", "exp(0)", "ln({n})",
     "log(2, {n})", "try_divide({number}, {n})", "floor({double})", "least({double}, {=double})")  # fmt: skip
form("cast", "double", "CAST({number} AS DOUBLE)", "double({int})", "{=decimal}::DOUBLE")
form("struct", "double", "{point}.lat", "coalesce({point}.lon, 0)")
form("text function", "string", "upper({string})", "lower({string})", "initcap({string})", "reverse({string})",
     "replace({string}, 'o', '0')", "translate({string}, 'abc', 'xyz')", "lpad({string}, {n}, '*')",
     "rpad({string}, {n}, '-')", "repeat({string}, 2)", "left({string}, {n})", "right({string}, {n})",
     "regexp_replace({string}, '[0-9]+', '#')", "regexp_extract({string}, '([a-z]+)', 1)",
     "split_part({string}, ' ', 1)", "substring_index({string}, ' ', 1)", "concat_ws('-', {string}, {string})",
     "concat({string}, {word})", "format_string('%s!', {string})", "md5({string})", "hex({int})")  # fmt: skip
form("concatenation", "string", "({string} || {string})", "({string} || '/' || {string})", "('a' 'b' || {string})")
form(
    "SUBSTRING",
    "string",
    "substring({string}, {n}, {n})",
    "substr({string}, -{n})",
    "substring({string} FROM 2 FOR {n})",
)
form(
    "TRIM",
    "string",
    "trim({string})",
    "trim(BOTH 'a' FROM {string})",
    "trim(LEADING 'N' FROM {string})",
    "ltrim({string})",
)
form("OVERLAY", "string", "overlay({string} PLACING 'X' FROM 1 FOR {n})")
form("cast", "string", "CAST({int} AS STRING)", "CAST({date} AS STRING)", "string({decimal})", "{int}::STRING")
form(
    "date format",
    "string",
    "date_format({date}, 'yyyy-MM')",
    "date_format({timestamp}, 'yyyy-MM-dd HH:mm')",
    "dayname({date})",
)
form("map function", "string", "{map}['make']", "element_at({map}, 'firmware')", "array_join(map_keys({map}), ',')")
form("array function", "string", "array_join({strings}, '-')", "array_join({strings}, ',', '?')", "get({strings}, 0)",
     "try_element_at({strings}, 1)", "{=strings}[0]")  # fmt: skip
form("named argument", "string", "mask({string}, lowerChar => 'q')",
     "mask({string}, digitChar => '9', upperChar => 'U')",
     "mask(str => {string}, otherChar => '.')")  # fmt: skip
form("JSON", "string", "to_json(named_struct('a', {int}))", "get_json_object('[1, 2]', '$[0]')")
form("DECODE", "string", "decode({string}, 'ok', 'fine', 'bad', 'poor', 'none')", "nvl2({string}, 'given', 'none')")
form("interval", "date", "({date} + INTERVAL {n} DAY)", "({date} - INTERVAL {n} DAYS)",
     "({date} + INTERVAL '{n}' MONTH)",
     "({date} - INTERVAL {n} YEAR)", "({date} + INTERVAL {n} WEEKS)", "({date} + INTERVAL '1-2' YEAR TO MONTH)",
     "({date} + make_ym_interval(1, {n}))")  # fmt: skip
form("date function", "date", "date_add({date}, {n})", "date_sub({date}, {n})", "add_months({date}, {n})",
     "last_day({date})",
     "trunc({date}, 'MM')", "next_day({date}, 'MON')", "make_date(2024, {n}, {n})", "({date} + {n})",
     "({date} - {n})",
     "greatest({date}, {=date})", "to_date('29.02.2024', 'dd.MM.yyyy')")  # fmt: skip
form("cast", "date", "CAST({timestamp} AS DATE)", "date({timestamp})", "to_date({timestamp})")
form("interval", "timestamp", "({timestamp} + INTERVAL {n} HOURS)", "({timestamp} - INTERVAL {n} DAY)",
     "({timestamp} + INTERVAL '1 02:03:04' DAY TO SECOND)", "({timestamp} + {n} * INTERVAL 1 HOUR)",
     "({timestamp} + INTERVAL {n} MONTHS)", "({timestamp} - INTERVAL '{n}:30' HOUR TO MINUTE)",
     "({date} + INTERVAL {n} HOURS)",
     "({timestamp} + make_dt_interval(0, {n}, 30))")  # fmt: skip
form("date function", "timestamp", "date_trunc('HOUR', {timestamp})", "date_trunc('MONTH', {timestamp})",
     "timestampadd(HOUR, {n}, {timestamp})", "dateadd(MONTH, {n}, {timestamp})",
     "to_timestamp('2024-02-29 17:05', 'yyyy-MM-dd HH:mm')",
     "from_utc_timestamp({timestamp}, 'Asia/Kathmandu')", "least({timestamp}, {=timestamp})")  # fmt: skip
form("cast", "timestamp", "CAST({date} AS TIMESTAMP)", "timestamp({date})")
form("array function", "strings", "split({string}, ' ')", "array_distinct({strings})", "sort_array({strings})",
     "sort_array({strings}, false)", "array_compact({strings})", "concat({strings}, {strings})",
     "array_union({strings}, {=strings})",
     "array_except({strings}, {=strings})", "slice({strings}, 1, 2)", "array({string}, {string})",
     "array_append({strings}, {word})",
     "array_remove({strings}, 'roof')", "flatten(array({strings}, {=strings}))", "reverse({strings})",
     "array_repeat({string}, 2)")  # fmt: skip
form("map function", "strings", "map_keys({map})", "map_values({map})")
form("array function", "ints", "array({int}, {int}, {n})", "sequence(1, {n})", "array_sort({ints})",
     "array_insert({ints}, 1, {n})",
     "array_intersect({ints}, {=ints})")  # fmt: skip
form("map function", "map", "map('make', {string})", "map_concat({map}, map('extra', {string}))",
     "map_from_arrays(array('make'), array({string}))",
     "str_to_map('make:1,b:2')", "map_from_entries(array(struct('k', {string})))")  # fmt: skip
form("struct", "point", "named_struct('lat', {double}, 'lon', {double})", "struct({double} AS lat, {double} AS lon)")
