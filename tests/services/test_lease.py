"""The writer lease against the real S3 service: one holder at a time, whoever dies, pauses or comes second."""

import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from tenacity import retry, stop_after_delay, wait_fixed

from helpers import services
from helpers.core.errors import LeaseHeld, LeaseLost, ServiceError
from helpers.core.settings import ROOT, child_environment
from helpers.pipeline.claim import Claim, read_claim
from helpers.pipeline.lease import Lease

pytestmark = pytest.mark.services

KEY = "_lease/lake.json"
HOLDER = """
import sys
from helpers import services
from helpers.core.errors import GridbridgeError
from helpers.pipeline.lease import Lease
lease = Lease.acquire(services.aws("s3"), sys.argv[1], "lake", "run-child", ttl=float(sys.argv[2]))
print("held", flush=True)
for _ in sys.stdin:
    try:
        lease.check()
        print("ours", flush=True)
    except GridbridgeError as error:
        print(type(error).__name__, error.cause, flush=True)
"""


@pytest.fixture
def s3(running: Any) -> Any:
    return services.aws("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"lake-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def holder(bucket: str) -> Iterator[Any]:
    """Starts a process that holds the lease for a ttl; each line written to it makes it check."""
    children = []

    def start(ttl: float) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-c", HOLDER, bucket, str(ttl)], cwd=ROOT, env=child_environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        children.append(child)
        assert child.stdout and child.stdout.readline() == "held\n"
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()


def says(child: subprocess.Popen[str]) -> str:
    """What the holder finds when it checks."""
    assert child.stdin and child.stdout
    child.stdin.write("check\n")
    child.stdin.flush()
    return child.stdout.readline().strip()


def from_elsewhere(s3: Any, bucket: str, ttl: float, **changes: Any) -> Claim:
    """Writes the lease of a holder on another host that is never renewed."""
    claim = Claim.of_this_process("run-elsewhere", ttl).model_copy(
        update={"host": "elsewhere", "holder": "ann@elsewhere pid 7", "pid": 7, **changes}
    )
    s3.put_object(Bucket=bucket, Key=KEY, Body=claim.model_dump_json().encode())
    return claim


def test_the_second_is_told_who_holds_the_lease_since_when(s3: Any, bucket: str) -> None:
    with Lease.acquire(s3, bucket, "lake", "run-1") as first:
        first.check()
        with pytest.raises(LeaseHeld) as caught:
            Lease.acquire(s3, bucket, "lake", "run-2")
        assert f"pid {os.getpid()} (run run-1) since 20" in caught.value.cause
        assert f"end the process {os.getpid()}" in caught.value.remedy
    with Lease.acquire(s3, bucket, "lake", "run-2") as second:
        assert (first.epoch, second.epoch) == (1, 2)
        stored = json.loads(s3.get_object(Bucket=bucket, Key=KEY)["Body"].read())
        assert stored["run_id"] == "run-2"
        assert stored["pid"] == os.getpid()
    with pytest.raises(LeaseLost, match="released"):
        first.check()


def test_two_names_are_two_leases(s3: Any, bucket: str) -> None:
    with Lease.acquire(s3, bucket, "lake", "run-1"), Lease.acquire(s3, bucket, "other", "run-2") as other:
        other.check()


@pytest.mark.parametrize("left_behind", [False, True], ids=["new", "run out"])
def test_of_many_at_once_exactly_one_wins(s3: Any, bucket: str, left_behind: bool) -> None:
    for turn in range(5):
        name = f"race-{turn}"
        if left_behind:
            Lease.acquire(s3, bucket, name, "run-0").release()
        start, taken, refused = threading.Barrier(8), [], []

        def one(
            number: int, name: str = name, start: Any = start, taken: Any = taken, refused: Any = refused
        ) -> None:
            start.wait()
            try:
                taken.append(Lease.acquire(s3, bucket, name, f"run-{number}"))
            except LeaseHeld as error:
                refused.append(error)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(one, range(8)))
        assert (len(taken), len(refused)) == (1, 7)
        taken[0].check()
        assert taken[0].epoch == (2 if left_behind else 1)
        taken[0].release()


def test_a_killed_holder_of_this_host_is_taken_over_at_once(s3: Any, bucket: str, holder: Any) -> None:
    child = holder(3600)
    with pytest.raises(LeaseHeld):
        Lease.acquire(s3, bucket, "lake", "run-2")
    child.send_signal(signal.SIGKILL)
    child.wait()
    with Lease.acquire(s3, bucket, "lake", "run-2") as lease:
        assert lease.epoch == 2
        lease.check()


def test_a_holder_elsewhere_is_believed_until_its_lease_ran_out(s3: Any, bucket: str) -> None:
    old = from_elsewhere(s3, bucket, ttl=1.0, epoch=7)

    @retry(stop=stop_after_delay(10), wait=wait_fixed(0.3))
    def taken() -> Lease:
        return Lease.acquire(s3, bucket, "lake", "run-2")

    with pytest.raises(LeaseHeld, match=r"ann@elsewhere pid 7 \(run run-elsewhere\)") as caught:
        Lease.acquire(s3, bucket, "lake", "run-2")
    assert "stop it on elsewhere" in caught.value.remedy
    with taken() as lease:
        assert lease.epoch == old.epoch + 1
        lease.check()


def test_a_wrong_clock_of_the_holder_changes_nothing(s3: Any, bucket: str) -> None:
    from_elsewhere(s3, bucket, ttl=60.0, renewed_at=datetime(2001, 1, 1, tzinfo=UTC))
    with pytest.raises(LeaseHeld):
        Lease.acquire(s3, bucket, "lake", "run-2")


def test_a_holder_that_was_paused_finds_its_lease_taken(s3: Any, bucket: str, holder: Any) -> None:
    child = holder(1.5)
    assert says(child) == "ours"
    child.send_signal(signal.SIGSTOP)

    @retry(stop=stop_after_delay(15), wait=wait_fixed(0.3))
    def taken() -> Lease:
        return Lease.acquire(s3, bucket, "lake", "run-2")

    with taken() as lease:
        child.send_signal(signal.SIGCONT)
        assert says(child).startswith("LeaseLost")
        assert says(child).startswith("LeaseLost")
        lease.check()


def test_a_holder_that_was_paused_too_long_gives_up_although_nobody_came(s3: Any, bucket: str, holder: Any) -> None:
    child = holder(1.0)
    child.send_signal(signal.SIGSTOP)

    @retry(stop=stop_after_delay(15), wait=wait_fixed(0.2))
    def ran_out() -> None:
        found = read_claim(s3, bucket, KEY)
        assert found is not None and found.age > 2

    ran_out()
    child.send_signal(signal.SIGCONT)
    assert "stood still" in says(child)


def test_a_lease_is_renewed_longer_than_it_lasts(s3: Any, bucket: str) -> None:
    with Lease.acquire(s3, bucket, "lake", "run-1", ttl=1.0) as lease:
        first = lease.claim.renewed_at

        @retry(stop=stop_after_delay(15), wait=wait_fixed(0.2))
        def outlived() -> None:
            found = read_claim(s3, bucket, KEY)
            assert found is not None and (found.claim.renewed_at - first).total_seconds() > 3

        outlived()
        with pytest.raises(LeaseHeld):
            Lease.acquire(s3, bucket, "lake", "run-2")
        lease.check()


def test_a_lease_taken_by_force_is_lost_and_the_other_one_stays(s3: Any, bucket: str) -> None:
    lease = Lease.acquire(s3, bucket, "lake", "run-1")
    other = from_elsewhere(s3, bucket, ttl=60.0)
    with pytest.raises(LeaseLost, match="taken over by ann@elsewhere"):
        lease.check()
    lease.release()
    found = read_claim(s3, bucket, KEY)
    assert found is not None and found.claim == other


def test_a_lake_made_anew_has_no_lease_of_before(s3: Any, bucket: str) -> None:
    lease = Lease.acquire(s3, bucket, "lake", "run-1")
    s3.delete_object(Bucket=bucket, Key=KEY)
    with pytest.raises(LeaseLost, match="made anew"):
        lease.check()


def test_an_answer_that_got_lost_does_not_lose_the_lease(s3: Any, bucket: str) -> None:
    lease = Lease.acquire(s3, bucket, "lake", "run-1")
    # The service wrote our renewal, but we never heard of it.
    s3.put_object(Bucket=bucket, Key=KEY, Body=lease.claim.model_dump_json(indent=4).encode())
    lease.check()
    lease.release()


def test_a_lease_let_go_of_while_s3_was_away_is_free_for_this_process(s3: Any, bucket: str) -> None:
    lease = Lease.acquire(s3, bucket, "lake", "run-1")
    lease.release()
    # As S3 restores it: what it saved before it heard of the release.
    s3.put_object(Bucket=bucket, Key=KEY, Body=lease.claim.model_dump_json(indent=2).encode())
    Lease.acquire(s3, bucket, "lake", "run-2").release()


def test_what_is_no_lease_is_not_taken(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"a note")
    with pytest.raises(ServiceError, match="is no lease"):
        Lease.acquire(s3, bucket, "lake", "run-1")


def test_no_bucket_is_one_clear_sentence(s3: Any) -> None:
    with pytest.raises(ServiceError, match="did not give the lease lake of the bucket nowhere-at-all"):
        Lease.acquire(s3, "nowhere-at-all", "lake", "run-1")
