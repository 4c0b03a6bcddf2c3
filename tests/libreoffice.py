"""LibreOffice as a second opinion: open, recalculate, convert."""

import os
import subprocess
from pathlib import Path

ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>{mode}</value></prop></item></oor:items>
"""
RECALCULATE, KEEP = 0, 1


def convert(soffice, path, target_format, folder, mode=KEEP):
    """Convert a workbook; the profile says whether it is recalculated on the way."""
    profile = Path(folder) / f"profile-{mode}"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE.format(mode=mode))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    out = Path(folder) / f"out-{mode}"
    subprocess.run(
        [
            soffice,
            "--headless",
            f"-env:UserInstallation={profile.as_uri()}",
            "--convert-to",
            target_format,
            "--outdir",
            str(out),
            str(path),
        ],
        env={**clean, "HOME": str(profile), "PATH": "/usr/bin:/bin:" + clean.get("PATH", "")},
        check=True,
        capture_output=True,
        timeout=180,
    )
    return out / f"{Path(path).stem}.{target_format}"
