"""Which commands are there? Each group is one file, loaded when it is named."""

import sys
from importlib import import_module

import click

from leitstand import __version__
from leitstand.domain.errors import translatable

COMMANDS = {
    "demo": translatable("Start with the demo workflow: no key, no network."),
    "init": translatable("Write a new workflow folder that passes check and runs."),
    "check": translatable("Show everything that is wrong with a workflow folder."),
    "run": translatable("Run one case or a file of cases and show what came of them."),
    "serve": translatable("Serve the API and the pages, and work on the cases."),
    "work": translatable("Work on the cases that other processes accept, and serve nothing."),
    "submit": translatable("Submit the rows of a file as cases, resumable, behind all others."),
    "case": translatable("Show a case with its trail, or list cases."),
    "stop": translatable("Stop a case, a workflow, a tenant or all within seconds."),
    "restart": translatable("Let what was stopped go on; two people."),
    "runbook": translatable("Print what to check and to do when something is wrong with a workflow."),
    "export": translatable("Write cases and their events as JSON lines, CSV or Parquet."),
    "release": translatable("Add, list, show and activate releases."),
    "drill": translatable("Break everything around a workflow and see whether it holds."),
    "db": translatable("Look after the tables of the database: status, upgrade, check."),
    "budget": translatable("Show what is spent and held back of each budget."),
    "reconcile": translatable("Compare the recorded cost with a provider's invoice file."),
    "doctor": translatable("Check this machine: disk, clock, database, extensions, providers."),
}


class Commands(click.Group):
    """The commands by name; only the one that was asked for is imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"leitstand.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name; one that does not exist is answered with those that sound like it."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any of them."""
        from leitstand.cli.output import text

        with formatter.section("Commands"):
            formatter.write_dl([(name, text(summary)) for name, summary in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="leitstand")
def commands() -> None:
    """Leitstand takes one narrow LLM workflow from prototype to production and keeps it there."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    from leitstand.cli.output import exit_code_of, show_error
    from leitstand.cli.usage import speak
    from leitstand.domain.errors import LeitstandError

    speak()
    try:
        # without its own mode click returns the code of ctx.exit() instead of leaving with it
        sys.exit(commands.main(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo(file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except LeitstandError as error:
        show_error(error)
        sys.exit(exit_code_of(error))
