import pyarrow as pa

from helpers.desk.card import Beside, Card, Code, Picture, Say, Show

EVIL = "<script>alert('x')</script> & more"


def test_a_card_has_a_plain_and_an_html_form_of_the_same():
    card = Card("Title", [Say("a sentence"), Show("rows", pa.table({"a": [1, None]})), Code("your line", "x < 1")])
    bundle = card._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    for form in bundle.values():
        for part in ("Title", "a sentence", "rows", "NULL", "your line"):
            assert part in form
    assert str(card) == repr(card) == bundle["text/plain"]


def test_whatever_a_user_wrote_is_escaped():
    card = Card(EVIL, [Say(EVIL), Say(EVIL, strong=True), Show(EVIL, pa.table({EVIL: [EVIL]})), Code(EVIL, EVIL)])
    assert "<script" not in card._repr_html_()
    assert EVIL in str(card)


def test_html_sets_no_colour_of_its_own():
    html = Card("t", [Say("s"), Show("r", pa.table({"a": [1]})), Code("c", "x")])._repr_html_()
    assert "background" not in html
    assert "#" not in html


def test_blocks_beside_each_other_keep_their_order_in_both_forms():
    beside = Beside([Code("one", "a < b"), Code("two", "c")])
    assert beside.text().index("one") < beside.text().index("two")
    assert "a &lt; b" in beside.html()
    assert beside.html().count("<pre>") == 2
    assert beside.html().count("flex:1 1 ") == 2, "as wide as half of the page, not as the longest line"


def test_a_picture_is_told_by_its_text_where_nothing_draws_it():
    picture = Picture("flowchart TD", "Scan")
    assert str(picture) == "Scan"
    assert picture._repr_mimebundle_() == {"text/plain": "Scan", "text/vnd.mermaid": "flowchart TD"}
