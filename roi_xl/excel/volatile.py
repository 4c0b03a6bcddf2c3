"""Which functions give another answer each time?"""

from typing import Any

from roi_xl.excel.registry import register
from roi_xl.excel.values import CannotVectorise


def changing(*arguments: Any) -> Any:
    """The clock and chance: no second evaluation can tell what they gave."""
    raise CannotVectorise("a value that changes with every calculation")


for name, least, most in (("NOW", 0, 0), ("TODAY", 0, 0), ("RAND", 0, 0), ("RANDBETWEEN", 2, 2), ("RANDARRAY", 0, 5)):
    register(name, changing, least=least, most=most, volatile=True)
