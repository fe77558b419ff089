"""What `gridbridge author new` makes is a lesson that holds as it stands."""

import pytest

from helpers.exercises import lessons
from helpers.exercises.author import prove
from helpers.exercises.draft import draft


@pytest.mark.proof
def test_the_drafted_exercise_is_proved(spark, tmp_path):
    entry = lessons(draft("Time zones", tmp_path).parent)[0]
    found = prove(entry.exercises[0], spark, (1,))
    assert found.problems == ()
    assert found.mutants > 3
