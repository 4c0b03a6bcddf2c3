"""Commands for Excel, LibreOffice Calc, xlwings Lite and the hosts that run JavaScript."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import click

from roi_xl.cli.options import FINDINGS
from roi_xl.errors import FileProblem, RoiError


@click.group()
def excel() -> None:
    """The functions in every workbook of Excel on Windows."""


appdata_option = click.option(
    "--appdata",
    type=click.Path(path_type=Path),
    help="The application data folder, instead of the one that Windows reports.",
)


@excel.command("install")
@appdata_option
def excel_install(appdata: Path | None) -> None:
    """Build the add-in for this Python and put it into Excel's start-up folder.

    Nothing of the user's is overwritten. The same code stands beside it as a module, for
    those who may not install add-ins.
    """
    from roi_xl.addins.excel import install, this_place

    place = this_place(appdata)
    install(place)
    click.echo(f"wrote {place.addin}\nwrote {place.vba}\nwrote {place.help}\nstart Excel and type =ROI_PERCENT(")


@excel.command("doctor")
@appdata_option
@click.option("--workbook", type=click.Path(path_type=Path), help="A workbook in which the functions do not work.")
def excel_doctor(appdata: Path | None, workbook: Path | None) -> int:
    """Say what is installed, what is wrong, and how to mend it; exit status 1 if something is."""
    from roi_xl.addins.excel import examine, this_place

    findings = list(examine(this_place(appdata), workbook))
    for finding in findings:
        click.echo(
            f"{'ok ' if finding.well else 'BAD'}  {finding.about}{'' if finding.well else f' -> {finding.mend}'}"
        )
    return 0 if all(finding.well for finding in findings) else FINDINGS


@excel.command("uninstall")
@appdata_option
def excel_uninstall(appdata: Path | None) -> None:
    """Take the add-in out again."""
    from roi_xl.addins.excel import this_place, uninstall

    click.echo("removed" if uninstall(this_place(appdata)) else "there was nothing to remove")


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder to write to; printed by default.")
def lite(output: Path | None) -> None:
    """The main.py and requirements.txt to paste into xlwings Lite."""
    from roi_xl.addins.lite import REQUIREMENTS, main_text

    texts = {"main.py": main_text(), "requirements.txt": REQUIREMENTS}
    if output is not None:
        write_files(output, [(name, text.encode()) for name, text in texts.items()])
        return
    for name, text in texts.items():
        click.echo(f"# {name}\n{text}")


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
@click.option("--url", help="The URL at which the folder will be served; your own machine by default.")
def js(output: Path, url: str | None) -> None:
    """The functions as JavaScript, for programs without Python.

    Writes calculator.html, a page for any browser; an add-in for Excel on Windows, macOS and
    the web (manifest.xml, functions.*); Code.gs for Google Sheets; and onlyoffice.js.
    """
    from roi_xl.addins.javascript import LOCAL, written_files

    write_files(output, written_files(url or LOCAL))


@click.command("calc-addin")
@click.argument("action", type=click.Choice(["build", "install", "remove"]), default="build")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to build it; here by default.")
def calc_addin(action: str, output: Path | None) -> None:
    """The functions for LibreOffice Calc: build the extension, or install or remove it.

    `build` writes roi-xl.oxt, which a double click installs as well.
    """
    from roi_xl.addins import calc

    if action != "build" and output is not None:
        raise RoiError(f"-o goes with build, not with {action}")
    if action == "build":
        calc.build(output or Path(calc.FILE_NAME))
        click.echo(f"wrote {output or calc.FILE_NAME}")
    elif action == "install":
        with tempfile.TemporaryDirectory() as folder:
            calc.build(Path(folder, calc.FILE_NAME))
            calc.install(Path(folder, calc.FILE_NAME))
        click.echo("installed: start LibreOffice Calc and type =ROI_PERCENT(")
    else:
        calc.remove()
        click.echo("removed")


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("."), help="Folder to write to.")
def vba(output: Path) -> None:
    """Write the VBA modules that give desktop Excel real errors with xlwings."""
    from roi_xl.hosts.vba import bridge, wrappers

    texts = {"roi_xl.bas": wrappers(), "roi_xl_bridge.bas": bridge()}
    write_files(output, [(name, text.encode("ascii")) for name, text in texts.items()])


def write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write files into a folder, which is made if it is not there, and say so."""
    from roi_xl.xlsx.atomic import replacing

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileProblem(f"{folder} cannot be made: {error.strerror or error}") from None
    for name, content in files:
        with replacing(folder / name) as file:
            file.write(content)
        click.echo(f"wrote {folder / name}")
