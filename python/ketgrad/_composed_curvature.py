"""Second derivatives of layers made of others."""

import json
from itertools import pairwise
from typing import Any, NoReturn

import numpy as np

from ketgrad import _core
from ketgrad._layer_curvature import (
    Activation,
    Array,
    Circuit,
    Curvature,
    Dense,
    Document,
    Move,
    Outputs,
    Pulled,
    ScaleShift,
)


class _Chain(Curvature):
    def __init__(self, document: Document) -> None:
        self._layers = [curvature(one) for one in document["layers"]]
        ends = np.cumsum([0, *[layer.n_parameters for layer in self._layers]]).tolist()
        self._parts = [slice(a, b) for a, b in pairwise(ends)]
        self.n_parameters = ends[-1]

    def _moves(self, move: Move) -> tuple[list[Move], Outputs]:
        out, moves = (move.x, move.dx), []
        for layer, part in zip(self._layers, self._parts, strict=True):
            w, dw = move.of(part)
            moves.append(Move(out[0], w, out[1], dw))
            out = layer.push(moves[-1])
        return moves, out

    def push(self, move: Move) -> Outputs:
        return self._moves(move)[1]

    def pull(self, move: Move, g: Array, dg: Array) -> Pulled:
        moved_w = []
        for layer, at in zip(reversed(self._layers), reversed(self._moves(move)[0]), strict=True):
            g, dg, by_w = layer.pull(at, g, dg)
            moved_w.append(by_w)
        return g, dg, np.concatenate(moved_w[::-1], axis=1)


class _Patches(Curvature):
    def __init__(self, document: Document) -> None:
        self._layer = curvature(document["layer"])
        self._windows = document["windows"]
        n = self._layer.n_parameters
        groups = [0] * len(self._windows) if document["shared"] else range(len(self._windows))
        self._parts = [slice(k * n, (k + 1) * n) for k in groups]
        self.n_parameters = max(part.stop for part in self._parts)

    def _moves(self, move: Move) -> list[Move]:
        out = []
        for window, part in zip(self._windows, self._parts, strict=True):
            w, dw = move.of(part)
            out.append(Move(move.x[:, window], w, move.dx[:, window], dw))
        return out

    def push(self, move: Move) -> Outputs:
        of_windows = zip(*[self._layer.push(one) for one in self._moves(move)], strict=True)
        out, moved = (np.concatenate(parts, axis=1) for parts in of_windows)
        return out, moved

    def pull(self, move: Move, g: Array, dg: Array) -> Pulled:
        n = len(self._windows)
        by_x, moved_x, moved_w = (np.zeros_like(a) for a in (move.x, move.x, move.w))
        cotangents = zip(np.split(g, n, axis=1), np.split(dg, n, axis=1), strict=True)
        places = zip(self._windows, self._parts, self._moves(move), cotangents, strict=True)
        for window, part, at, own in places:
            one, moved, by_w = self._layer.pull(at, *own)
            np.add.at(by_x.T, window, one.T)  # a window may see an input twice
            np.add.at(moved_x.T, window, moved.T)
            moved_w[:, part] += by_w
        return by_x, moved_x, moved_w


class _Recurrent(Curvature):
    def __init__(self, document: Document) -> None:
        self._cell = curvature(document["cell"])
        self._n_state, self._n_steps = document["n_state"], document["n_steps"]
        self._all = document["outputs"] == "all"
        self.n_parameters = self._cell.n_parameters

    def _steps(self, move: Move) -> tuple[list[Move], list[Outputs]]:
        moves, outputs = [], []
        state = moving = np.zeros((len(move.x), self._n_state))
        values = zip(*(np.split(a, self._n_steps, axis=1) for a in (move.x, move.dx)), strict=True)
        for x, dx in values:
            x, dx = np.concatenate([x, state], axis=1), np.concatenate([dx, moving], axis=1)
            moves.append(Move(x, move.w, dx, move.dw))
            outputs.append(self._cell.push(moves[-1]))
            state, moving = (a[:, : self._n_state] for a in outputs[-1])
        return moves, outputs

    def push(self, move: Move) -> Outputs:
        _, outputs = self._steps(move)
        read = outputs if self._all else outputs[-1:]
        out, moved = (np.concatenate(parts, axis=1) for parts in zip(*read, strict=True))
        return out, moved

    def pull(self, move: Move, g: Array, dg: Array) -> Pulled:
        moves, outputs = self._steps(move)
        moved_w = np.zeros_like(move.w)
        by_x, moved_x = [], []
        before = np.zeros((2, len(g), self._n_state))  # of the state, through the step after
        for k in reversed(range(self._n_steps)):
            own = np.zeros((2, *outputs[k][0].shape))
            if self._all or k == self._n_steps - 1:
                width = own.shape[2]
                place = k * width if self._all else 0
                own += np.stack([g, dg])[:, :, place : place + width]
            own[:, :, : self._n_state] += before
            by_cell, moved_cell, by_w = self._cell.pull(moves[k], *own)
            moved_w += by_w
            both = np.stack([by_cell, moved_cell])
            before = both[:, :, -self._n_state :]
            by_x.append(both[0, :, : -self._n_state])
            moved_x.append(both[1, :, : -self._n_state])
        return np.concatenate(by_x[::-1], axis=1), np.concatenate(moved_x[::-1], axis=1), moved_w


class _Held(Curvature):
    """A layer whose parameters are the shared, or the held ones of another."""

    def __init__(self, document: Document) -> None:
        self._layer = curvature(document["layer"])
        self._values = np.array(document.get("values", []))
        self._place: Array | None = None
        if document["kind"] == "shared":
            self._place, self.n_parameters = _places(document)

    def _inner_move(self, move: Move) -> Move:
        if self._place is not None:
            return Move(move.x, move.w[:, self._place], move.dx, move.dw[:, self._place])
        w = np.broadcast_to(self._values, (len(move.x), len(self._values)))
        return Move(move.x, w, move.dx, np.zeros_like(w))

    def push(self, move: Move) -> Outputs:
        return self._layer.push(self._inner_move(move))

    def pull(self, move: Move, g: Array, dg: Array) -> Pulled:
        by_x, moved_x, by_w = self._layer.pull(self._inner_move(move), g, dg)
        moved_w = np.zeros_like(move.w)
        if self._place is not None:
            np.add.at(moved_w.T, self._place, by_w.T)
        return by_x, moved_x, moved_w


def _places(document: Document) -> tuple[Array, int]:
    """Find where each parameter of a layer is among those it shares, and how many these are."""
    names = _core.Layer.from_json(json.dumps(document["layer"])).parameter_names
    renamed = []
    for name in names:
        beginnings = [b for b in document["names"] if name.startswith(b)]
        longest = max(beginnings, key=len, default="")
        renamed.append(document["names"].get(longest, "") + name[len(longest) :])
    kept = {name: k for k, name in enumerate(dict.fromkeys(renamed))}
    return np.array([kept[name] for name in renamed], dtype=int), len(kept)


_KINDS: dict[str, type[Any]] = {
    "dense": Dense,
    "scale_shift": ScaleShift,
    "activation": Activation,
    "circuit": Circuit,
    "chain": _Chain,
    "patches": _Patches,
    "recurrent": _Recurrent,
    "shared": _Held,
    "frozen": _Held,
}


def curvature(document: Document) -> Curvature:
    """Make it of what Layer.to_json wrote; NotImplementedError, naming the layer, without one."""
    kind = document["kind"]
    if kind not in _KINDS:
        _refuse(document, "")
    if "shots" in document:
        _refuse(document, " by shots")
    out: Curvature = _KINDS[kind](document)
    return out


def _refuse(document: Document, why: str) -> NoReturn:
    layer = _core.Layer.from_json(json.dumps(document))
    raise NotImplementedError(f"{layer!r}{why} has first derivatives, but no second ones")
