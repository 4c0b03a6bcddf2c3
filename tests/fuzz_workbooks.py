"""Run the command on bent workbooks, each in a process of its own, and say what should not have happened.

    python tests/fuzz_workbooks.py FIRST COUNT SEED.xlsx ...

prints one line of JSON for every case that failed, and the counts of exit statuses at the end.
"""

import contextlib
import importlib
import json
import os
import re
import signal
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

from chances import chance_of
from package_mutations import mutated, packed

LIMITS = {"ROI_XL_MAX_SECONDS": "20", "ROI_XL_MAX_MEMORY_MIB": "1500"}
HANGS = 40
FOREIGN = re.compile(
    r"Traceback|Exception|Error\b(?! on)|NoneType|object is not|has no attribute|(?:list|tuple) index|invalid literal"
    r"|codec can't|to unpack|panicked|Errno|argument of type|not subscriptable|unexpected keyword|\.rs:|\.py\b"
    r"|unhashable|maximum recursion|int too large|Calamine|(?:load|open) failed|could not convert|decompressing"
    r"|substring|0x[0-9a-f]{6,}"
)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
LONGEST_LINE = 1_500


def cell_to_set(contents):
    """A cell with a number, without a formula, in a sheet whose name is known; else A1 of the first."""
    book = contents.get("xl/workbook.xml", b"").decode("utf-8", "replace")
    sheet = re.search(r'<(?:\w+:)?sheet [^<>]*name="([^"&!]+)"', book)
    name = sheet[1] if sheet else "Sheet1"
    data = next((data for part, data in contents.items() if part.endswith("worksheets/sheet1.xml")), b"")
    cell = re.search(rb'<c r="([A-Z]+[0-9]+)"(?: s="[0-9]+")?><v>[0-9.]+</v></c>', data)
    return f"{name}!{cell[1].decode() if cell else 'A1'}"


def commands(place):
    """What is asked of a workbook."""
    given = f"{place}=5"
    return [
        ["check", "in.xlsx"],
        ["check", "in.xlsx", "--json"],
        ["show", "in.xlsx"],
        ["show", "in.xlsx", "--json"],
        ["recalc", "in.xlsx", "-o", "out.xlsx"],
        ["recalc", "in.xlsx", "--set", given, "-o", "out.xlsx"],
        ["recalc", "in.xlsx", "--set", given, "-o", "out.xlsx", "--keep-unknown"],
        ["recalc", "in.xlsx", "--set", given, "--in-place"],
        ["sweep", "in.xlsx", "--grid", f"{place}=1:3:1", "-o", "out.csv"],
        ["unlink", "in.xlsx", "-o", "out.xlsx"],
        ["add-functions", "in.xlsx", "-o", "out.xlsx"],
    ]


def asked(arguments, folder):
    """Run a command in a process of its own; give its status, its output, its seconds."""
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.chdir(folder)
        for name, number in (("stdout", 1), ("stderr", 2)):
            os.dup2(os.open(folder / f".{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.argv = ["roi-xl", *arguments]
        from roi_xl.cli import run

        status = 99
        with contextlib.suppress(BaseException):
            status = run()
            sys.stdout.flush()
        os._exit(status)
    status = waited(child)
    said = [(folder / f".{name}").read_bytes().decode("utf-8", "replace") for name in ("stdout", "stderr")]
    return status, *said, time.monotonic() - start


def waited(child):
    """The exit status of a process; one that hangs is killed and has none."""
    end = time.monotonic() + HANGS
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def faults(arguments, answer, folder, before):
    """What should not have happened."""
    status, out, err, _ = answer
    yield from of_status(status, err.splitlines())
    yield from of_text(out, err)
    if "--json" in arguments and status in (0, 1):
        yield from not_json(out)
    yield from of_files(status, "--in-place" in arguments, folder, before)


def of_status(status, lines):
    """Whether a command hung, ended in an unknown way, or refused in more than one line."""
    if status is None:
        yield "it hung"
    elif status not in (0, 1, 2, 3):
        yield f"exit status {status}"
    if status == 2 and len(lines) != 1:
        yield f"{len(lines)} lines on stderr"
    if max(map(len, lines), default=0) > LONGEST_LINE:
        yield "a line without end"


def of_text(out, err):
    """Whether a message speaks another's language, or holds what a terminal would obey."""
    if found := FOREIGN.search(err):
        yield f"a foreign text: {found[0]}"
    if CONTROL.search(err) or CONTROL.search(out):
        yield "a control character"


def of_files(status, in_place, folder, before):
    """Whether a file is not as it should be."""
    names = set(os.listdir(folder))
    if (folder / "in.xlsx").read_bytes() != before and not (in_place and status == 0):
        yield "the file was changed"
    if status not in (0, 1) and {"out.xlsx", "out.csv"} & names:
        yield "something was written"
    if left := [name for name in names if name.endswith(".part")]:
        yield f"left over: {left}"
    written = folder / ("in.xlsx" if in_place else "out.xlsx")
    if status == 0 and written.exists():
        yield from made_worse(before, written)


def not_json(out):
    """Whether an output is no JSON."""
    try:
        json.loads(out, parse_constant=lambda word: float(word + "!"))
    except ValueError as error:
        yield f"no JSON: {error}"


def made_worse(before, written):
    """Parts that were XML before and are not any more."""
    with zipfile.ZipFile(BytesIO(before)) as old, zipfile.ZipFile(written) as new:
        for name in new.namelist():
            broken = name.endswith((".xml", ".rels")) and not is_xml(new.read(name))
            if broken and (name not in old.namelist() or is_xml(old.read(name))):
                yield f"{name} is no XML any more"


def is_xml(data):
    """Whether a part is well-formed."""
    try:
        ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError):
        return False
    return True


def case(number, seeds):
    """The bytes, the command line of one case, and the seed that it is made of."""
    chance = chance_of("workbook", number)
    path = chance.choice(seeds)
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    arguments = chance.choice(commands(cell_to_set(contents)))
    bent, touched = mutated(contents, chance)
    return packed(bent, chance), arguments, f"{Path(path).name} {sorted(touched)}"


def main(first, count, *seeds):
    """Run some cases."""
    for module in ("numpy", "formualizer", "roi_xl.cli", "roi_xl.recalc.model"):
        importlib.import_module(module)  # once, for all of the processes
    os.environ.update(LIMITS)
    seen, slow = Counter(), []
    with tempfile.TemporaryDirectory() as top:
        for number in range(int(first), int(first) + int(count)):
            folder = Path(top) / str(number)
            folder.mkdir()
            data, arguments, made_of = case(number, seeds)
            (folder / "in.xlsx").write_bytes(data)
            answer = asked(arguments, folder)
            wrong = list(faults(arguments, answer, folder, data))
            seen[answer[0]] += 1
            if answer[3] > 10:
                slow.append((number, round(answer[3], 1)))
            if wrong or os.environ.get("FUZZ_ALL"):
                told = {"case": number, "wrong": wrong, "command": arguments, "of": made_of, "status": answer[0]}
                print(json.dumps({**told, "stderr": answer[2][-600:], "s": round(answer[3], 1)}), flush=True)
            for path in folder.iterdir():
                if path.is_file():
                    path.unlink()
    print(json.dumps({"cases": int(count), "statuses": {str(k): v for k, v in seen.items()}, "slow": slow}))


if __name__ == "__main__":
    main(*sys.argv[1:])
