import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.definition.places import Place, json_lines, line_of, toml_lines

TOML = '''# comment with key = 1
a = 1
b.c = "x # = ["
[t."q.r"]
k = [1, # one
  2, { z = 3 }]
s = """
multi = 1 ""
""""
[[arr]]
n = 1979-05-27 07:32:00 # x
[[arr]]
n = 2
[arr.sub]
u = 'x'
[[arr.deep]]
v = 1
[a-a.a-a]
w = """"quoted""""
x = 1
'''


def places_in(value: object, here: Place = ()) -> set[Place]:
    """Every key and element inside ``value``."""
    pairs = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    found = {here} if here else set()
    for key, inner in pairs:
        found |= places_in(inner, (*here, key))
    return found


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("a",), 2),
        (("b", "c"), 3),
        (("t", "q.r", "k", 1), 6),
        (("t", "q.r", "k", 2, "z"), 6),
        (("t", "q.r", "s"), 7),
        (("arr", 0), 10),
        (("arr", 0, "n"), 11),
        (("arr", 1, "n"), 13),
        (("arr", 1, "sub", "u"), 15),
        (("arr", 1, "deep", 0, "v"), 17),
        (("a-a", "a-a", "w"), 19),
        (("a-a", "a-a", "x"), 20),
        (("arr", 1, "missing"), 12),
        (("missing",), 0),
    ],
)
def test_lines_of_toml(place: Place, line: int):
    assert line_of(toml_lines(TOML), place) == line


def test_every_place_of_the_real_reader_is_found():
    assert places_in(tomllib.loads(TOML)) == set(toml_lines(TOML))


def test_lines_of_json():
    lines = json_lines('{"a": [1,\n {"b\\n":\n null}],\n "c": ""}')
    assert lines == {("a",): 1, ("a", 0): 1, ("a", 1): 2, ("a", 1, "b\n"): 2, ("c",): 4}


KEYS = st.text(st.sampled_from("ab.-\" '#=ä[]{},\n\\"), max_size=4)
SCALARS = st.one_of(st.integers(-9, 9), st.booleans(), KEYS)
TABLES = st.dictionaries(
    KEYS,
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)),
    max_size=4,
)


def inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {inline(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(inline(inner) for inner in value) + "]"
    return json.dumps(value)


def written(table: dict[str, object], path: str = "") -> str:
    """A table in TOML: simple keys first, then tables and lists of tables with headers of their own."""
    simple, nested = "", ""
    for key, value in table.items():
        name = f"{path}{json.dumps(key)}"
        if isinstance(value, dict):
            nested += f"[{name}]\n" + written(value, f"{name}.")
        elif isinstance(value, list) and value and all(isinstance(inner, dict) for inner in value):
            nested += "".join(f"[[{name}]] # {name}\n" + written(inner, f"{name}.") for inner in value)
        else:
            simple += f"{json.dumps(key)} = {inline(value)}\n"
    return simple + nested


@given(TABLES)
def test_any_document_is_walked_as_the_real_reader_walks_it(table: dict[str, object]):
    text = written(table)
    assert tomllib.loads(text) == table
    lines = toml_lines(text)
    assert set(lines) == places_in(table)
    for place, line in lines.items():
        if isinstance(place[-1], str):
            assert json.dumps(place[-1]) in text.split("\n")[line - 1]


@given(TABLES, st.sampled_from([None, 1]))
def test_any_json_is_walked(table: dict[str, object], indent: int | None):
    text = json.dumps(table, indent=indent)
    lines = json_lines(text)
    assert set(lines) == places_in(table)
    for place, line in lines.items():
        if isinstance(place[-1], str):
            assert json.dumps(place[-1]) in text.split("\n")[line - 1]


def test_absurd_nesting_ends_the_scan_and_nothing_else():
    assert json_lines("[" * 100_000)[(0,)] == 1
