"""Gold: energy per site and quarter hour, and per site and local day.

A reading stands for [t, t + interval_seconds), t = its event time floored to the second. A row depends only on the
readings that overlap its quarter hour, so that computing some months anew gives what computing all would give.
All sums are over whole numbers; each column is rounded once, HALF_UP (see `exact`).
Zone of the session: UTC; all frames of one call belong to one session.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from helpers.pipeline.layers.exact import half_up, whole
from helpers.pipeline.layers.zones import day_begins, local_date

_VALID = "v -> v.valid_from <= timestamp_seconds(q) AND (v.valid_to IS NULL OR timestamp_seconds(q) < v.valid_to)"

_ENERGY = f"""
    WITH spans AS (
        SELECT site_id, source, channel, value,
               CASE WHEN feeds_gold = 'energy' THEN 'energy' WHEN quantity = 'poa_irradiance' THEN 'POA'
                    WHEN quantity = 'ghi' THEN 'GHI' END AS measure,
               unix_seconds(event_time) AS t, unix_seconds(event_time) + interval_seconds AS t_end
        FROM {{readings}} WHERE feeds_gold IN ('energy', 'irradiance') AND interval_seconds > 0),
    -- One row per reading and UTC quarter hour that it overlaps; q = the quarter's start in Unix seconds.
    overlaps AS (
        SELECT *, explode(sequence(t - pmod(t, 900L), t_end - 1 - pmod(t_end - 1, 900L), 900L)) AS q FROM spans),
    quarters AS (SELECT *, least(t_end, q + 900) - greatest(t, q) AS seconds FROM overlaps),
    channels AS (
        SELECT site_id, q, measure, source, channel,
               sum({whole("value", 6)} * seconds) AS work, least(900, sum(seconds)) AS covered
        FROM quarters GROUP BY ALL),
    totals AS (
        SELECT site_id, q,
               sum(work) FILTER (WHERE measure = 'energy') AS energy, count_if(measure = 'energy') AS seen,
               sum(covered) FILTER (WHERE measure = 'energy') AS covered,
               sum(work) FILTER (WHERE measure = 'POA') AS poa, count_if(measure = 'POA') AS poa_channels,
               sum(work) FILTER (WHERE measure = 'GHI') AS ghi, count_if(measure = 'GHI') AS ghi_channels
        FROM channels GROUP BY ALL),
    -- What each site ever had is a short list, searched per quarter: no join multiplies rows.
    meters AS (
        SELECT site_id, collect_list(struct(source, channel, asset_id, valid_from, valid_to)) AS meters
        FROM {{assignments}} WHERE feeds_gold = 'energy' GROUP BY site_id),
    powers AS (
        SELECT site_id, collect_list(struct(asset_id, rated_kw, valid_from, valid_to)) AS powers
        FROM {{assets}} GROUP BY site_id),
    valid AS (
        SELECT /*+ BROADCAST(m, p) */ t.*, timestamp_seconds(q) AS quarter,
               filter(m.meters, {_VALID}) AS meters, filter(p.powers, {_VALID}) AS powers
        FROM totals t LEFT JOIN meters m USING (site_id) LEFT JOIN powers p USING (site_id)
        WHERE seen > 0),
    metered AS (
        SELECT *, size(array_distinct(transform(meters, m -> struct(m.source, m.channel)))) AS expected,
               array_distinct(transform(meters, m -> m.asset_id)) AS metered
        FROM valid),
    measures AS (
        SELECT /*+ BROADCAST(t) */ m.site_id, m.quarter, {half_up("energy", "3600", 18, 6)} AS energy_kwh,
               {half_up("covered * 1000000", "900 * greatest(seen, coalesce(expected, 0))", 7, 6)} AS availability,
               CASE WHEN poa_channels > 0 THEN {half_up("poa", "3600 * poa_channels", 12, 9)}
                    WHEN ghi_channels > 0 THEN {half_up("ghi", "3600 * ghi_channels", 12, 9)}
               END AS irradiation_kwh_m2,
               CASE WHEN poa_channels > 0 THEN 'POA' WHEN ghi_channels > 0 THEN 'GHI' END AS irradiation_basis,
               -- An asset without a known power makes the sum NULL.
               IF(expected > 0, aggregate(metered, CAST(0 AS DECIMAL(12,3)), (kw, id) -> CAST(
                   kw + get(filter(powers, p -> p.asset_id = id), 0).rated_kw AS DECIMAL(12,3))), NULL) AS rated_kw,
               t.price_per_kwh, t.currency
        FROM metered m LEFT JOIN {{tariffs}} t
          ON t.site_id = m.site_id AND t.valid_from <= m.quarter AND (t.valid_to IS NULL OR m.quarter < t.valid_to))
    SELECT *, CAST(round(energy_kwh * price_per_kwh, 6) AS DECIMAL(18,6)) AS value,
           date_format(quarter, 'yyyy-MM') AS month
    FROM measures
"""

_SUMS = f"""
    WITH rows AS (
        SELECT *, irradiation_kwh_m2 IS NOT NULL AND rated_kw IS NOT NULL AS judged
        FROM {{energy}} WHERE local_date IS NOT NULL)
    SELECT site_id, local_date,
           CAST(sum(energy_kwh) AS DECIMAL(18,6)) AS energy_kwh, sum({whole("availability", 6)}) AS available,
           CAST(sum(irradiation_kwh_m2) AS DECIMAL(12,9)) AS irradiation_kwh_m2,
           count_if(irradiation_basis = 'POA') AS poa, count_if(irradiation_basis = 'GHI') AS ghi,
           count(rated_kw) AS rated, count_if(judged) AS judged,
           sum({whole("energy_kwh", 6)}) FILTER (WHERE judged) AS yielded,
           sum(CAST({whole("rated_kw", 3)} AS DECIMAL(19,0)) * {whole("irradiation_kwh_m2", 9)})
               FILTER (WHERE judged) AS reference
    FROM rows GROUP BY site_id, local_date
"""

_DAILY = f"""
    WITH counted AS (SELECT *, (unix_seconds(ends) - unix_seconds(begins)) div 900 AS quarters FROM {{days}})
    SELECT site_id, local_date, energy_kwh, {half_up("available", "quarters", 7, 6)} AS availability,
           irradiation_kwh_m2,
           CASE WHEN poa > 0 AND ghi > 0 THEN 'MIXED' WHEN poa > 0 THEN 'POA' WHEN ghi > 0 THEN 'GHI' END
               AS irradiation_basis,
           IF(reference > 0, {half_up("yielded * 1000000000000BD", "reference", 18, 6)}, NULL) AS performance_ratio,
           CASE WHEN rated = 0 THEN 'NO_RATED_POWER' WHEN judged = 0 THEN 'NO_IRRADIANCE'
                WHEN reference <= 0 THEN 'NO_SUN' END AS performance_reason,
           date_format(local_date, 'yyyy-MM') AS month
    FROM counted
"""


def energy(readings: DataFrame, assets: DataFrame, assignments: DataFrame, tariffs: DataFrame) -> DataFrame:
    """The rows of gold/energy that the readings make; grain (site_id, quarter), UTC.

    readings: rows of silver/readings; a quarter hour is right if all readings that overlap it are among them.
    Dimensions: assets (asset_id, site_id, rated_kw), assignments (source, channel, asset_id, site_id, feeds_gold),
    tariffs (site_id, price_per_kwh, currency), each with valid_from and valid_to (half open, NULL = still valid).
    "Valid" means valid at the quarter's start.

    A quarter has a row if a reading that feeds energy overlaps it. seconds = length of the overlap.
    energy_kwh [kWh] = sum(kW * seconds) / 3600.
    availability [1] = sum over channels of min(900, seconds covered) / (900 * n), n = the energy channels assigned to
    the site, or those seen if they are more; so it cannot exceed 1 (IEC 61724-1, data availability).
    irradiation_kwh_m2 [kWh/m2] = sum(W/m2 * seconds) / (3600000 * channels), over plane of array (POA) readings, or
    over global horizontal ones (GHI) where there is no POA; irradiation_basis tells which.
    rated_kw [kW] = sum over the distinct assets of the assigned energy channels; NULL if one is unknown.
    value [currency] = energy_kwh * price_per_kwh of the tariff valid then.
    """
    return readings.sparkSession.sql(
        _ENERGY, readings=readings, assets=assets, assignments=assignments, tariffs=tariffs
    )


def daily(energy_rows: DataFrame, zones: Mapping[str, str]) -> DataFrame:
    """The rows of gold/daily; grain (site_id, local_date), the date of the quarter's start in the site's zone.

    energy_rows: all rows of gold/energy of each day wanted. zones: site_id → IANA zone.
    energy_kwh = sum. availability = sum / quarter hours of that local day (92, 96 or 100 with clock changes).
    irradiation_kwh_m2 = sum where known; basis MIXED if both occur.
    performance_ratio [1] (IEC 61724-1) = sum(energy_kwh) / sum(rated_kw * irradiation_kwh_m2 / (1 kW/m2)) over the
    quarters where all are known. NULL with the first performance_reason that holds: NO_RATED_POWER in any quarter,
    NO_IRRADIANCE in any quarter with rated power, NO_SUN (nothing to divide by).
    """
    spark, day = energy_rows.sparkSession, F.col("local_date")
    sums = spark.sql(_SUMS, energy=energy_rows.withColumn("local_date", local_date(F.col("quarter"), zones)))
    bounds = {"begins": day_begins(day, zones), "ends": day_begins(F.date_add(day, 1), zones)}
    return spark.sql(_DAILY, days=sums.withColumns(bounds))
