from helpers.exercises.hints import hint
from tests.unit.exercises.sample import exercise


def test_the_ladder_has_a_first_and_a_last_step():
    one = exercise()
    assert [hint(one, number).text for number in (0, 1, 2, 3, 9)] == [one.hints[at] for at in (0, 0, 1, 2, 2)]
    assert (hint(one, 9).number, hint(one, 1).of) == (3, 3)
