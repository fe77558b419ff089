from collections import defaultdict
from itertools import pairwise

import pytest

from helpers.core.errors import UserError
from helpers.peak import recordings as rec
from helpers.peak.relational import TABLES, asset_kind, world

WORLD = world()


def covers(spans, first, last):
    """Whether half-open spans contain [first, last] without a gap."""
    at = first
    for begin, end in sorted(spans, key=lambda s: s[0]):
        if begin <= at and (end is None or end > at):
            if end is None or end > last:
                return True
            at = end
    return False


def test_same_seed_same_world_other_seed_another():
    assert world(7) == WORLD
    assert world(8) != WORLD
    assert list(WORLD) == list(TABLES)


@pytest.mark.parametrize("found", rec.catalogue(), ids=lambda r: r.file)
def test_every_channel_has_assignment_and_asset_over_the_whole_recording(found):
    times = rec.read(found).event_time
    first, last = times.min().to_pydatetime(), times.max().to_pydatetime()
    for channel in found.channels:
        mine = [
            a for a in WORLD["meter_assignments"]
            if a[:2] == (found.source, channel.name) and a[7] <= last and (a[8] is None or a[8] > first)
        ]  # fmt: skip
        assert covers([a[7:] for a in mine], first, last)
        wanted = (channel.quantity, channel.unit, found.interval_seconds, channel.feeds_gold)
        assert {a[3:7] for a in mine} == {wanted}
        assert channel.asset in {a[2] for a in mine}
        for a in mine:
            begin, end = max(first, a[7]), last if a[8] is None else min(last, a[8])
            assets = [x for x in WORLD["assets"] if x[0] == a[2]]
            assert {x[4] for x in assets} == {found.site}
            # the assignment's end is excluded, so the asset may end at the same instant
            assert covers([(x[6], None if x[7] == a[8] else x[7]) for x in assets], begin, end)


@pytest.mark.parametrize(
    ("table", "key", "begin"), [("assets", 1, 6), ("meter_assignments", 2, 7), ("tariffs", None, 4)]
)
def test_intervals_do_not_overlap(table, key, begin):
    spans = defaultdict(list)
    for row in WORLD[table]:
        spans[row[1] if key is None else row[:key]].append(row[begin : begin + 2])
    for found in spans.values():
        found.sort(key=lambda s: s[0])
        for (_, end), (following, _) in pairwise(found):
            assert end is not None and end <= following
            if table == "tariffs":
                assert end == following
        assert all(end is None or begin < end for begin, end in found)


def test_tariffs_change_at_a_quarter_hour_inside_every_producing_sites_recording():
    for found in rec.catalogue():
        if not any(c.feeds_gold == "energy" for c in found.channels):
            continue
        times = rec.read(found).event_time
        changes = [t[4] for t in WORLD["tariffs"] if t[1] == found.site]
        inside = [c for c in changes if times.min() < c < times.max()]
        assert inside and all(c.minute in {15, 45} and c.second == 0 for c in inside)


def test_references_hold_and_traps_are_planted():
    sites = {s[0] for s in WORLD["sites"]}
    assets = {a[0] for a in WORLD["assets"]}
    people = {t[0] for t in WORLD["technicians"]}
    assert {r.site for r in rec.catalogue()} <= sites
    assert len({s[3] for s in WORLD["sites"]}) >= 5
    assert {a[3] for a in WORLD["assets"]} - {None} <= assets
    assert {a[2] for a in WORLD["meter_assignments"]} <= assets
    assert [t[2] for t in WORLD["technicians"]].count(None) == 1
    assert {t[2] for t in WORLD["technicians"]} - {None} <= people
    assert {"srrl", "tejo", "pune", "chatham"} == sites - {w[1] for w in WORLD["work_orders"]}
    assert {w[3] for w in WORLD["work_orders"]} - {None} <= people
    assert asset_kind("rsf-inv2") == "inverter" and asset_kind("rsf-meter") == "plant_meter"


def test_one_energy_and_one_irradiance_channel_at_a_time_per_site():
    site_of = {a[0]: a[4] for a in WORLD["assets"]}
    seen = defaultdict(list)
    for a in WORLD["meter_assignments"]:
        if a[6]:
            seen[site_of[a[2]], a[6]].append(a)
    for (site, _), rows in seen.items():
        sources = {r[0] for r in rows}
        # rmis has a sensor (2019) and a weather station (2022): their recordings do not overlap
        assert len(sources) == (2 if site == "rmis" else 1)


def test_a_users_recording_adds_only_its_own_rows():
    mine = rec.catalogue()[0].model_copy(update={"source": "mine", "site": "home"})
    channels = tuple(c.model_copy(update={"asset": "home-inv"}) for c in mine.channels)
    mine = mine.model_copy(update={"channels": channels})
    bigger = world(7, [mine])
    for table, rows in WORLD.items():
        assert bigger[table][: len(rows)] == rows
    assert len(bigger["sites"]) == len(WORLD["sites"]) + 1
    assert len(bigger["assets"]) == len(WORLD["assets"]) + 1
    assert len(bigger["meter_assignments"]) == len(WORLD["meter_assignments"]) + len(channels)
    with pytest.raises(UserError, match="assigned already"):
        world(7, [rec.catalogue()[0]])


def test_each_site_with_work_orders_has_a_tie():
    for site in {w[1] for w in WORLD["work_orders"]}:
        opened = [w[4] for w in WORLD["work_orders"] if w[1] == site]
        assert opened[0] == opened[1]
