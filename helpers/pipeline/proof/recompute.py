"""Gold again, from the truth alone and outside Spark, so that gold can be compared with it cell by cell.

Measures are whole numbers of a small unit (1e-6 kW and kWh, 1e-3 kW of rated power, 1e-9 kWh/m2, 1e-6 of a price),
divided once and rounded half away from zero. DuckDB's `/` would make a DOUBLE of a decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from helpers.pipeline.proof.difference import GoldDifference, compare
from helpers.pipeline.proof.expectation import connect

_MACROS = """
CREATE TEMP MACRO half_up(n, d) AS (sign(n) * ((2 * abs(n) + d) // (2 * d)))::HUGEINT;
CREATE TEMP MACRO millionths(x) AS (x::DECIMAL(38,6) * 1000000)::HUGEINT;
CREATE TEMP MACRO valid_at(begins, ends, instant) AS begins <= instant AND (ends IS NULL OR instant < ends);
"""

_SPANS = """
CREATE TEMP TABLE spans AS
WITH timed AS (
    SELECT site_id, source, channel, quantity, feeds_gold, millionths(value) AS value, interval_seconds AS length,
           epoch_us(event_time) // 1000000 AS begins
    FROM readings WHERE feeds_gold IS NOT NULL
), cut AS (SELECT *, unnest(range(begins - begins % 900, begins + length, 900)) AS q FROM timed)
SELECT site_id, source, channel, quantity, feeds_gold, q,
       least(q + 900, begins + length) - greatest(q, begins) AS seconds, value * seconds AS product
FROM cut
"""

_QUARTERS = """
CREATE TEMP TABLE quarters AS
WITH channels AS (
    SELECT site_id, q, least(900, sum(seconds)) AS covered, sum(product) AS product
    FROM spans WHERE feeds_gold = 'energy' GROUP BY site_id, q, source, channel
), sums AS (
    SELECT site_id, q, to_timestamp(q) AS quarter, count(*) AS seen, sum(covered) AS covered, sum(product) AS product
    FROM channels GROUP BY site_id, q
), meters AS (
    SELECT s.site_id, s.quarter, a.source, a.channel, a.asset_id
    FROM sums s JOIN assignments a ON a.site_id = s.site_id AND a.feeds_gold = 'energy'
        AND valid_at(a.valid_from, a.valid_to, s.quarter)
), metered AS (
    SELECT site_id, quarter, count(DISTINCT (source, channel)) AS n FROM meters GROUP BY site_id, quarter
), rated AS (
    SELECT m.site_id, m.quarter, CASE WHEN count(*) = count(a.rated_kw) THEN sum(a.rated_kw) END AS rated_kw
    FROM (SELECT DISTINCT site_id, quarter, asset_id FROM meters) m
    LEFT JOIN assets a ON a.asset_id = m.asset_id AND valid_at(a.valid_from, a.valid_to, m.quarter)
    GROUP BY m.site_id, m.quarter
), bases AS (
    SELECT site_id, q, if(bool_or(quantity = 'poa_irradiance'), 'POA', 'GHI') AS basis
    FROM spans WHERE feeds_gold = 'irradiance' GROUP BY site_id, q
), irradiation AS (
    SELECT s.site_id, s.q, b.basis, half_up(sum(product), 3600 * count(DISTINCT (source, channel))) AS irradiation
    FROM spans s JOIN bases b USING (site_id, q)
    WHERE feeds_gold = 'irradiance' AND quantity = if(b.basis = 'POA', 'poa_irradiance', 'ghi')
    GROUP BY s.site_id, s.q, b.basis
)
SELECT s.site_id, s.quarter, half_up(s.product, 3600) AS energy,
       least(1000000, half_up(s.covered * 1000000, 900 * greatest(coalesce(m.n, 0), s.seen))) AS availability,
       i.irradiation, i.basis, r.rated_kw, t.price_per_kwh, t.currency,
       half_up(energy * millionths(t.price_per_kwh), 1000000) AS value
FROM sums s
LEFT JOIN metered m USING (site_id, quarter) LEFT JOIN rated r USING (site_id, quarter)
LEFT JOIN irradiation i USING (site_id, q)
LEFT JOIN tariffs t ON t.site_id = s.site_id AND valid_at(t.valid_from, t.valid_to, s.quarter)
"""

_ENERGY = """
SELECT site_id, quarter, (energy::DECIMAL(32,0) * 0.000001)::DECIMAL(18,6) AS energy_kwh,
       (availability::DECIMAL(32,0) * 0.000001)::DECIMAL(7,6) AS availability,
       (irradiation::DECIMAL(29,0) * 0.000000001)::DECIMAL(12,9) AS irradiation_kwh_m2, basis AS irradiation_basis,
       rated_kw::DECIMAL(12,3) AS rated_kw, price_per_kwh::DECIMAL(12,6) AS price_per_kwh, currency,
       (value::DECIMAL(32,0) * 0.000001)::DECIMAL(18,6) AS value, strftime(quarter, '%Y-%m') AS month
FROM quarters ORDER BY site_id, quarter
"""

_DAILY = """
WITH placed AS (
    SELECT q.*, s.time_zone, timezone(s.time_zone, q.quarter)::DATE AS local_date,
           (q.rated_kw * 1000)::HUGEINT * q.irradiation AS reference
    FROM quarters q JOIN sites s USING (site_id)
), days AS (
    SELECT site_id, local_date, time_zone, sum(energy) AS energy, sum(availability) AS availability,
           sum(irradiation) AS irradiation, min(basis) AS basis, count(DISTINCT basis) AS bases,
           count(rated_kw) AS rated, count(reference) AS compared, sum(reference) AS reference,
           sum(energy) FILTER (reference IS NOT NULL) AS yield
    FROM placed GROUP BY site_id, local_date, time_zone
), lengths AS (
    SELECT time_zone, local_date, (epoch_us(timezone(time_zone, (local_date + 1)::TIMESTAMP))
                                   - epoch_us(timezone(time_zone, local_date::TIMESTAMP))) // 900000000 AS quarters
    FROM (SELECT DISTINCT time_zone, local_date FROM days)
), judged AS (
    SELECT *, CASE WHEN rated = 0 THEN 'NO_RATED_POWER' WHEN compared = 0 THEN 'NO_IRRADIANCE'
                   WHEN reference <= 0 THEN 'NO_SUN' END AS reason
    FROM days JOIN lengths USING (time_zone, local_date)
)
SELECT site_id, local_date, (energy::DECIMAL(32,0) * 0.000001)::DECIMAL(18,6) AS energy_kwh,
       (least(1000000, half_up(availability, quarters))::DECIMAL(32,0) * 0.000001)::DECIMAL(7,6) AS availability,
       (irradiation::DECIMAL(29,0) * 0.000000001)::DECIMAL(12,9) AS irradiation_kwh_m2,
       if(bases > 1, 'MIXED', basis) AS irradiation_basis,
       -- 1e-6 kWh over (1e-3 kW * 1e-9 kWh/m2 / (1 kW/m2)), in millionths.
       CASE WHEN reason IS NULL
            THEN (half_up(yield * 1000000000000, reference)::DECIMAL(32,0) * 0.000001)::DECIMAL(18,6)
       END AS performance_ratio,
       reason AS performance_reason, strftime(local_date, '%Y-%m') AS month
FROM judged ORDER BY site_id, local_date
"""


@dataclass(frozen=True)
class Gold:
    """The two tables that are recomputed, with the columns and types of gold/energy and gold/daily."""

    energy: pa.Table
    daily: pa.Table


def recompute(
    readings: pa.Table, sites: pa.Table, assets: pa.Table, assignments: pa.Table, tariffs: pa.Table
) -> Gold:
    """Energy by site and quarter hour, and by site and local day, from the readings that silver must hold.

    readings: site_id, source, channel, quantity, feeds_gold, event_time, value DECIMAL(18,6) in kW or W/m2,
    interval_seconds, as from `expectation.expected_silver`; sites: site_id, time_zone; assets: asset_id, rated_kw,
    valid_from, valid_to; assignments: source, channel, asset_id, site_id, feeds_gold, valid_from, valid_to; tariffs:
    site_id, price_per_kwh, currency, valid_from, valid_to. Validity is half open, valid_to NULL = still valid.
    The performance ratio is that of IEC 61724-1: final yield over reference yield.
    """
    tables = {"readings": readings, "sites": sites, "assets": assets, "assignments": assignments, "tariffs": tariffs}
    with connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        for statement in (_MACROS, _SPANS, _QUARTERS):
            connection.execute(statement)
        return Gold(connection.execute(_ENERGY).to_arrow_table(), connection.execute(_DAILY).to_arrow_table())


def compare_gold(expected: Gold, actual: Mapping[str, pa.Table]) -> GoldDifference:
    """Both tables of gold, cell by cell. actual: energy and daily, as gold/energy and gold/daily hold them."""
    tables = [
        compare("energy", expected.energy, actual["energy"], "quarter"),
        compare("daily", expected.daily, actual["daily"], "local_date"),
    ]
    return GoldDifference(
        sum(one.cells for one in tables),
        sum(one.different for one in tables),
        pa.concat_tables([one.examples for one in tables]),
    )
