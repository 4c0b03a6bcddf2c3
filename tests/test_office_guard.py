"""LibreOffice ends with whoever started it, and leaves nothing behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from recalc_helpers import make

SOFFICE = """#!/bin/sh
echo $$ > "$OFFICE_MARK"
sleep 60 &
wait
"""


def is_alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2][:3]


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks at processes as Linux shows them")
def test_a_kill_ends_libreoffice_and_removes_its_profile(tmp_path):
    path = make(tmp_path / "m.xlsx", {"A1": 1, "B1": "=A1+1"})
    (tmp_path / "soffice").write_text(SOFFICE)
    (tmp_path / "soffice").chmod(0o755)
    mark, temporary = tmp_path / "mark", tmp_path / "temporary"
    temporary.mkdir()
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "OFFICE_MARK": str(mark),
        "TMPDIR": str(temporary),
    }
    code = f"import roi_xl; roi_xl.open_model({str(path)!r}, engine='libreoffice')"
    process = subprocess.Popen([sys.executable, "-c", code], env=environment)
    end = time.monotonic() + 15
    while not (mark.exists() and mark.read_text()) and time.monotonic() < end:
        time.sleep(0.05)
    office = int(mark.read_text())
    assert is_alive(office)
    assert any(temporary.iterdir())
    process.kill()
    process.wait()
    while (is_alive(office) or any(temporary.iterdir())) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_alive(office)
    assert not any(temporary.iterdir())
