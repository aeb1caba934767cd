"""Proofs from the nodes of an RFC 6962 tree, wherever they are kept: only those that a proof needs are asked for.

A *node* (level, index) is the root over the 2^level leaves from index x 2^level on, all of them there. Any other run of
leaves is put together from such nodes. Trees of a draw, held whole in memory, are in `allocation.lottery`.

Source: RFC 9162 (2021), sections 2.1.3.1 (inclusion), 2.1.4.1 and 2.1.4.2 (consistency).
"""

import hmac
from collections.abc import Callable, Sequence
from typing import TypeAlias

from allocation.lottery import node_hash, tree_root

Node: TypeAlias = tuple[int, int]
"""Level and index."""
Run: TypeAlias = tuple[int, int]
"""The first leaf of a run, and the leaf behind its last."""


def nodes_of(run: Run) -> list[Node]:
    """Return the nodes that a run consists of, from left to right, as few as can be."""
    (start, end), found = run, []
    while start < end:
        level = min((start & -start).bit_length() - 1 if start else end.bit_length(), (end - start).bit_length() - 1)
        found.append((level, start >> level))
        start += 1 << level
    return found


def run_hash(run: Run, node: Callable[[Node], bytes]) -> bytes:
    """Return the root over a run of leaves that begins where a tree or one of its halves begins."""
    hashes = [node(one) for one in nodes_of(run)]
    if not hashes:
        return tree_root([])
    joined = hashes.pop()
    while hashes:
        joined = node_hash(hashes.pop(), joined)
    return joined


def inclusion_runs(index: int, size: int) -> list[Run]:
    """Return the runs whose roots prove the leaf ``index`` among ``size``, from its sibling up.

    Raises
    ------
    IndexError
        There is no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(f"no leaf {index} in a tree of {size}")
    start, end, runs = 0, size, []
    while end - start > 1:
        middle = start + _largest_half(end - start)
        runs.append((middle, end) if index < middle else (start, middle))
        start, end = (start, middle) if index < middle else (middle, end)
    return runs[::-1]


def consistency_runs(old: int, size: int) -> list[Run]:
    """Return the runs whose roots prove that a tree of ``size`` leaves begins with the tree of ``old`` leaves.

    Raises
    ------
    IndexError
        The old tree is larger than the new one.
    """
    if not 0 <= old <= size:
        raise IndexError(f"a tree of {size} cannot begin with one of {old}")
    start, end, runs = 0, size, []
    while 0 < old < end:
        middle = start + _largest_half(end - start)
        runs.append((middle, end) if old <= middle else (start, middle))
        start, end = (start, middle) if old <= middle else (middle, end)
    return ([(start, end)] if start and old else []) + runs[::-1]


def is_consistent(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether the proof shows that the tree of ``size`` leaves under ``root`` begins with the old one."""
    if old == 0:
        return not proof and hmac.compare_digest(old_root, tree_root([])) and (size > 0 or root == old_root)
    if old == size:
        return not proof and hmac.compare_digest(old_root, root)
    if not 0 < old < size:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    first, last = old - 1, size - 1
    while first & 1:
        first >>= 1
        last >>= 1
    if not path:
        return False
    of_old = of_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            of_old, of_new = node_hash(sibling, of_old), node_hash(sibling, of_new)
            while first and not first & 1:
                first >>= 1
                last >>= 1
        else:
            of_new = node_hash(of_new, sibling)
        first >>= 1
        last >>= 1
    return last == 0 and hmac.compare_digest(of_old, old_root) and hmac.compare_digest(of_new, root)


def _largest_half(leaves: int) -> int:
    """Return the largest power of two below a number of leaves."""
    return 1 << ((leaves - 1).bit_length() - 1)
