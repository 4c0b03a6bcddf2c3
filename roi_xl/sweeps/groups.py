"""Which cells can be evaluated together?

Cells that share a formula, as long as none of them depends on another, not even by way of
other formulas. What depends on itself so is evaluated cell by cell.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

Key = Hashable
"""A formula with all its cells, or anything that stands for itself."""

T = TypeVar("T", bound=Hashable)


def in_groups(
    nodes: Sequence[T], key_of: Callable[[T], Key], reads: Callable[[T], Iterable[T]]
) -> Iterator[tuple[bool, list[T]]]:
    """Nodes that are given in an order in which each comes after what it reads, in groups that keep one.

    With each group comes whether its nodes can be evaluated together; else they stand in order.
    """
    keys = {node: key_of(node) for node in nodes}
    members: dict[Key, list[T]] = {}
    for node, key in keys.items():
        members.setdefault(key, []).append(node)
    edges: dict[Key, dict[Key, None]] = {key: {} for key in members}
    for node, key in keys.items():
        edges[key].update(dict.fromkeys(keys[read] for read in reads(node) if read in keys))
    place = {node: number for number, node in enumerate(nodes)}
    for found in components(edges):
        if len(found) == 1 and found[0] not in edges[found[0]]:
            yield True, members[found[0]]
        else:
            yield False, sorted((node for key in found for node in members[key]), key=place.__getitem__)


def components(edges: Mapping[Key, Iterable[Key]]) -> Iterator[list[Key]]:
    """The keys that lead to each other, together; each set after those that it leads to (Tarjan, without recursion).

    >>> list(components({"a": ["b"], "b": ["c"], "c": ["b"], "d": []}))
    [['c', 'b'], ['a'], ['d']]
    """
    search = Search(edges)
    for start in edges:
        if start not in search.number:
            yield from search.found_from(start)


class Search:
    """A search for components: the number of each key that was met, and the lowest one that it leads back to."""

    def __init__(self, edges: Mapping[Key, Iterable[Key]]) -> None:
        self.edges = edges
        self.number: dict[Key, int] = {}
        self.lowest: dict[Key, int] = {}
        self.open: dict[Key, None] = {}
        self.path: list[tuple[Key, Iterator[Key]]] = []

    def found_from(self, start: Key) -> Iterator[list[Key]]:
        """The components that are found from a key on."""
        self.enter(start)
        while self.path:
            key, others = self.path[-1]
            other = next(others, None)
            if other is None:
                yield from self.leave(key)
            elif other not in self.number:
                self.enter(other)
            elif other in self.open:
                self.lowest[key] = min(self.lowest[key], self.number[other])

    def enter(self, key: Key) -> None:
        """Meet a key."""
        self.number[key] = self.lowest[key] = len(self.number)
        self.open[key] = None
        self.path.append((key, iter(self.edges[key])))

    def leave(self, key: Key) -> Iterator[list[Key]]:
        """Leave a key; where it leads back to none before it, those met since are a component."""
        self.path.pop()
        if self.path:
            before = self.path[-1][0]
            self.lowest[before] = min(self.lowest[before], self.lowest[key])
        if self.lowest[key] == self.number[key]:
            yield list(popped_until(self.open, key))


def popped_until(keys: dict[Key, None], last: Key) -> Iterator[Key]:
    """The keys that were added last, up to one of them, taken away."""
    key = None
    while key != last:
        key, _ = keys.popitem()
        yield key
