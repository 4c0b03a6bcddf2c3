"""Which cells can be evaluated together?

Cells that share a formula, as long as none of them depends on another, not even by way of
other formulas. What depends on itself so is evaluated cell by cell.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from roi_xl.recalc.order import in_order

Key = Hashable
"""A formula with all its cells, or anything that stands for itself."""

T = TypeVar("T", bound=Hashable)


def in_groups(
    nodes: Sequence[T], key_of: Callable[[T], Key], reads: Callable[[T], Iterable[T]]
) -> Iterator[tuple[bool, list[T]]]:
    """Nodes that are given in an order in which each comes after what it reads, in groups that keep one.

    With each group comes whether its nodes can be evaluated together; else they stand in order.
    """
    members: dict[Key, list[T]] = {}
    for node in nodes:
        members.setdefault(key_of(node), []).append(node)
    edges: dict[Key, dict[Key, None]] = {key: {} for key in members}
    for key, known in members.items():
        for node in known:
            edges[key].update((other, None) for read in reads(node) if (other := key_of(read)) in members)
    place = {node: number for number, node in enumerate(nodes)}
    for keys in in_order(edges, (), edges.__getitem__):
        if len(keys) == 1 and keys[0] not in edges[keys[0]]:
            yield True, members[keys[0]]
        else:
            yield False, sorted((node for key in keys for node in members[key]), key=place.__getitem__)
