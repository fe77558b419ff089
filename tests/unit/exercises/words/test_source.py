import ast

from helpers.exercises.words.source import code_words, place


def caught(function):
    try:
        function()
    except Exception as error:
        return place(error)
    raise AssertionError("no error")


def test_the_expression_that_failed_is_found_by_its_place():
    found = caught(lambda: [1, {}["a"] if 1 else (2).__index__("x")])
    assert isinstance(found.node, ast.Subscript)
    assert "found = caught(lambda:" in found.text


def test_of_several_lines_it_is_the_learners_last():
    def deeper():
        raise KeyError

    def answer():
        deeper()

    assert caught(answer).text == "raise KeyError"


def test_code_without_source_has_a_line_but_no_expression():
    code = compile("1 / 0", "<nowhere>", "exec")
    found = caught(lambda: exec(code, {"__name__": "__main__"}))
    assert (found.line, found.node, found.text) == (1, None, "")


def test_an_error_that_was_never_raised_has_no_place():
    assert place(ValueError()) is None


def test_the_words_of_a_line_are_without_literals_and_comments():
    assert code_words("df.where(name != 'a AND b')  # OR not\n") == ("df", ".", "where", "(", "name", "!=", ")")
    assert code_words("df.where((a AND b") == ("df", ".", "where", "(", "(", "a", "AND", "b")
