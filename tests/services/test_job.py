"""A pipeline's job on real services: due by the clock or by new objects, one at a time, failures told by SNS."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers import services
from helpers.core.errors import LeaseHeld
from helpers.core.settings import ROOT, child_environment, settings
from helpers.pipeline.draft import draft
from helpers.pipeline.job import History, Job, tell, when
from helpers.pipeline.prototype.place import Place
from helpers.pipeline.prototype.sample import sample, truth
from helpers.pipeline.stores import Stores

pytestmark = pytest.mark.services

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
BODY = """
import time
time.sleep(pause)
assert not broken, "the sun does not shine"
"""


@pytest.fixture
def job(running, tmp_path):
    """Called with parameters: the job of a notebook that needs a second, in a place that nobody else has."""
    made = new_notebook(
        metadata=KERNEL,
        cells=[
            new_code_cell('broken = False\npause = 0\nrun_id = ""', metadata={"tags": ["parameters"]}),
            new_code_cell(BODY),
        ],
    )
    notebook = tmp_path / "pipeline.ipynb"
    nbformat.write(made, notebook)
    name = f"roofs_{uuid.uuid4().hex[:8]}"
    said = []

    def make(**parameters):
        topic = f"jobs-{name}"
        one = Job(Place(name), notebook, parameters, keep=2, topic=topic, say=said.append)
        one.said = said
        return one

    return make


def until(one, stop):
    """Let a job's sentences end its service, as Ctrl-C does: where `stop` says so of what it has said."""

    def say(sentence):
        one.said.append(sentence)
        if stop(one.said):
            raise KeyboardInterrupt

    one.say = say
    return one


def ends(said):
    return sum("succeeded after" in one or "failed after" in one for one in said)


def test_a_failed_run_is_kept_with_its_report_and_told_by_sns_and_the_next_one_comes(job):
    one = job(broken=True)
    sns, sqs = services.aws("sns"), services.aws("sqs")
    url = sqs.create_queue(QueueName=one.topic)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=sns.create_topic(Name=one.topic)["TopicArn"], Protocol="sqs", Endpoint=arn)
    with one:
        assert not one.once("asked")
        one.parameters = {}
        assert one.once("asked")
    failed, succeeded = one.history.runs()
    assert (failed.state, succeeded.state) == ("failed", "succeeded")
    report = one.place.runs / failed.run_id / "report.html"
    assert "the sun does not shine" in report.read_text()
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10)["Messages"]
    told = json.loads(message["Body"])
    assert told["Subject"] == f"The job {one.place.name} failed"
    assert "AssertionError: the sun does not shine" in told["Message"]
    assert str(report) in told["Message"]
    assert "\n" not in told["Message"]


def test_a_failure_that_cannot_be_told_is_no_second_failure(running, tmp_path):
    assert "InvalidParameter" in tell.failure("no topic's name!", "roofs", "a", "No sun.", tmp_path)


def test_that_sns_could_not_be_told_stands_on_the_terminal_too(job):
    one = job(broken=True)
    one.topic = "no topic's name!"
    with one:
        assert not one.once("asked")
    (told,) = [sentence for sentence in one.said if "SNS" in sentence]
    assert "no topic's name!" in told
    assert "InvalidParameter" in told


def test_a_new_object_triggers_exactly_one_run(job):
    s3, bucket = services.aws("s3"), f"landing-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)

    def put(*keys):
        for key in keys:
            s3.put_object(Bucket=bucket, Key=key, Body=b"1")

    def stop(said):
        if ends(said) == 1 and "succeeded" in said[-1]:
            # Looked at many times before it comes.
            threading.Timer(1.5, put, ["in/2.jsonl"]).start()
        return ends(said) == 2

    put("in/", "in/1.jsonl", "elsewhere/1.jsonl")
    one = until(job(), stop)
    with one, pytest.raises(KeyboardInterrupt):
        one.serve(when.objects(f"s3://{bucket}/in/", 0.2))
    assert [past.why for past in one.history.runs()] == ["1 new object", "1 new object"]
    # Started again it knows both.
    again = job()
    threading.Timer(1.5, os.kill, [os.getpid(), signal.SIGINT]).start()
    with again, pytest.raises(KeyboardInterrupt):
        again.serve(when.objects(f"s3://{bucket}/in/", 0.2))
    assert len(again.history.runs()) == 2


@pytest.fixture
def prefix():
    """A bucket of its own, and a look at what lies below `in/`."""
    s3, bucket = services.aws("s3"), f"landing-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="in/1.jsonl", Body=b"1")
    return bucket, when.objects(f"s3://{bucket}/in/", 0.2)


def test_an_object_that_is_written_again_is_told(job, prefix):
    bucket, due = prefix
    with job() as one:
        one._due(due)
        assert not any("written again" in sentence for sentence in one.said)
        services.aws("s3").put_object(Bucket=bucket, Key="in/1.jsonl", Body=b"2")
        one._due(due)
    assert [past.why for past in one.history.runs()] == ["1 new object"] * 2
    (told,) = [sentence for sentence in one.said if "written again" in sentence]
    assert "in/1.jsonl" in told
    assert "by its name once" in told


FAILS = """
import json
from pathlib import Path
told = {"stage": "prepare", "cause": "Held by another.", "remedy": "Wait.", "passing": passing}
Path(folder, run_id, "summary.json").write_text(json.dumps({"status": "failed", "error": told}))
raise RuntimeError("as a run does")
"""


@pytest.mark.parametrize("passing", [True, False])
def test_objects_of_a_run_that_failed_for_what_passes_come_again_after_a_pause(job, prefix, passing):
    one = job(passing=passing)
    one.parameters |= {"folder": str(one.place.runs)}
    made = nbformat.read(one.notebook, as_version=4)
    made.cells = [
        new_code_cell('folder = run_id = ""\npassing = True', metadata={"tags": ["parameters"]}),
        new_code_cell(FAILS),
    ]
    nbformat.write(made, one.notebook)
    with one:
        one._due(prefix[1])
        one._due(prefix[1])
        assert len(one.history.runs()) == 1
        # The pause is over.
        one._not_before = 0
        one._due(prefix[1])
    assert len(one.history.runs()) == 1 + passing
    assert any("tried again" in sentence for sentence in one.said) == passing


def test_a_bucket_that_is_not_there_is_told_once(job):
    one = job()
    threading.Timer(3, os.kill, [os.getpid(), signal.SIGINT]).start()
    with one, pytest.raises(KeyboardInterrupt):
        one.serve(when.objects("s3://no-such-bucket-here/in/", 0.2))
    (told,) = [sentence for sentence in one.said if "no-such-bucket-here" in sentence]
    assert "There is no bucket" in told
    assert one.history.runs() == []


@pytest.mark.proof
def test_runs_come_by_the_clock_one_at_a_time_and_only_the_newest_are_kept(job):
    one = until(job(pause=2), lambda said: ends(said) == 3)
    started = time.monotonic()
    with one, pytest.raises(KeyboardInterrupt):
        one.serve(when.every(1 / 60))
    assert time.monotonic() - started > 6
    past, told = one.history.runs(), one.history.journal.events()
    assert [event["state"] for event in told if event["kind"] == "run"] == ["started", "succeeded"] * 3
    kept = {folder.name for folder in one.place.runs.iterdir() if folder.is_dir()}
    assert kept == {run.run_id for run in past[-2:]}
    assert not one.history.alive()


def test_a_second_instance_is_refused_and_told_who_has_it(job):
    with job(), pytest.raises(LeaseHeld, match=r"runs already\. .* is held by .* pid \d+"):
        job().__enter__()


COMMAND = """
import sys
from pathlib import Path
from helpers.pipeline.prototype import place
place.FOLDER = Path(sys.argv.pop(1))
from helpers.__main__ import main
main()
"""


def command(folder, *words):
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(folder), "job", *words],
        cwd=ROOT,
        env=child_environment({"COLUMNS": "200", "PYTHONPATH": str(ROOT)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.proof
def test_killed_in_the_midst_it_is_taken_over_and_ctrl_c_is_clean(job, tmp_path):
    one = job()
    folder = tmp_path / "pipelines"
    (folder / one.place.name).mkdir(parents=True)
    one.notebook.rename(folder / one.place.name / "pipeline.ipynb")
    words = (one.place.name, "--every", "0.02", "-p", "pause=30")
    killed = command(folder, *words)
    assert "runs every 0.02 minutes" in killed.stdout.readline()
    assert "begins" in killed.stdout.readline()
    second = command(folder, one.place.name, "--once")
    _, errors = second.communicate(timeout=120)
    assert (second.returncode, "runs already" in errors) == (1, True)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert [past.state for past in one.history.runs()] == ["cut off"]
    again = command(folder, *words)
    assert "runs every" in again.stdout.readline()
    assert "begins" in again.stdout.readline()
    os.killpg(again.pid, signal.SIGINT)
    _, errors = again.communicate(timeout=120)
    assert again.returncode == 130
    assert "Interrupted" in errors
    assert "Traceback" not in errors
    assert [past.state for past in one.history.runs()] == ["cut off", "interrupted"]
    assert {found.name: found.state for found in services.status()}["s3"] == "ready"


@pytest.mark.proof
def test_a_generated_pipeline_runs_when_an_object_comes_and_sigterm_ends_it_cleanly(fresh, tmp_path):
    name, bucket = f"roofs_{uuid.uuid4().hex[:8]}", settings().landing_bucket
    draft(name, ["s3"], ["delta"], tmp_path / "pipelines")
    address = f"s3://{bucket}/{Place(name).prefix}/"
    process = command(tmp_path / "pipelines", name, "--on", address, "-p", "fill=false")
    assert f"runs new objects in {address}" in process.stdout.readline()
    body = b"\n".join(sample("s3").bodies)
    services.aws("s3").put_object(Bucket=bucket, Key=f"{Place(name).prefix}/new.jsonl", Body=body)
    assert "begins (1 new object)" in process.stdout.readline()
    assert "succeeded after" in process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, "Interrupted" in errors, "Traceback" in errors) == (130, True, False)
    assert [one.state for one in History(Place(name)).runs()] == ["succeeded"]
    assert Stores().lake.rows(f"{Place(name).prefix}/readings") == truth(["s3"])["readings"]
    assert {found.name: found.state for found in services.status()}["s3"] == "ready"
