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
    keys = {node: key_of(node) for node in nodes}
    members: dict[Key, list[T]] = {}
    for node, key in keys.items():
        members.setdefault(key, []).append(node)
    edges: dict[Key, dict[Key, None]] = {key: {} for key in members}
    for node, key in keys.items():
        edges[key].update(dict.fromkeys(keys[read] for read in reads(node) if read in keys))
    place = {node: number for number, node in enumerate(nodes)}
    for found in in_order(edges, (), edges.__getitem__):
        if len(found) == 1 and found[0] not in edges[found[0]]:
            yield True, members[found[0]]
        else:
            yield False, sorted((node for key in found for node in members[key]), key=place.__getitem__)
