import pytest

from helpers.desk.playground.broker import readable


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (None, None),
        (b"", ""),
        (b'{"a": 1}', '{"a": 1}'),
        (b"\xff\x00", "0xff00"),
        ("é".encode() * 200, "é" * 200),
        (b"a" + "é".encode() * 1000, "a" + "é" * 199 + "…"),
        (b"x" * 5_000_000, "x" * 200 + "…"),
    ],
    ids=["tombstone", "empty", "text", "binary", "just fits", "cut in a character", "large"],
)
def test_a_body_is_shown_as_text_where_it_is_one(body, shown):
    assert readable(body) == shown
