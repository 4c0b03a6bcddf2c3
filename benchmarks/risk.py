"""How near is a simulation to the truth: Sobol's sequence and plain draws, at equal count?

The ranges are those of the full template. The truth is taken from a million Sobol draws;
what is shown is the root mean square error over seeds of the mean and of the probability
of a positive present value, and the time of one simulation.
"""

import tempfile
import time
from pathlib import Path

import numpy as np

import roi_xl
from roi_xl.template.risk import ranges_of

COUNTS = (256, 1_024, 4_096, 16_384)
SEEDS = 40
TRUTH = 1_048_576 // 2


def main() -> None:
    """Print one line for each count."""
    with tempfile.TemporaryDirectory() as folder:
        roi_xl.build_template(Path(folder, "full.xlsx"), depth="full")
        ranges = ranges_of(roi_xl.open_model(Path(folder, "full.xlsx")))
    truth = roi_xl.simulate(ranges, TRUTH, 99)
    print("   draws   mean, Sobol     plain   ratio   P(>0), Sobol     plain   ratio      ms")
    for count in COUNTS:
        errors, started = {}, time.perf_counter()
        for plain in (False, True):
            found = [roi_xl.simulate(ranges, count, seed, plain=plain) for seed in range(SEEDS)]
            errors[plain] = (
                rms([one.mean - truth.mean for one in found]),
                rms([one.probability_positive - truth.probability_positive for one in found]),
            )
        each = (time.perf_counter() - started) / SEEDS / 2 * 1_000
        (mean, chance), (plain_mean, plain_chance) = errors[False], errors[True]
        print(
            f"{count:>8,}{mean:>14.2f}{plain_mean:>10.2f}{plain_mean / mean:>8.1f}"
            f"{chance:>15.5f}{plain_chance:>10.5f}{plain_chance / chance:>8.1f}{each:>8.1f}"
        )


def rms(errors: list[float]) -> float:
    """The root mean square."""
    return float(np.sqrt(np.mean(np.square(errors))))


if __name__ == "__main__":
    main()
