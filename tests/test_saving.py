"""A file that is replaced: whose it is, what it was, who else has it, and what a crash leaves."""

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from recalc_helpers import MACROS, SHEET, parts, rewrite, values

import roi_xl
from roi_xl.cli import main
from roi_xl.errors import FileProblem
from roi_xl.xlsx import atomic, locks
from roi_xl.xlsx.atomic import replacing
from roi_xl.xlsx.package import read_package

COMMAND = [sys.executable, "-m", "roi_xl"]

pytestmark = pytest.mark.slow
INPUTS = {
    "training_cost": 3_000,
    "monthly_maintenance": 150,
    "baseline_cost_per_request": 0.03,
    "fine_tuned_cost_per_request": 0.01,
    "monthly_requests": 90_000,
    "months": 24,
}


BEFORE = dict(zip(INPUTS, (2_500, 100, 0.02, 0.012, 100_000, 12), strict=True))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A workbook of named inputs, with the months in Inputs!C12, and one formula."""
    path = tmp_path_factory.mktemp("small") / "small.xlsx"
    book = Workbook()
    sheet = book.active
    sheet.title = "Inputs"
    for row, (name, value) in enumerate(BEFORE.items(), start=7):
        sheet[f"C{row}"] = value
        book.defined_names[name] = DefinedName(name, attr_text=f"Inputs!$C${row}")
    sheet["C13"] = "=(C9-C10)*C11*C12"
    book.save(path)
    model = roi_xl.open_model(path)
    model.calculate()
    model.save(path)
    return path


@pytest.fixture
def case(small, tmp_path, monkeypatch):
    """A workbook in an empty folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(small, "case.xlsx")
    return Path("case.xlsx")


@pytest.mark.parametrize("moment", ["lock_soon", "is_still", "keep_attributes", "move_over"])
def test_an_interruption_at_any_step_leaves_no_file_beside(tmp_path, monkeypatch, moment):
    def interrupted(*given):
        raise KeyboardInterrupt

    target = tmp_path / "case.xlsx"
    target.write_bytes(b"whole")
    monkeypatch.setattr(atomic, moment, interrupted)
    with pytest.raises(KeyboardInterrupt), replacing(target) as file:
        file.write(b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["case.xlsx"]
    assert target.read_bytes() == b"whole"


def test_nobody_else_reads_a_file_before_it_has_its_permissions(tmp_path):
    """A new file gets the usual ones of the system, an old one keeps its own."""
    old = tmp_path / "old.xlsx"
    old.write_bytes(b"whole")
    old.chmod(0o640)
    umask = os.umask(0o027)
    try:
        for target in (old, tmp_path / "new.xlsx"):
            with replacing(target) as file:
                assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == 0o600
            assert stat.S_IMODE(target.stat().st_mode) == 0o640
    finally:
        os.umask(umask)


def test_runs_at_once_lose_no_change(case):
    """Whatever the order: a run that says 0 has its change in the file, a run that says 2 has not."""
    runs = {
        name: subprocess.Popen(
            [*COMMAND, "recalc", "case.xlsx", "--set", f"{name}={value}", "--in-place"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name, value in INPUTS.items()
    }
    messages = {name: run.communicate()[1] for name, run in runs.items()}
    found = roi_xl.open_model(case)
    for name, run in runs.items():
        if run.returncode == 0:
            assert found.inputs[name] == INPUTS[name]
        else:
            assert "has changed since it was read" in messages[name]
            assert found.inputs[name] == BEFORE[name]
    assert 0 in {run.returncode for run in runs.values()}
    assert {run.returncode for run in runs.values()} <= {0, 2}
    assert os.listdir() == ["case.xlsx"]


def test_a_file_that_changed_since_it_was_read_is_not_replaced(case):
    model = roi_xl.open_model(case)
    model.calculate(months=24)
    case.write_bytes(b"of someone else")
    with pytest.raises(FileProblem, match="has changed since it was read"):
        model.save(case)
    case.unlink()
    with pytest.raises(FileProblem, match="has changed since it was read"):
        model.save(case)
    assert os.listdir() == []


def test_a_model_is_saved_again_and_again(case):
    model = roi_xl.open_model(case)
    for months in (24, 36):
        model.calculate(months=months)
        model.save(case)
    os.utime(case, (0, 0))  # touched, not changed
    model.save(case)
    assert values(case)["Inputs", "C12"] == 36


def test_whoever_waits_for_a_file_sees_that_it_was_replaced(case, monkeypatch):
    """The lock is on the old file; when it is free, its name belongs to a new one."""
    was = atomic.digest_of(case.read_bytes())

    def replaced_meanwhile(file, path):
        os.replace(shutil.copy(case, "other"), case)

    def written_then_waited():
        with replacing(case, was=was):
            monkeypatch.setattr(atomic, "lock_soon", replaced_meanwhile)

    with pytest.raises(FileProblem, match="has changed since it was read"):
        written_then_waited()


def test_a_lock_of_others_is_waited_for_a_while(case, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE", 0.1)
    with case.open("rb") as held:
        fcntl.flock(held.fileno(), fcntl.LOCK_EX)
        with pytest.raises(FileProblem, match="is locked by another program"), replacing(case) as file:
            file.write(b"new")
    assert os.listdir() == ["case.xlsx"]


def test_a_file_system_without_locks_is_written_as_well(case, monkeypatch):
    def no_locks(*arguments):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    roi_xl.open_model(case).save(case)
    monkeypatch.setitem(sys.modules, "fcntl", None)  # Windows
    roi_xl.open_model(case).save(case)
    assert os.listdir() == ["case.xlsx"]


MARKS = [
    ("~$case.xlsx", bytes([4]) + b"Anna".ljust(54) + b"\x04\x00A\x00n\x00n\x00a\x00", "open in Excel by Anna"),
    (".~lock.case.xlsx#", b",ben,desk,25.11.2026 18:00,file:///home/ben;", "open in LibreOffice by ben"),
    (".~lock.case.xlsx#", b"", r"open in LibreOffice \("),
]


@pytest.mark.parametrize(("name", "mark", "said"), MARKS)
def test_a_workbook_that_is_open_elsewhere_is_named(case, name, mark, said, capsys):
    Path(name).write_bytes(mark)
    model = roi_xl.open_model(case)
    model.calculate(months=24)
    before = case.read_bytes()
    with pytest.raises(FileProblem, match=said):
        model.save(case)
    assert case.read_bytes() == before
    assert main(["recalc", "case.xlsx", "--set", "months=24", "--in-place"]) == 2
    assert main(["recalc", "case.xlsx", "--set", "months=24", "--in-place", "--force"]) == 0
    assert values(case)["Inputs", "C12"] == 24
    assert "--force" in capsys.readouterr().err


def test_libreoffice_itself_leaves_a_mark_that_is_noticed(case, soffice, tmp_path):
    """A real LibreOffice opens the file; as long as it does, the file is left alone."""
    from roi_xl.engines.libreoffice import end, environment

    profile = tmp_path / "profile"
    command = [soffice, "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}"]
    command += ["--accept=pipe,name=roixlsaving;urp;", str(case)]
    process = subprocess.Popen(command, env=environment(), start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            if Path(".~lock.case.xlsx#").exists():
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
        with pytest.raises(FileProblem, match="is open in LibreOffice"):
            roi_xl.open_model(case).save(case)
    finally:
        end(process)


def test_backups_are_never_overwritten(case):
    original = case.read_bytes()
    for months in (24, 36, 48):
        assert main(["recalc", "case.xlsx", "--set", f"months={months}", "--in-place", "--backup"]) == 0
    kept = ["case.xlsx.bak", "case.xlsx.bak2", "case.xlsx.bak3"]
    assert sorted(os.listdir()) == ["case.xlsx", *kept]
    assert Path(kept[0]).read_bytes() == original
    assert [values_of(name)["Inputs", "C12"] for name in kept] == [12, 24, 36]


def values_of(name):
    """The values of a backup, under a name that readers know."""
    copy = Path(shutil.copy(name, "copy.xlsx"))
    try:
        return values(copy)
    finally:
        copy.unlink()


def test_a_backup_without_hard_links_is_a_copy(case, monkeypatch):
    def no_links(*arguments):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    original = case.read_bytes()
    model = roi_xl.open_model(case)
    model.save(case, backup=True)
    model.save(case, backup=True)
    assert Path("case.xlsx.bak").read_bytes() == original
    assert Path("case.xlsx.bak2").exists()


def test_owner_group_mode_and_attributes_stay(case):
    case.chmod(0o660)
    with_attributes = True
    try:
        os.setxattr(case, "user.origin", b"finance")
    except OSError:
        with_attributes = False
    if os.getuid() == 0:
        os.chown(case, 1_234, 2_345)
    before = case.stat()
    roi_xl.open_model(case).save(case)
    after = case.stat()
    assert (after.st_uid, after.st_gid, after.st_mode) == (before.st_uid, before.st_gid, before.st_mode)
    assert stat.S_IMODE(after.st_mode) == 0o660
    assert after.st_mtime_ns >= before.st_mtime_ns
    assert not with_attributes or os.getxattr(case, "user.origin") == b"finance"


@pytest.mark.parametrize(("mode", "group_stays", "written"), [
    (0o660, True, True),  # a shared group: whoever writes, all of it may go on
    (0o660, False, False),  # the group would be locked out
    (0o644, True, False),  # its owner could no longer write
    (0o666, False, True),  # for everyone
])  # fmt: skip
def test_nobody_is_locked_out(case, monkeypatch, mode, group_stays, written):
    """A process that may not give files away: the file of someone else in a group that is shared or not."""
    case.chmod(mode)
    before, real = case.read_bytes(), Path.stat
    group = os.getgid()

    def not_permitted(path, uid, gid):
        if uid != -1 or not group_stays:
            raise PermissionError(errno.EPERM, "Operation not permitted")

    def of_someone_else(self, **how):
        found = real(self, **how)
        if self.name != "case.xlsx":
            return found
        return os.stat_result([*found[:4], os.getuid() + 7, group + (0 if group_stays else 7), *found[6:]])

    monkeypatch.setattr(os, "chown", not_permitted)
    monkeypatch.setattr(Path, "stat", of_someone_else)
    if written:
        with replacing(case) as file:
            file.write(b"new")
        assert case.read_bytes() == b"new"
    else:
        with pytest.raises(FileProblem, match="would change owner or group"), replacing(case) as file:
            file.write(b"new")
        assert case.read_bytes() == before
    monkeypatch.undo()


def test_a_hard_link_is_said(case, capsys):
    os.link(case, "other.xlsx")
    assert main(["recalc", "case.xlsx", "--set", "months=24", "--in-place"]) == 0
    assert "case.xlsx has 1 other hard link, which keeps the old workbook" in capsys.readouterr().err
    assert values("other.xlsx")["Inputs", "C12"] == 12


@pytest.mark.parametrize("name", ["out.pdf", "out.csv", "out.xlsm", "out.xlsb", "out", "out.xlsx.txt"])
def test_a_workbook_is_written_as_the_type_that_it_is(case, name, capsys):
    for command in (["recalc", "case.xlsx", "-o", name], ["add-functions", "case.xlsx", "-o", name]):
        assert main(command) == 2
        assert f"the workbook is an .xlsx file and must be saved as one, got {name}" in capsys.readouterr().err
    assert os.listdir() == ["case.xlsx"]


def test_a_workbook_with_macros_stays_one(tmp_path):
    package = read_package(MACROS)
    for suffix, fits in {".xlsm": True, ".XLSM": True, ".xlsx": False}.items():
        target = tmp_path / f"out{suffix}"
        if fits:
            roi_xl.open_model(MACROS).save(target)
            assert parts(target)["xl/vbaProject.bin"] == package.parts["xl/vbaProject.bin"]
        else:
            with pytest.raises(FileProblem, match=r"is an \.xlsm file"):
                roi_xl.open_model(MACROS).save(target)


@pytest.mark.parametrize("stem", ["模" * 83 + "x", "a" * 250, "é" * 125])
def test_names_as_long_as_a_file_system_takes(case, stem, tmp_path):
    path = case.rename(f"{stem}.xlsx")
    assert len(os.fsencode(path.name)) == 255
    assert main(["recalc", str(path), "--set", "months=24", "--in-place"]) == 0
    assert values(path)["Inputs", "C12"] == 24
    assert os.listdir() == [path.name]


def test_leftovers_of_a_killed_run_are_removed_those_of_a_running_one_stay(case):
    dead, alive = (Path(f".case.xlsx.{digit * 16}.part") for digit in "01")
    others = [Path(".case.xlsx.part"), Path(f".other.xlsx.{'0' * 16}.part"), Path(".case.xlsx.notahexnumber000.part")]
    for path in (dead, alive, *others):
        path.write_bytes(b"half")
    with alive.open("rb") as held:
        fcntl.flock(held.fileno(), fcntl.LOCK_EX)
        roi_xl.open_model(case).save(case)
    assert not dead.exists()
    assert all(path.exists() for path in (alive, *others))


def test_a_new_file_that_is_taken_for_a_leftover_is_made_anew(case, monkeypatch):
    """Between its making and its lock, another run may remove it."""
    names = iter(["0" * 16, "1" * 16])
    monkeypatch.setattr(atomic.secrets, "token_hex", lambda size: next(names))
    real = atomic.lock_soon

    def removed_first(file, path):
        if "0" * 16 in path.name:
            path.unlink()
        real(file, path)

    monkeypatch.setattr(atomic, "lock_soon", removed_first)
    with replacing("new.txt") as file:
        file.write(b"new")
    assert Path("new.txt").read_bytes() == b"new"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(case, method):
    """No workbook is packed so; a corrupt one of lzma asks for gigabytes before it fails."""
    contents = parts(case)
    with zipfile.ZipFile("other.xlsx", "w", method) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    with pytest.raises(FileProblem, match="has an unsupported compression"):
        roi_xl.open_model("other.xlsx")


def test_the_end_of_a_line_is_one_character_as_xml_has_it(tmp_path):
    book = Workbook()
    book.active["A1"], book.active["B1"], book.active["C1"] = 10, "=CHAR(A1)", '="a"&CHAR(13)&B1'
    book.save(tmp_path / "case.xlsx")
    model = roi_xl.open_model(tmp_path / "case.xlsx", strict=True)
    model.calculate()
    model.save(tmp_path / "case.xlsx")
    assert parts(tmp_path / "case.xlsx")[SHEET].count(b"_x000D_") == 1, "a carriage return that XML would lose"
    rewrite(tmp_path / "case.xlsx", lambda found: found | {SHEET: found[SHEET].replace(b"\n</v>", b"\r\n</v>")})
    again = roi_xl.open_model(tmp_path / "case.xlsx", strict=True)
    assert not again.differences
    again.calculate({"Sheet!A1": 65})
    assert again.value(again.find("Sheet!C1")) == "a\rA"
