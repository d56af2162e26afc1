"""What stands in the place of a protection of tools, to prove that the drill notices?"""

from dataclasses import replace
from typing import Any

from leitstand.domain.tool import Ruling


def takes_any_name(original: Any) -> Any:
    """An installed release that has a tool for every name."""

    class Tools(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            del default
            return self[name] if name in self else next(iter(self.values()), None)

    def install(*given: Any) -> Any:
        made = original(*given)
        return replace(made, tools=Tools(made.tools))

    return install


def takes_any_arguments(original: Any) -> Any:
    """An installed release whose tools take every object."""

    def install(*given: Any) -> Any:
        made = original(*given)
        return replace(made, tools={name: replace(tool, problems=lambda _: ()) for name, tool in made.tools.items()})

    return install


def calls_at_once(original: Any) -> Any:
    """A rule that lets a tool write because a model says so."""

    def rule(*given: Any, **more: Any) -> Ruling:
        ruling: Ruling = original(*given, **more)
        return Ruling(action="call") if ruling.action == "propose" else ruling

    return rule
