"""The doctor on this machine, with the real services; and what it says when one of them is broken."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import services
from helpers.core.settings import ROOT, child_environment, settings
from helpers.services import doctor

pytestmark = pytest.mark.services

GRIDBRIDGE = Path(sys.executable).with_name("gridbridge")


def test_it_uses_services_that_are_up_and_leaves_them_up_and_clean(running):
    up = {name: one for name, one in running.items() if one.record()}
    before = {name: one.record().pid for name, one in up.items()}
    buckets = services.aws("s3").list_buckets()["Buckets"]
    topics = set(running["kafka"].client().list_topics(timeout=10).topics)
    found = {one.name: one for one in doctor.examine()}
    assert {name: found[name].state for name in doctor.SERVICES} == dict.fromkeys(doctor.SERVICES, "ok"), found
    assert set(before) >= {"kafka", "s3", "postgres"}
    assert {name: one.record().pid for name, one in up.items()} == before
    assert services.aws("s3").list_buckets()["Buckets"] == buckets
    left = set(running["kafka"].client().list_topics(timeout=10).topics) - topics
    assert left <= {"__consumer_offsets"}


def test_a_port_is_free_or_ours_or_somebody_elses(running):
    kafka = running["kafka"]
    assert (
        doctor.check_port("port", kafka.port()).told
        == f"{kafka.port()} is used by our kafka (pid {kafka.record().pid})"
    )
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        assert doctor.check_port("port", port).state == "ok"
        other.listen()
        told = doctor.check_port("port", port).told
    assert "is held by" in told and "is used instead" in told
    assert doctor.check_port("port", port).told == f"{port} is free"


def test_a_service_that_does_not_answer_is_one_failed_line(running, monkeypatch):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        monkeypatch.setenv("DATABASE_URL", f"postgresql://lab:x@127.0.0.1:{deaf.getsockname()[1]}/lab")
        settings.cache_clear()
        found = doctor._ask("PostgreSQL", doctor.check_postgres)
    monkeypatch.undo()
    settings.cache_clear()
    assert found.state == "failed"
    assert "\n" not in found.told and "refused" in found.told
    assert "DATABASE_URL" in found.remedy


@pytest.mark.proof
def test_make_doctor_starts_and_stops_what_it_needs(empty_work):
    done = subprocess.run(
        ["make", "--no-print-directory", "doctor", "ARGS=--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
        env=child_environment(),
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert {one["name"] for one in found if one["state"] == "failed"} == set(), found
    assert done.returncode == 0
    assert json.loads((empty_work / "services.json").read_text()) == {}
