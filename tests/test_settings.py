"""Does every setting come from where it is said to come, and is nonsense refused by name?"""

from pathlib import Path

import pytest

from leitstand.domain.errors import ExtensionMissing, SettingInvalid
from leitstand.plugins import GROUPS, find, names
from leitstand.settings import Settings, read_settings, spoken_language


def test_the_defaults_need_no_environment() -> None:
    assert read_settings({}) == Settings()


def test_an_option_wins_over_the_environment() -> None:
    environment = {"LEITSTAND_PORT": "9000", "LEITSTAND_DATA": "/srv/leitstand"}
    settings = read_settings(environment, port=9001, data=None)
    assert (settings.port, settings.data) == (9001, Path("/srv/leitstand"))


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("LEITSTAND_PORT", "many", "0 to 65535"),
        ("LEITSTAND_PORT", "70000", "0 to 65535"),
        ("LEITSTAND_PORT", "-1", "0 to 65535"),
        ("LEITSTAND_PORT", "٣", "0 to 65535"),
        ("LEITSTAND_HOST", "0.0.0.0", "loopback|this machine"),
        ("LEITSTAND_LANGUAGE", "fr", "de or en"),
        ("LEITSTAND_LOG_LEVEL", "loud", "debug, info"),
        ("LEITSTAND_PROT", "1", "LEITSTAND_PORT"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_repair(name: str, value: str, named: str) -> None:
    with pytest.raises(SettingInvalid, match=named) as caught:
        read_settings({name: value})
    assert value in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LEITSTAND_LANGUAGE": "en"}, "en"),
        ({"LC_ALL": "C"}, "en"),
    ],
)
def test_the_language_of_the_command_line(environment: dict[str, str], language: str) -> None:
    assert spoken_language(environment) == language


def test_every_group_has_extensions_and_each_can_be_loaded() -> None:
    for group in GROUPS:
        assert names(group), group
        assert all(callable(find(group, name)) for name in names(group))


def test_an_unknown_extension_names_the_known() -> None:
    with pytest.raises(ExtensionMissing, match="sqlite"):
        find("retrievers", "sqlight")
