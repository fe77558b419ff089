"""A proof that cannot fail proves nothing: here each of its parts does, on an exercise that needs no service."""

from contextlib import nullcontext
from dataclasses import replace

import pytest

from helpers import services
from helpers.adversary.mutants import Mutant
from helpers.exercises import ServiceExercise, Wrong, author
from helpers.exercises.author import prove
from tests.unit.exercises.sample import exercise

SHORT = "One is missing: count from the first."


def right(numbers):
    return len(numbers)


def also_right(numbers):
    return sum(1 for _ in numbers)


def one_short(numbers):
    return len(numbers) - 1


def only_for_the_first_seed(numbers):
    return 3


def trial(sandbox):
    count = 3 if sandbox.seed == 1 else 4
    sandbox.expect("the count", sandbox.call(numbers=list(range(count))), count, SHORT)


COUNT = ServiceExercise(
    id="sample.count",
    title="Count",
    task="Count the numbers.",
    gives={"numbers": "a list"},
    promises=("The count is right.",),
    services=("s3",),
    trial=trial,
    hints=("a", "b", "c"),
    solutions=(right, also_right),
    wrong=tuple(Wrong(name, one_short, SHORT) for name in "abcd"),
    remember="so",
)


@pytest.fixture(autouse=True)
def no_service(monkeypatch):
    monkeypatch.setattr(services, "ensure", lambda *names: None)


def problems(**changes):
    return prove(replace(COUNT, **changes), None, (1, 2)).problems


def test_a_good_one_has_no_problem():
    assert problems() == ()


def test_a_solution_that_is_wrong_with_one_seed_only_is_named_with_that_seed():
    found = problems(solutions=(right, only_for_the_first_seed))
    assert found == (f"The solution only_for_the_first_seed is different with seed 2: {SHORT}",)


def test_a_wrong_answer_that_is_right_is_named():
    found = problems(wrong=(*COUNT.wrong, Wrong("no mistake at all", right, SHORT)))
    assert found == ("The wrong answer 'no mistake at all' counts as right.",)


def test_a_wrong_answer_with_other_words_is_named():
    found = problems(wrong=(*COUNT.wrong, Wrong("off by one", one_short, "A NULL was counted.")))
    assert found == (f"The wrong answer 'off by one' does not get its words: {SHORT}",)


def test_a_trial_that_looks_at_nothing_of_an_answer_is_found_by_every_wrong_one():
    found = problems(trial=lambda sandbox: sandbox.expect("nothing", 1, 1, SHORT))
    assert len(found) == len(COUNT.wrong)
    assert all("counts as right" in one for one in found)


@pytest.mark.parametrize("mutants", [0, 2])
def test_a_query_of_which_no_mutant_was_killed_is_not_proved(monkeypatch, mutants):
    """All else about it is right, but there is no slip, or Spark refuses each: so no data told anything."""
    slips = [Mutant("column", "SELECT", f"SELECT {at}", f"site_id became {at}") for at in range(mutants)]
    for part, found in {
        "_right": (),
        "_refused": (),
        "variants": (),
        "wrong_outcomes": [[]] * 4,
        "_is_made": False,
        "quick": nullcontext(),
        "mutants": slips,
        "mutant_outcomes": None,
    }.items():
        monkeypatch.setattr(author, part, lambda *asked, found=found: found)
    proof = prove(exercise(), object())
    assert proof.problems == (f"No mutant of the oracle was killed: of {mutants} Spark refused {mutants}.",)
    assert (proof.mutants, proof.killed, proof.refused, proof.score) == (0, 0, mutants, 0.0)
