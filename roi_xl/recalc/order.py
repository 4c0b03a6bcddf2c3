"""In which order can cells be evaluated, and which of them form circular references?"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


def in_order(wanted: Iterable[T], given: Iterable[T], read: Callable[[T], Iterable[T]]) -> list[list[T]]:
    """Everything that is needed but what is given, what is read before what reads it.

    Those that read each other, directly or through others, are one group (Tarjan's algorithm, without recursion);
    in a group, each comes after what it reads as far as that is possible.

    >>> in_order("ad", "", {"a": "b", "b": "c", "c": "b", "d": ""}.__getitem__)
    [['c', 'b'], ['a'], ['d']]
    """
    search = Search(read, set(given))
    for one in wanted:
        if one not in search.done:
            search.walk(one)
    return search.groups


class Search(Generic[T]):
    """A depth-first search through what is read."""

    def __init__(self, read: Callable[[T], Iterable[T]], done: set[T]) -> None:
        self.read = read
        self.done = done
        self.met: dict[T, int] = {}
        self.earliest: dict[T, int] = {}
        self.waiting: list[T] = []
        self.groups: list[list[T]] = []

    def walk(self, start: T) -> None:
        """Search from one on."""
        path = [self.enter(start)]
        while path:
            one, ahead = path[-1]
            other = next(ahead, None)
            if other is None:
                path.pop()
                self.leave(one)
                if path:
                    self.note(path[-1][0], self.earliest[one])
            elif other in self.done:
                continue
            elif other in self.met:
                self.note(one, self.met[other])
            else:
                path.append(self.enter(other))

    def enter(self, one: T) -> tuple[T, Iterator[T]]:
        """Note one that is met for the first time, with what it reads."""
        self.met[one] = self.earliest[one] = len(self.met)
        return one, iter(self.read(one))

    def note(self, one: T, reached: int) -> None:
        """Note the earliest that another one reaches."""
        self.earliest[one] = min(self.earliest[one], reached)

    def leave(self, one: T) -> None:
        """Everything that one reads is known: close its group if none before it belongs to that."""
        self.waiting.append(one)
        if self.earliest[one] < self.met[one]:
            return
        first = len(self.waiting)
        while first and self.met[self.waiting[first - 1]] >= self.met[one]:
            first -= 1
        self.groups.append(self.waiting[first:])
        self.done.update(self.waiting[first:])
        del self.waiting[first:]
