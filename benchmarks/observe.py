"""How fast are traces summed up, and in how much memory?

    python benchmarks/observe.py [ROWS [FOLDER [parquet|csv]]]

Rows of Parquet or CSV (10,000,000 if no number is given) are made once by DuckDB: two models,
tokens, costs, failures, 30 days; one row in a hundred is there twice, and one request in nine
has two calls. Then, each in a process of its own: `observe`; the same summary in pandas,
which has to hold all of it; and DuckDB's bare sums, which ask nothing of the rows.
100,000,000 rows are for `observe` and the sums alone. With a folder, the rows are kept
there for the next time. The seconds are those of the processors.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

BASELINE, TUNED = "gpt-4o", "ft:gpt-4o-mini-2024-07-18:acme::a"
MOST_FOR_PANDAS = 20_000_000


def make(path: Path, rows: int) -> None:
    """The rows, a hash of their number deciding everything."""
    import duckdb

    duckdb.execute("SET preserve_insertion_order = false; SET memory_limit = '1500MB'")
    duckdb.execute(
        f"""COPY (SELECT TIMESTAMP '2026-09-01' + to_microseconds(CAST(hash(i) % 2592000000000 AS BIGINT)) AS time,
        CASE WHEN request % 2 = 0 THEN '{BASELINE}' ELSE '{TUNED}' END AS model,
        100 + CAST(hash(i + 1) % 4000 AS BIGINT) AS input_tokens,
        10 + CAST(hash(i + 2) % 800 AS BIGINT) AS output_tokens,
        (100 + CAST(hash(i + 1) % 4000 AS BIGINT)) * CASE WHEN request % 2 = 0 THEN 2.5e-6 ELSE 0.3e-6 END AS cost,
        CASE WHEN hash(i + 3) % 50 = 0 THEN 'error' ELSE 'ok' END AS status,
        'call-' || i AS call_id, 'request-' || request AS request_id
        FROM (SELECT i, i - CAST(i % 10 = 9 AS INT) AS request FROM
        (SELECT row - CAST(row % 100 = 99 AS INT) AS i FROM range({rows}) t(row))))
        TO '{path}' (FORMAT {path.suffix[1:]})"""
    )


def by_observe(path: Path) -> list[float]:
    """Cost per successful request of both models, with everything else that `observe` finds."""
    import roi_xl

    found = roi_xl.observe(path, BASELINE, TUNED)
    return [found.baseline.cost_per_request, found.fine_tuned.cost_per_request]


def by_pandas(path: Path) -> list[float]:
    """The same sums in pandas: by group and length, by hour and length, by class of cost."""
    import numpy as np
    import pandas as pd

    table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    table["time"] = pd.to_datetime(table["time"], format="ISO8601")
    table["success"] = table["status"] != "error"
    table = table.drop_duplicates("call_id").sort_values("time")
    how = {"time": "first", "model": "first", "success": "max", "cost": "sum", "input_tokens": "max"}
    table = table.groupby("request_id", sort=False).agg(how | {"output_tokens": "sum"})
    table["day"] = table["time"].dt.floor("D")
    table["hour"] = table["time"].dt.hour
    table["length"] = pd.cut(table["input_tokens"], [0, *(2**power for power in range(6, 17)), np.inf], right=False)
    table["class"] = pd.cut(table["cost"], [0, *(d * 10.0**p for p in range(-8, 1) for d in (1, 2, 5))], right=False)
    table["group"] = (
        table["time"].astype("int64") // 1_000 % 1_000_003 * 7_919 + table["input_tokens"] * 104_729
    ) % 4_093
    sums = {"cost": "sum", "success": "sum", "input_tokens": "sum", "output_tokens": "sum"}
    for keys in (["model", "length", "group"], ["model", "day", "hour", "length"], ["model", "class"]):
        found = table.groupby(keys, observed=True).agg(sums)
    total = found.groupby("model")[["cost", "success"]].sum()
    return [float(total.loc[model, "cost"] / total.loc[model, "success"]) for model in (BASELINE, TUNED)]


def by_duckdb(path: Path) -> list[float]:
    """Bare sums by model: nothing is checked, no row is there twice, each call is a request."""
    import duckdb

    found = duckdb.sql(
        f"SELECT model, sum(cost) / count(*) FILTER (status = 'ok'), sum(input_tokens), sum(output_tokens), "
        f"min(time), max(time) FROM '{path}' GROUP BY model ORDER BY model DESC"
    ).fetchall()
    return [row[1] for row in found]


def measured(way: str, path: Path) -> tuple[float, float, list[float]]:
    """Seconds, MiB, and what came out, of one way in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, way, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    seconds, mebibytes, *costs = map(float, done.stdout.splitlines()[-1].split()[-4:])
    return seconds, mebibytes, costs


def main() -> None:
    """Print the time and the memory of each way."""
    if len(sys.argv) > 2 and sys.argv[1] in WAYS:
        costs = WAYS[sys.argv[1]](Path(sys.argv[2]))
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1_024, *costs)
        return
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        kind = sys.argv[3] if len(sys.argv) > 3 else "parquet"
        path = Path(sys.argv[2] if len(sys.argv) > 2 else folder) / f"{rows}.{kind}"
        if not path.exists():
            make(path, rows)
        print(f"{rows:,} rows, {path.stat().st_size / 2**20:,.0f} MiB of {kind}")
        ours = 0.0
        for way in WAYS:
            if way == "pandas" and rows > MOST_FOR_PANDAS:
                continue
            seconds, mebibytes, costs = measured(way, path)
            ours = ours or seconds
            print(f"{way}: {seconds:.1f} s, at most {mebibytes:,.0f} MiB; observe takes {ours / seconds:.2f} of it")
            print(f"costs {costs}")


WAYS = {"observe": by_observe, "pandas": by_pandas, "duckdb": by_duckdb}

if __name__ == "__main__":
    main()
