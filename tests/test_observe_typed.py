"""Files of text are kept as times and numbers where all rows are: the same comes out as where they are kept as text."""

import pytest
from trace_helpers import TUNED, made_calls, plain, write_csv, write_lines

import roi_xl
from roi_xl.observed import rows as rows_module
from roi_xl.observed import typed as typed_module
from roi_xl.observed.told import as_data

pytestmark = pytest.mark.slow

ROWS = [{**plain(call), "call_id": f"c{place}"} for place, call in enumerate(made_calls(60, 3))]
ODD = {
    "all as usual": {},
    "costs": {"cost": ["n/a", " 0.01 ", "1e999", "", "  ", "inf", "1_000", "0.5."]},
    "tokens": {"input_tokens": ["inf", "1_000", "10.5", "10.", "9" * 30], "output_tokens": ["-3", "7 "]},
    "times": {"time": ["2026-09-01T12:30:15+02:00", "1788265815", "2026-09-02", "", "2026-02-30T10:00:00Z", " 2026"]},
}
WRITE = {"all as usual": ("t.jsonl", write_lines), "times": ("t.jsonl", write_lines)}


def seen(path, **more):
    found = roi_xl.observe(path, "gpt-4o", TUNED, monthly_requests=100_000, **more)
    return as_data(found), found.baseline.draws.values.tolist(), [reject.examples for reject in found.rejects]


@pytest.mark.parametrize("name", ODD)
def test_what_is_typed_means_what_its_text_means(monkeypatch, tmp_path, name):
    """Cells that are odd, behind the rows that are looked at first."""
    monkeypatch.setattr(typed_module, "LOOKED_AT", 10)
    rows = [dict(row) for row in ROWS]
    for column, texts in ODD[name].items():
        for place, text in enumerate(texts, 30):
            rows[place][column] = text
    file, write = WRITE.get(name, ("t.csv", write_csv))
    path = write(tmp_path / file, rows)
    zone = {"time_zone": "Europe/Berlin"} if name == "times" else {}
    expected = seen(path, **zone)
    monkeypatch.setattr(rows_module, "kept_typed", lambda *given: None)
    assert seen(path, **zone) == expected
