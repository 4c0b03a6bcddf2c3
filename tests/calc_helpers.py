"""Ask a real LibreOffice, through the system's own Python, which has `uno`."""

import json
import subprocess
from pathlib import Path

SESSION = Path(__file__).with_name("calc_session.py")
SYSTEM_PYTHON = "/usr/bin/python3"


def session(extension, *steps, **task):
    """What LibreOffice gives for some steps."""
    if extension:
        task["extension"] = str(extension)
    done = subprocess.run(
        [SYSTEM_PYTHON, str(SESSION)],
        input=json.dumps({**task, "steps": steps}),
        capture_output=True,
        text=True,
        timeout=300,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
