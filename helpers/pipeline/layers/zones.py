"""Local dates of PEAK's sites, which lie in a handful of time zones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F

# A zone that is a column is looked up by its name anew for every row, which costs more than the rest of a query; a
# zone that is a literal, once.


def local_date(time: Column, zones: Mapping[str, str]) -> Column:
    """The date of an instant in the zone of the row's site; NULL for a site without one.

    zones: site_id → IANA zone. The frame has a column site_id.
    """
    return _by_zone(zones, lambda zone: F.to_date(F.from_utc_timestamp(time, zone)))


def day_begins(date: Column, zones: Mapping[str, str]) -> Column:
    """The instant at which a local date begins in the zone of the row's site; zones as in `local_date`."""
    return _by_zone(zones, lambda zone: F.to_utc_timestamp(date, zone))


def _by_zone(zones: Mapping[str, str], compute: Callable[[str], Column]) -> Column:
    sites: dict[str, list[str]] = defaultdict(list)
    for site, zone in zones.items():
        sites[zone].append(site)
    found = F.lit(None)
    for zone, members in sites.items():
        found = F.when(F.col("site_id").isin(members), compute(zone)).otherwise(found)
    return found
