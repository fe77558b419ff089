from helpers.bridge.python import ADD, COMPARE, MUL, Py, binary, identifier, quoted


def column(name: str) -> Py:
    return Py(f"F.col({name!r})", name=name)


def test_operands_get_parentheses_where_python_needs_them() -> None:
    total = binary(column("a"), "+", column("b"), ADD)
    assert binary(total, "*", column("c"), MUL).text == "(F.col('a') + F.col('b')) * F.col('c')"
    assert binary(column("c"), "-", total, ADD).text == "F.col('c') - (F.col('a') + F.col('b'))"


def test_comparisons_do_not_chain() -> None:
    one = binary(column("a"), "==", column("b"), COMPARE)
    assert binary(one, "==", column("c"), COMPARE).text == "(F.col('a') == F.col('b')) == F.col('c')"


def test_two_plain_values_become_a_column() -> None:
    assert binary(Py("1", kind="value"), "/", Py("2", kind="value"), MUL).text == "F.lit(1) / 2"
    # A text on the left would be formatted by %, not divided.
    assert binary(Py("'a'", kind="value"), "%", column("b"), MUL).text == "F.lit('a') % F.col('b')"


def test_names() -> None:
    assert [identifier(one) for one in ("a", "a b", "1x", "class", "F")] == ["a", "a_b", "_1x", "class_", "F_"]
    assert [quoted(one) for one in ("a", "a b", "a.b", "`")] == ["a", "a b", "`a.b`", "````"]
