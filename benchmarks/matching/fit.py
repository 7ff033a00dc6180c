"""The weights, from lines whose companies are known.

A conditional logistic model: of each line's candidates and "none of them" the right one is to have the largest share.
Newton's method on its likelihood, with a small ridge, which is convex; then a logistic curve over the shares of other
lines, so that of those told 0.9 nine in ten are right; then the lowest threshold at which enough of them are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foxreviews.matching.evidence import FEATURES

Array = npt.NDArray[np.float64]
RIDGE = 2.0
ROUNDS = 60
MIN_PRECISION = (
    0.995  # at the threshold, on lines that the weights were not fitted on: what is promised is 0.99
)
MIN_ACCEPTED = 200


@dataclass(frozen=True)
class Example:
    """The features of a line's candidates, and which is right: -1 where none is."""

    features: Array  # candidates × FEATURES
    right: int


def fit(examples: Sequence[Example]) -> tuple[float, dict[str, float]]:
    """The intercept, and the weight of each feature."""
    matrix = np.concatenate([np.column_stack([np.ones(len(e.features)), e.features]) for e in examples])
    sizes = np.array([len(e.features) for e in examples])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    line_of = np.repeat(np.arange(len(examples)), sizes)
    target = np.zeros(len(matrix))
    for start, example in zip(starts, examples, strict=True):
        if example.right >= 0:
            target[start + example.right] = 1.0
    weights = np.zeros(matrix.shape[1])
    ridge = np.full(matrix.shape[1], RIDGE)
    ridge[0] = 1e-3
    for _ in range(ROUNDS):
        scores = np.clip(matrix @ weights, -30, 30)
        shares = np.exp(scores)
        shares /= 1 + np.bincount(line_of, shares)[line_of]
        gradient = matrix.T @ (target - shares) - ridge * weights
        weighted = matrix * shares[:, None]
        mean = np.zeros((len(examples), matrix.shape[1]))
        np.add.at(mean, line_of, weighted)
        hessian = matrix.T @ weighted - mean.T @ mean + np.diag(ridge)
        step = np.linalg.solve(hessian, gradient)
        weights += step * min(1.0, 5.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-6:
            break
    return float(weights[0]), dict(zip(FEATURES, map(float, weights[1:]), strict=True))


def calibrate(shares: Array, is_right: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """The slope and offset, on the logit, that make shares probabilities."""
    logits = np.log(np.clip(shares, 1e-9, 1 - 1e-9) / np.clip(1 - shares, 1e-9, 1))
    matrix, target = np.column_stack([logits, np.ones(len(logits))]), is_right.astype(float)
    weights = np.array([1.0, 0.0])
    for _ in range(ROUNDS):
        told = 1 / (1 + np.exp(-np.clip(matrix @ weights, -30, 30)))
        hessian = (matrix * (told * (1 - told))[:, None]).T @ matrix + 1e-3 * np.eye(2)
        weights = weights + np.linalg.solve(hessian, matrix.T @ (target - told))
    return float(weights[0]), float(weights[1])


def threshold(confidences: Array, is_right: npt.NDArray[np.bool_]) -> float:
    """The lowest confidence from which on MIN_PRECISION of all are right."""
    order = np.argsort(-confidences, kind="stable")
    precision = np.cumsum(is_right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero((precision >= MIN_PRECISION) & (np.arange(1, len(order) + 1) >= MIN_ACCEPTED))
    return float(confidences[order[enough[-1]]]) if len(enough) else 0.999
