"""Are wrong options of a guard refused with a hint?"""

from collections.abc import Callable

import pytest

from leitstand import plugins
from leitstand.domain.errors import SettingInvalid

GUARDS = ("output_schema", "citations", "facts", "injection")


@pytest.mark.parametrize("name", GUARDS)
def test_each_guard_is_found_by_its_name(name: str) -> None:
    assert plugins.find("guardrails", name)().name == name


@pytest.mark.parametrize("name", GUARDS)
def test_an_unknown_option_is_an_error(name: str) -> None:
    with pytest.raises(SettingInvalid) as failure:
        plugins.find("guardrails", name)(colour="red")
    assert failure.value.values["name"] == f"{name}.colour"


@pytest.mark.parametrize(
    ("name", "given", "hint"),
    [
        ("citations", {"min_suport": 0.5}, "min_support"),
        ("facts", {"name": True}, "names"),
        ("injection", {"inputs": True}, "input"),
    ],
)
def test_a_misspelt_option_is_answered_with_the_right_one(name: str, given: dict[str, object], hint: str) -> None:
    with pytest.raises(SettingInvalid, match=f"Did you mean {hint}"):
        plugins.find("guardrails", name)(**given)


@pytest.mark.parametrize("value", ["high", None, [1]])
def test_an_option_of_the_wrong_type_is_an_error(value: object) -> None:
    make: Callable[..., object] = plugins.find("guardrails", "citations")
    with pytest.raises(SettingInvalid, match="min_support"):
        make(min_support=value)


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_a_support_outside_its_range_is_an_error(value: float) -> None:
    with pytest.raises(SettingInvalid):
        plugins.find("guardrails", "citations")(min_support=value)
