import pytest
from IPython.core.interactiveshell import InteractiveShell

from helpers.core.errors import UserError
from helpers.desk import buttons, clicks, contract
from helpers.desk.card import Card

NAME = "sites_with_urgent_orders"


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, in the order it comes."""
    cards = []
    monkeypatch.setattr("IPython.display.display", cards.append)
    return cards


@pytest.fixture
def notebook(monkeypatch):
    """The variables of a notebook."""
    shell = InteractiveShell.instance()
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    shell.user_ns.pop(NAME, None)
    yield shell.user_ns
    shell.user_ns.pop(NAME, None)


def test_a_row_of_buttons_has_its_plain_text_twin():
    row = buttons(NAME)
    bundle = row._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == str(row)
    for words, button in row.buttons.items():
        assert f"{words:8}  {button.tooltip}" in str(row)


def test_a_click_does_what_the_call_does(shown):
    buttons(NAME).buttons["Contract"].click()
    assert [str(card) for card in shown] == [str(contract(NAME))]


def test_check_takes_the_function_that_the_notebook_has_at_the_click(shown, notebook, monkeypatch):
    judged = []
    monkeypatch.setattr(clicks, "check", lambda answer: judged.append(answer) or Card("judged"))
    row = buttons(NAME)
    row.buttons["Check"].click()
    assert f"no function {NAME} yet" in str(shown[-1])
    notebook[NAME] = len
    row.buttons["Check"].click()
    assert judged == [len]
    assert str(shown[-1]) == "judged"


def test_no_button_can_be_clicked_while_one_is_at_work(shown, monkeypatch):
    states = []
    row = buttons(NAME)
    monkeypatch.setattr("IPython.display.display", lambda card: states.append(row.buttons["Hint"].disabled))
    row.buttons["Contract"].click()
    assert states == [True]
    assert not row.buttons["Hint"].disabled


def test_an_unknown_name_is_refused():
    with pytest.raises(UserError):
        buttons("nothing_of_that_name")
