"""What does a number count, and how is it shown?"""

import math
from dataclasses import dataclass

EXAMPLE_CURRENCY = "USD"


@dataclass(frozen=True)
class Unit:
    """What a number counts, as people write it, and with how many decimals it is shown.

    So many further `digits` are shown where they are not 0. An `amount` of money has a number
    format of its own, which a workbook shows as the currency does. Above `most` only that it
    is more is shown: a return of 1,000% a year says enough.
    """

    text: str
    decimals: int = 2
    percent: bool = False
    most: float | None = None
    digits: int = 0
    amount: bool = False

    def named(self, currency: str = "currency") -> str:
        """The unit with a currency code in place, such as `EUR / month`."""
        return self.text.format(currency=currency)

    def beside(self) -> str:
        """The unit as it follows a shown number, which has the % sign already.

        >>> FRACTION_PER_YEAR.beside(), CURRENCY_PER_MONTH.beside()
        ('/ year', 'currency / month')
        """
        return self.named().removeprefix("%").strip()

    def shown(self, value: float) -> str:
        """A number as a cell in this unit shows it."""
        if self.most is not None and value > self.most:
            return f">{self.most:,.0%}"
        if self.percent:
            return f"{value:,.{self.decimals}%}"
        text = f"{value:,.{self.decimals + self.digits}f}"
        return text.rstrip("0").ljust(len(text) - self.digits, "0") if self.digits else text

    @property
    def number_format(self) -> str:
        """The number format of a cell in this unit; negative numbers stand in parentheses."""
        fraction = "0" * self.decimals + "#" * self.digits
        shape = "#,##0" + (f".{fraction}" if fraction else "") + ("%" if self.percent else "")
        if self.most is None:
            return f"{shape}_);\\({shape}\\)" if self.amount else f"{shape}_);({shape})"
        return f'[>{self.most:g}]"{self.shown(math.inf)}"_);[<0]({shape});{shape}_)'


CURRENCY = Unit("{currency}", amount=True)
CURRENCY_PER_MONTH = Unit("{currency} / month", amount=True)
CURRENCY_PER_YEAR = Unit("{currency} / year", amount=True)
CURRENCY_PER_HOUR = Unit("{currency} / hour", amount=True)
CURRENCY_PER_REQUEST = Unit("{currency} / request", decimals=4, digits=4)
CURRENCY_PER_MILLION_TOKENS = Unit("{currency} / million tokens")
CURRENCY_OR_HOURS = Unit("hours, or {currency} without a rate")
REQUESTS = Unit("requests", decimals=0)
REQUESTS_PER_MONTH = Unit("requests / month", decimals=0)
REQUESTS_PER_DAY = Unit("requests / user / day")
MONTHS = Unit("months")
WHOLE_MONTHS = Unit("months", decimals=0)
DAYS = Unit("days / month", decimals=0)
USERS = Unit("users", decimals=0)
TOKENS = Unit("tokens / request", decimals=0)
FRACTION = Unit("%", percent=True)
FRACTION_PER_MONTH = Unit("% / month", percent=True)
FRACTION_PER_YEAR = Unit("% / year", percent=True, most=10)
FACTOR = Unit("times")
COUNT = Unit("number", decimals=0)
TOKENS_IN_ALL = Unit("tokens", decimals=0)
WORDS = Unit("text")
DATE = Unit("date", decimals=0)
