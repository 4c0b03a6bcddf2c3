"""How many workbooks of a folder replay to the values that they store?

    python benchmarks/fidelity.py FOLDER

Counts, for every subfolder or common prefix before `@@`, the workbooks that store values:
replayed fully, with cells kept as stored (each named by `roi-xl check`), refused in one
line; and the cells compared and kept.
"""

import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

from roi_xl.errors import RoiError
from roi_xl.recalc.model import open_model


def measured(path: Path) -> Counter[str]:
    """What became of one workbook."""
    try:
        model = open_model(path)
    except RoiError:
        return Counter(refused=1)
    if not model.replay.compared:
        return Counter(empty=1)
    kept = len(model.differences)
    outcome = "partly" if kept else "fully"
    return Counter({outcome: 1, "cells": model.replay.compared, "kept": kept})


def main(folder: Path) -> None:
    """Print a row for each group of workbooks."""
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    start = time.perf_counter()
    for path in sorted(folder.rglob("*.xls[xm]")):
        group = path.name.partition("@@")[0] if "@@" in path.name else str(path.parent.relative_to(folder))
        groups[group] += measured(path)
    print("| workbooks from | replay fully | some cells kept | refused | cells | kept |")
    print("| --- | --- | --- | --- | --- | --- |")
    for group, counts in sorted(groups.items()):
        if counts["fully"] + counts["partly"]:
            row = (counts[name] for name in ("fully", "partly", "refused", "cells", "kept"))
            print(f"| {group} | " + " | ".join(f"{count:,}" for count in row) + " |")
    print(f"\n{sum(groups.values(), Counter())} in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
