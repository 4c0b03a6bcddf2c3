"""The command that lets an agent ask."""

from pathlib import Path

import click

from roi_xl.errors import NotInstalled


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    required=True,
    help="The folder that tools may read, and write in when told to.",
)
def mcp(folder: Path) -> None:
    """Serve tools to an agent over stdin and stdout (Model Context Protocol).

    An MCP client starts this command; it ends when its stdin is closed. Needs the extra mcp:
    pip install 'roi-xl[mcp]'.
    """
    try:
        from roi_xl.mcp.server import serve
    except ImportError:
        raise NotInstalled("the server for agents needs the MCP SDK: pip install 'roi-xl[mcp]'") from None

    serve(folder)
