"""The line at a terminal: ring it, ask it where a postcode goes, draw it, build what it needs.

Each command lives in a module of its own and is imported only when it is asked for, so that
none waits for what another needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

import click

COMMANDS = {
    "call": "ivr.cli.ring:call",
    "directory": "ivr.cli.directory:directory",
    "fallback": "ivr.cli.show:fallback",
    "graph": "ivr.cli.show:graph",
    "route": "ivr.cli.route:route",
    "run": "ivr.cli.run:run",
}


class Commands(click.Group):
    """The commands of ``ivr``, each imported when first used."""

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


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Press Two: a crisis line that finds the service for where the caller is."""
