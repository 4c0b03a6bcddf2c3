"""Where do the digits of a number stand in a number format?"""

from roi_xl.excel.format_sections import Section


def laid_out(section: Section, point: int, whole: str, decimals: str) -> str:
    """Digits in their places, from the point to both sides."""
    before = [i for i, part in enumerate(section.parts) if part.kind == "digit" and i < point]
    grouped = any(part.kind == "," and before and before[0] < i < before[-1] for i, part in enumerate(section.parts))
    shown_digits = placed_whole(section, before, whole, grouped)
    shown_digits |= placed_decimals(section, point, decimals)
    first = before[0] if before else 0
    pieces = []
    for i, part in enumerate(section.parts):
        if part.kind == "digit":
            pieces.append(shown_digits.get(i, ""))
        elif part.kind == "." and i == point:
            pieces.append(".")
        else:
            shows = part.kind in ("literal", "%") or (part.kind == "," and i < first)
            pieces.append(part.text if shows else "")
    return "".join(pieces)


def placed_whole(section: Section, before: list[int], whole: str, grouped: bool) -> dict[int, str]:
    """The digits before the point: each place takes one, and the first takes the rest."""
    found: dict[int, str] = {}
    left = whole
    count = 0
    for i in reversed(before):
        first = i == before[0]
        digits, left = (left, "") if first else (left[-1:], left[:-1])
        if not digits:
            digits = {"0": "0", "?": " ", "#": ""}[section.parts[i].text]
        text = ""
        for digit in reversed(digits):
            separator = "," if digit.strip() else " "
            text = digit + (separator if grouped and count and count % 3 == 0 else "") + text
            count += 1
        found[i] = text
    return found


def placed_decimals(section: Section, point: int, decimals: str) -> dict[int, str]:
    """The digits after the point; trailing zeros are shown where the format has 0."""
    after = [i for i, part in enumerate(section.parts) if part.kind == "digit" and i > point]
    found: dict[int, str] = {}
    zeros = True
    for i, digit in reversed(list(zip(after, decimals, strict=False))):
        zeros = zeros and digit == "0"
        kind = section.parts[i].text
        found[i] = digit if not zeros or kind == "0" else {"?": " ", "#": ""}[kind]
        zeros = zeros and kind != "0"
    return found
