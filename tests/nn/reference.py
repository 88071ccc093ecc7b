"""Equations 1-16 once more, in float64 NumPy and without torch, written from the paper's text.

Features are (N, T, C, H, W); every convolution takes T for its channels. Weights come in a mapping
by the names of the modules' state_dicts, as float64 arrays.
"""

from collections.abc import Mapping

import numpy as np

Array = np.ndarray
Weights = Mapping[str, Array]


def relu(x: Array) -> Array:
    return np.where(x > 0, x, 0.0)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def softmax_over_frames(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def convolve3d(x: Array, kernel: Array, bias: Array | None = None) -> Array:
    """Zero-padded to keep the size; x (N, I, D, H, W), kernel (O, I, d, h, w) with odd sides."""
    n, _, *size = x.shape
    reach = [side // 2 for side in kernel.shape[2:]]
    padded = np.pad(x, [(0, 0), (0, 0), *((r, r) for r in reach)])
    out = np.zeros((n, kernel.shape[0], *size))
    for a, b, c in np.ndindex(*kernel.shape[2:]):
        seen = padded[:, :, a : a + size[0], b : b + size[1], c : c + size[2]]
        out += np.einsum("oi,nidhw->nodhw", kernel[:, :, a, b, c], seen)
    return out if bias is None else out + bias[:, None, None, None]


def convolve1d(x: Array, kernel: Array, bias: Array) -> Array:
    """Zero-padded to keep the length; x (N, I, L), kernel (O, I, l) with l odd."""
    return convolve3d(x[:, :, None, None], kernel[:, :, None, None], bias)[:, :, 0, 0]


# Spatial difference module


def eq1_front(x: Array) -> Array:
    return x[:, 0 : x.shape[1] // 2]


def eq2_back(x: Array) -> Array:
    return x[:, x.shape[1] // 2 : x.shape[1]]


def eq3_difference(x: Array) -> Array:
    return eq2_back(x) - eq1_front(x)


def max_pool(x: Array) -> Array:
    return x.max(axis=(2, 3, 4), keepdims=True)


def eq4_mlp(x: Array, weights: Weights) -> Array:
    pooled = max_pool(eq3_difference(x))
    hidden = relu(convolve3d(pooled, weights["squeeze.weight"], weights["squeeze.bias"]))
    return convolve3d(hidden, weights["expand.weight"], weights["expand.bias"])


def eq5_mask(x: Array, weights: Weights) -> Array:
    return sigmoid(eq4_mlp(x, weights))


def eq6_sdm(x: Array, weights: Weights, *, combine: str = "residual") -> Array:
    mask = eq5_mask(x, weights)
    rows_of_table_4 = {
        "multiply": mask * x,
        "add": mask + x,
        "residual": x + x * mask,
        "subtract": mask - x,
    }
    return rows_of_table_4[combine]


# Multi-angle temporal attention module


def smlp(pooled: Array, weights: Weights) -> Array:
    hidden = relu(convolve3d(pooled, weights["mlp.0.weight"], weights["mlp.0.bias"]))
    return convolve3d(hidden, weights["mlp.2.weight"], weights["mlp.2.bias"])


def eq7_mask(x: Array, weights: Weights) -> Array:
    return sigmoid(smlp(max_pool(x), weights))


def eq8_average(x: Array) -> Array:
    return x.sum(axis=(2, 3, 4), keepdims=True) / np.prod(x.shape[2:])


def eq9_mask(x: Array, weights: Weights) -> Array:
    return sigmoid(smlp(eq8_average(x), weights))


def eq10_average(x: Array, weights: Weights) -> Array:
    return smlp(eq8_average(x), weights)[:, :, :, 0, 0]


def eq11_maximum(x: Array, weights: Weights) -> Array:
    return smlp(max_pool(x), weights)[:, :, :, 0, 0]


def eq12_mask(x: Array, weights: Weights) -> Array:
    both = np.concatenate([eq10_average(x, weights), eq11_maximum(x, weights)], axis=1)
    return sigmoid(convolve1d(both, weights["joint.weight"], weights["joint.bias"]))[
        ..., None, None
    ]


def eq13_mtam(x: Array, weights: Weights, *, masks: str = "all") -> Array:
    rows_of_table_5 = {
        "max": [eq7_mask],
        "avg": [eq9_mask],
        "max+avg": [eq7_mask, eq9_mask],
        "all": [eq7_mask, eq9_mask, eq12_mask],
    }
    return x + x * sum(mask(x, weights) for mask in rows_of_table_5[masks])


# Adaptive gating module


def eq14_gate(x: Array, weights: Weights) -> Array:
    inner = convolve3d(x, weights["gate.inner.weight"], weights["gate.inner.bias"])
    return convolve3d((x * weights["gate.alpha"]) * inner, weights["gate.outer.weight"])


def eq15_gated(s: Array, t: Array, weights: Weights) -> Array:
    joined = convolve3d(
        np.concatenate([s, t], axis=1), weights["conv1.weight"], weights["conv1.bias"]
    )
    return eq14_gate(softmax_over_frames(joined), weights)


def eq16_agm(s: Array, t: Array, weights: Weights) -> Array:
    gated = eq15_gated(s, t, weights)
    temporal = convolve3d(gated + t, weights["conv2.weight"], weights["conv2.bias"])
    return convolve3d(s + temporal, weights["conv3.weight"], weights["conv3.bias"])
