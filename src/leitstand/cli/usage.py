"""How does a wrong command line answer in the language of the person? click's own sentences stand in our catalogue."""

import gettext

import click

from leitstand.cli.output import text
from leitstand.settings import spoken_language, tell_gettext
from leitstand.web.translate import DOMAIN, LOCALE


def _(sentence: str) -> str:
    """Mark for the catalogue alone: were ``path`` translatable, it would be so wherever it is a value of a message."""
    return sentence


SENTENCES = (
    _("Error: {message}"),
    _("Try '{command} {option}' for help."),
    _("Missing argument"),
    _("Missing option"),
    _("Missing command."),
    _("Invalid value: {message}"),
    _("Invalid value for {param_hint}: {message}"),
    _("No such option {name!r}."),
    _("No such command {name!r}."),
    _("Option {name!r} does not take a value."),
    _("{value!r} is not a valid {number_type}."),
    _("{value} is not in the range {range}."),
    _("{name} {filename!r} does not exist."),
    _("file"),
    _("directory"),
    _("path"),
)
"""What click says one at a time; those that it counts follow."""


def plural(one: str, many: str) -> tuple[str, str]:
    """Mark a sentence in two forms for the catalogue."""
    return one, many


COUNTED = (
    plural("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    plural("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    plural("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    plural("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
)


def speak() -> None:
    """Let click look its sentences up where ours are."""
    tell_gettext(spoken_language())
    gettext.bindtextdomain(DOMAIN, LOCALE)
    gettext.textdomain(DOMAIN)


def wrong_usage(template: str, **values: object) -> click.UsageError:
    """A mistake in the options, said in the language of the person."""
    return click.UsageError(text(template, **values))
