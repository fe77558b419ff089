import re

from helpers.bridge import translate
from tests.bridge.fixtures import pairs


def test_no_comment_is_lost_and_none_is_told_twice() -> None:
    pair = next(one for one in pairs() if one.title == "comments of every clause")
    said = re.findall(r"(?:--|/\*) ([^\n*]*?)(?: \*/)?(?=\n|$)", pair.sql.replace("*/", "*/\n"))
    got = re.findall(r"# (.*)", pair.got())
    assert sorted(got) == sorted(one.strip() for one in said) and len(said) == 12


def test_a_comment_cannot_become_code() -> None:
    code = translate("SELECT a -- x\r\n /* 1\n2 = 3\r4 */ FROM t").code
    compile(code, "bridge", "exec")
    assert "# 2 = 3" in code and "# 4" in code
