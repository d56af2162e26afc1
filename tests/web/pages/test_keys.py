"""Does every key mean one thing, on a keyboard with German or English letters?"""

from leitstand.web.pages.keys import Key, collisions, hint_of, keys_of, table


def key(action: str, page: str, stroke: str) -> Key:
    return Key(action=action, page=page, key=stroke, help="Helps")


def test_no_key_means_two_things_on_a_page() -> None:
    assert collisions(table()) == []


def test_collisions_are_noticed_also_with_keys_of_all_pages_and_digits() -> None:
    assert collisions([key("one", "review", "a"), key("two", "review", "a")]) == [("review", "a")]
    assert ("review", "g") in collisions([key("one", "all", "g"), key("two", "review", "g")])
    assert ("review", "3") in collisions([key("one", "review", "1-9"), key("two", "review", "3")])
    assert collisions([key("one", "inbox", "a"), key("two", "review", "a")]) == []


def test_a_sequence_takes_its_first_key() -> None:
    assert ("review", "g") in collisions([key("one", "all", "g i"), key("two", "review", "g")])


def test_keys_need_no_modifier_that_german_keyboards_use_for_characters() -> None:
    assert not [entry for entry in table() if set(entry.key) & set("[]{}@|\\~")]


def test_hints_are_shown_as_they_stand_on_the_keys() -> None:
    assert hint_of("accept").strokes == ("A",)
    assert hint_of("save").strokes == ("Ctrl", "Enter")
    assert hint_of("go_inbox").strokes == ("G", "I")
    assert next(iter(keys_of("review"))).action == "accept"
