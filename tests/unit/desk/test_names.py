import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter

from helpers.desk.names import exercises
from helpers.exercises import lessons

NAMES = {one.name for entry in lessons() for one in entry.exercises}


def offered(typed):
    """What TAB offers after this text."""
    completer = IPCompleter(namespace={"exercises": exercises}, use_jedi=False)
    with provisionalcompleter():
        return {one.text.lstrip(".") for one in completer.completions(typed, len(typed))}


def test_tab_shows_every_exercise_and_nothing_else():
    assert NAMES
    assert offered("exercises.") == NAMES


def test_tab_goes_on_from_what_is_typed():
    assert offered("exercises.size_") == {name for name in NAMES if name.startswith("size_")} != set()


def test_a_name_shows_its_task_and_contract():
    assert "def size_class(assets):" in str(exercises.size_class)
    assert all(name in repr(exercises) for name in NAMES)


def test_a_name_that_is_none_is_told_with_the_nearest():
    with pytest.raises(AttributeError, match="size_clas"):
        exercises.size_clas  # noqa: B018
