"""In which order can cells be evaluated, and which of them form circular references?"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from roi_xl.xlsx.addresses import Address

Group = list[Address]
"""One cell, or the cells of a circular reference, in the order in which a round evaluates them."""

Children = Callable[[Address], Sequence[Address]]


def in_order(outputs: Iterable[Address], given: Iterable[Address], children: Children) -> list[Group]:
    """Every cell that some outputs need but those given, what is read before what reads it.

    Cells that read each other, directly or through others, are one group (Tarjan's algorithm).
    """
    search = Search(children, set(given))
    for output in outputs:
        if output not in search.met and output not in search.done:
            search.walk(output)
    return search.groups


class Search:
    """A depth-first search through what cells read."""

    def __init__(self, children: Children, done: set[Address]) -> None:
        self.children = children
        self.done = done
        self.met: dict[Address, int] = {}
        self.earliest: dict[Address, int] = {}
        self.waiting: list[Address] = []
        self.groups: list[Group] = []

    def walk(self, start: Address) -> None:
        """Search from one cell."""
        path = [self.enter(start)]
        while path:
            place, ahead = path[-1]
            child = next(ahead, None)
            if child is None:
                path.pop()
                self.leave(place)
                if path:
                    self.note(path[-1][0], self.earliest[place])
            elif child in self.done:
                continue
            elif child in self.met:
                self.note(place, self.met[child])
            else:
                path.append(self.enter(child))

    def enter(self, place: Address) -> tuple[Address, Iterator[Address]]:
        """Note a cell that is met for the first time, with what it reads."""
        self.met[place] = self.earliest[place] = len(self.met)
        return place, iter(self.children(place))

    def note(self, place: Address, reached: int) -> None:
        """Note the earliest cell that another one reaches."""
        self.earliest[place] = min(self.earliest[place], reached)

    def leave(self, place: Address) -> None:
        """Everything that a cell reads is known: close its group if no earlier cell belongs to it."""
        self.waiting.append(place)
        if self.earliest[place] < self.met[place]:
            return
        first = len(self.waiting)
        while first and self.met[self.waiting[first - 1]] >= self.met[place]:
            first -= 1
        self.groups.append(self.waiting[first:])
        self.done.update(self.waiting[first:])
        del self.waiting[first:]
