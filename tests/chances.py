"""Random choices: the same in each run, others with ROI_XL_SEED; and what went wrong in any of many cases."""

import contextlib
import os
import random
import traceback

from roi_xl.errors import RoiError

SEED = int(os.environ.get("ROI_XL_SEED", "0"))


def chance_of(*what):
    """The random choices of one case."""
    return random.Random(" ".join(map(str, (SEED, *what))))


@contextlib.contextmanager
def noted(wrong, *what):
    """Note a fault of a case in a list, so that the other cases are tried too; an answer or a refusal is none."""
    try:
        yield
    except RoiError:
        pass
    except BaseException as error:  # a panic of the engine is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        wrong.append(f"{what}: {traceback.format_exc(limit=-2)}")
