"""What do the commands and examples in the documents print?

A document's blocks run in order in one folder: after a `$` stands a command, with its output
below it; Python examples share their names; a block under `<!-- file: NAME -->` is written to
that file. Commands of `roi-xl` run in processes forked from one that has everything loaded.
"""

import atexit
import contextlib
import doctest
import functools
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import roi_xl

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(?:^<!-- file: (?P<file>\S+) -->\n+)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"^\$ (?P<command>.*)\n(?P<output>(?:(?!\$ ).*\n)*)", re.M)
LOADED = ["roi_xl.cli", "roi_xl.model", "roi_xl.template.build", "roi_xl.observed.observe", "ibis", "scipy.stats"]
STARTS = ("roi-xl template ", "roi-xl observe tests/")
"""Commands that need nothing but the project: the same line on another page is not run again."""


def documents() -> list[str]:
    """Every Markdown document of the project, by its path."""
    pages = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
    others = [ROOT / "benchmarks/README.md", ROOT / "workbook/README.md"]
    return [page.relative_to(ROOT).as_posix() for page in pages + others if "_build" not in page.parts]


def read(name: str) -> str:
    """The text of a file of the project."""
    return (ROOT / name).read_text("utf-8")


def ran(text: str, name: str, folder: Path) -> str:
    """A document as it would be if every output in it were what its commands print now.

    Raises:
        AssertionError: a Python example gives something else.
    """
    names: dict[str, Any] = {"roi_xl": roi_xl}

    def anew(block: re.Match[str]) -> str:
        if block["file"]:
            (folder / block["file"]).write_text(block["text"], "utf-8")
        if block["language"] == "python":
            run_examples(block["text"], names, name, folder)
        if block["language"] != "console":
            return block[0]
        return COMMAND.sub(lambda m: f"$ {m['command']}\n{printed(m['command'], folder)}", block[0])

    return BLOCK.sub(anew, text)


def run_examples(text: str, names: dict[str, Any], name: str, folder: Path) -> None:
    """Run Python examples that may use the names of those before them."""
    example = doctest.DocTestParser().get_doctest(text, names, name, name, 0)
    said: list[str] = []
    with contextlib.chdir(folder):
        failed = doctest.DocTestRunner().run(example, out=said.append, clear_globs=False).failed
    names.update(example.globs)
    assert not failed, "".join(said)


def printed(command: str, folder: Path) -> str:
    """What a terminal in a folder shows for a command."""
    ours, _, then = command.partition(" | ")
    if not ours.startswith("roi-xl "):
        return shell(command, folder)
    output = once(ours, folder) if ours.startswith(STARTS) else forked(ours, folder)
    return shell(then, folder, output) if then else output


def shell(command: str, folder: Path, given: str = "") -> str:
    """What any other program prints."""
    done = subprocess.run(command, shell=True, cwd=folder, input=given, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def once(command: str, folder: Path) -> str:
    """Run a command that needs nothing but the project; copies, if another document did so already."""
    made, output = written(command)
    for path in made.iterdir():
        if not path.is_symlink():
            shutil.copy(path, folder)
    return output


@functools.cache
def written(command: str) -> tuple[Path, str]:
    """A folder with what a command writes, and what it prints."""
    folder = Path(tempfile.mkdtemp(dir=shelf()))
    with_traces(folder)
    return folder, forked(command, folder)


@functools.cache
def shelf() -> str:
    """A folder for as long as this process runs."""
    folder = tempfile.mkdtemp(prefix="roi-xl-documents-")
    atexit.register(shutil.rmtree, folder)
    return folder


def forked(command: str, folder: Path) -> str:
    """Run a command of `roi-xl` in a process of its own; what it prints, stderr included unless it goes to a file."""
    command, _, errors = command.partition(" 2> ")
    with tempfile.TemporaryDirectory() as place:
        output = Path(place, "output")
        arguments = (shlex.split(command)[1:], folder, output, folder / errors if errors else None)
        process = server().Process(target=command_line, args=arguments)
        process.start()
        process.join()
        return output.read_text("utf-8")


@functools.cache
def server() -> ForkServerContext:
    """Where processes come from that have the command loaded."""
    context = get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    return context


def command_line(arguments: list[str], folder: Path, output: Path, errors: Path | None) -> None:
    """What the command does in its own process."""
    from roi_xl.cli import main

    os.chdir(folder)
    for stream, path in ((1, output), (2, errors or output)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    sys.stdout, sys.stderr = (open(stream, "w", encoding="utf-8", buffering=1) for stream in (1, 2))  # noqa: SIM115
    sys.exit(main(arguments))


def refreshed() -> Iterator[tuple[Path, str]]:
    """Every document with commands, with the outputs of today."""
    for name in documents():
        text = read(name)
        if "```console" in text:
            yield ROOT / name, in_a_folder(text, name)


def with_traces(folder: Path) -> None:
    """Let a folder have the project's small exports of traces."""
    (folder / "tests").symlink_to(ROOT / "tests")


def in_a_folder(text: str, name: str) -> str:
    """A document run in an empty folder that has the project's small exports of traces."""
    with tempfile.TemporaryDirectory() as folder:
        with_traces(Path(folder))
        return ran(text, name, Path(folder))
