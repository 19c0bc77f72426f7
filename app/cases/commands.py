"""Commands of the spine."""

import click

COMMANDS: tuple[click.Command, ...] = ()
