from IPython.core.interactiveshell import InteractiveShell

from helpers.desk import bridging, magic


def test_a_cell_is_translated_from_the_dialect_in_its_first_line(monkeypatch) -> None:
    shell = InteractiveShell()
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    monkeypatch.setattr(bridging, "bridge", lambda sql, dialect: (sql, dialect))
    magic.register()
    assert shell.run_cell_magic("bridge", "oracle", "SELECT a FROM t") == ("SELECT a FROM t", "oracle")
    assert shell.run_cell_magic("bridge", "", "SELECT a FROM t") == ("SELECT a FROM t", "spark")
