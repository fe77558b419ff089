import helpers.adversary


def test_all_lists_exactly_the_public_names() -> None:
    public = {name for name, value in vars(helpers.adversary).items() if callable(value) and not name.startswith("_")}
    assert public == set(helpers.adversary.__all__)
