"""The line at a terminal: ring it, ask it where a postcode goes, draw it, build what it needs.

Each command lives in a module of its own and is imported only when it is asked for, so that
none waits for what another needs.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import cast

import click

COMMANDS = {
    "alarms": "ivr.cli.alarms:alarms",
    "audit": "ivr.cli.audit:audit",
    "call": "ivr.cli.ring:call",
    "callbacks": "ivr.cli.callbacks:callbacks",
    "directory": "ivr.cli.directory:directory",
    "exchange": "ivr.cli.exchange:exchange",
    "fallback": "ivr.cli.show:fallback",
    "graph": "ivr.cli.show:graph",
    "operator": "ivr.cli.operator:operator",
    "probe": "ivr.cli.probe:probe",
    "relay": "ivr.cli.relay:relay",
    "replay": "ivr.cli.replay:replay_command",
    "report": "ivr.cli.report:report",
    "route": "ivr.cli.route:route",
    "run": "ivr.cli.run:run",
    "table": "ivr.cli.table:table",
    "test-calls": "ivr.cli.trials:test_calls",
    "token": "ivr.cli.token:token",
}

TOLD = {
    "ivr.directory": "DirectoryError",
    "ivr.prompts": "PromptError",
    "ivr.routing": "TableError",
    "ivr.settings": "SettingsError",
    "ivr.snapshot": "NothingToServe",
}
"""What an operator can mend by what it says, so that they need not see where it was raised."""

REFUSED = 2
"""The exit status of what could not begin."""


class Commands(click.Group):
    """The commands of ``ivr``, each imported when first used."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what is wrong with what it was given is told, a line for each thing."""
        try:
            return super().invoke(ctx)
        except _told() as wrong:
            click.echo(wrong, err=True)
            sys.exit(REFUSED)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of the commands, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command called ``cmd_name``, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        found = getattr(import_module(module), name)
        return cast("click.Command", found)


def _told() -> tuple[type[Exception], ...]:
    """Those of :data:`TOLD` that can have been raised: of modules that have been imported."""
    return tuple(getattr(sys.modules[name], TOLD[name]) for name in TOLD if name in sys.modules)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Press Two: a crisis line that finds the service for where the caller is."""
