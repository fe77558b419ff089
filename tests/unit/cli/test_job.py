import pytest
from typer.testing import CliRunner

from helpers import services
from helpers.cli.main import commands
from helpers.core.errors import ServiceError, UserError
from helpers.core.settings import settings
from helpers.pipeline.draft import draft
from helpers.pipeline.job import History
from helpers.pipeline.prototype import place


@pytest.fixture(autouse=True)
def nothing_starts(own_work, tmp_path, monkeypatch):
    monkeypatch.setattr(place, "FOLDER", tmp_path / "pipelines")
    monkeypatch.setattr(services, "ensure", lambda *names: pytest.fail("a service was started"))


def run(*words):
    return CliRunner().invoke(commands, ["job", *words], env={"COLUMNS": "200"})


@pytest.mark.parametrize("words", [["roofs", "--once"], ["run", "roofs", "--once"], ["status", "roofs"]])
def test_a_pipeline_that_is_not_there_is_one_sentence(words):
    with pytest.raises(UserError, match="There is no pipeline 'roofs'; there is none yet"):
        raise run(*words).exception


@pytest.mark.parametrize("words", [[], ["--once", "--every", "5"], ["--cron", "* * * * *", "--on", "s3://a-b/c"]])
def test_a_job_is_due_by_exactly_one_thing(words):
    draft("roofs", ["kafka"], ["delta"])
    with pytest.raises(UserError, match="exactly one of --once"):
        raise run("roofs", *words).exception


def test_read_only_refuses_it(monkeypatch):
    draft("roofs", ["kafka"], ["delta"])
    monkeypatch.setenv("GRIDBRIDGE_READ_ONLY", "1")
    settings.cache_clear()
    with pytest.raises(UserError, match="read-only: it does not run the job roofs"):
        raise run("roofs", "--once").exception


def test_the_list_and_the_status_tell_the_last_runs():
    assert "There is no pipeline yet" in run("list").stdout
    draft("roofs", ["kafka"], ["delta"])
    draft("meters", ["s3"], ["kafka"])
    assert "never ran" in run("status", "roofs").stdout
    history = History(place.Place("roofs"))
    history.begin("every 15 minutes")
    history.run_begins("first", "every 15 minutes")
    history.run_ends("first", "failed", seconds=61.4, cause="The sun does not shine.")
    history.run_begins("second", "every 15 minutes")
    listed = [line.split() for line in run("list").stdout.splitlines()]
    assert listed[1][:3] == ["meters", "–", "not"]
    assert (listed[2][:5], listed[2][-1]) == (["roofs", "every", "15", "minutes", "running"], "running")
    told = run("status", "roofs").stdout
    assert "61  failed   The sun does not shine." in told
    assert "The job roofs runs now" in told
    assert "first" not in run("status", "roofs", "-n", "1").stdout


@pytest.mark.parametrize(("answer", "words"), [(None, "Could not connect"), (403, "Forbidden")])
def test_s3_that_does_not_answer_or_refuses_is_one_sentence(monkeypatch, refusing, answer, words):
    draft("roofs", ["kafka"], ["delta"])
    monkeypatch.setattr(services, "ensure", lambda *names: [])
    monkeypatch.setenv("AWS_ENDPOINT_URL", refusing.address if answer else "http://127.0.0.1:1")
    # Once is enough: what is looked at is the sentence.
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    settings.cache_clear()
    with pytest.raises(ServiceError, match=f"S3 did not give the bucket peak-lake: .*{words}") as told:
        raise run("roofs", "--once").exception
    assert "services status" in told.value.remedy
