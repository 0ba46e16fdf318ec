"""Floating-point training in numpy whose result does not depend on the machine.

Sums are what makes training differ from one CPU, BLAS or thread count to the next: float addition
is not associative. Here both operands of every matrix product are first rounded to so few bits that
all products and all partial sums are exact in float64; then the order of summation is of no
consequence. What is left are single IEEE operations (add, multiply, divide, square root), the same
everywhere. With a pinned numpy the trained weights are therefore bit-identical on any machine.

Feature maps are [N, H, W, C], so that a convolution's product comes out in place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MANTISSA = 53  # bits float64 adds up without rounding
LN2 = 0.6931471805599453
POOL = 2


def exact_bits(terms: int) -> int:
    """Bits each operand may have so that a sum of ``terms`` products is exact in float64."""
    return (MANTISSA - (terms - 1).bit_length()) // 2


def on_grid(x: np.ndarray, bits: int) -> np.ndarray:
    """Round ``x`` to ``bits`` bits below the leading bit of its largest magnitude."""
    top = float(np.abs(x).max())
    if top == 0.0:
        return x
    step = math.ldexp(1.0, math.frexp(top)[1] - bits)
    out = x * (1.0 / step)  # step is a power of two: both multiplications are exact
    np.rint(out, out=out)
    out *= step
    return out


def exact_matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """``a @ b`` for [M, L] and [L, N], operands rounded so that every partial sum is exact."""
    bits = exact_bits(a.shape[1])
    return on_grid(a, bits) @ on_grid(b, bits)


def exact_sum(x: np.ndarray) -> np.ndarray:
    """Sum of [L, N] over L, to be independent of numpy's order of summation."""
    return on_grid(x, MANTISSA - x.shape[0].bit_length()).sum(axis=0)


def exp_negative(x: np.ndarray) -> np.ndarray:
    """exp(x) for x <= 0 from IEEE operations only; libm's last bit differs between machines."""
    x = np.maximum(x, -60.0)
    power = np.rint(x * (1.0 / LN2))
    rest = x - power * LN2
    out = np.ones_like(x)
    for order in range(12, 0, -1):
        out = 1.0 + out * rest * (1.0 / order)
    return np.ldexp(out, power.astype(np.int32))


def softmax_gradient(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Gradient [N, 10] of the mean cross entropy with respect to the logits [N, 10]."""
    weight = np.rint(exp_negative(logits - logits.max(axis=1, keepdims=True)) * 2.0**40)
    probability = weight / weight.sum(axis=1, keepdims=True)  # integers: the sum is exact
    probability[np.arange(len(labels)), labels] -= 1.0
    return probability * (1.0 / len(labels))


def im2col(x: np.ndarray, kernel: int) -> np.ndarray:
    """[N, H, W, C] to the rows [N*OH*OW, kernel*kernel*C] of a stride 1 convolution."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(1, 2))
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kernel * kernel * x.shape[3])


def col2im(columns: np.ndarray, shape: tuple[int, ...], kernel: int) -> np.ndarray:
    """Add rows of :func:`im2col` back to a feature map of ``shape`` (its transpose)."""
    n, h, w, c = shape
    oh, ow = h - kernel + 1, w - kernel + 1
    columns = columns.reshape(n, oh, ow, kernel, kernel, c)
    out = np.zeros(shape)
    for r in range(kernel):
        for s in range(kernel):
            out[:, r : r + oh, s : s + ow] += columns[:, :, :, r, s]
    return out


def pool_forward(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """2x2 maximum of [N, H, W, C]; also which of the four [N, H/2, W/2, C] was taken."""
    n, h, w, c = x.shape
    parts = x.reshape(n, h // POOL, POOL, w // POOL, POOL, c).transpose(2, 4, 0, 1, 3, 5)
    parts = parts.reshape(POOL * POOL, n, h // POOL, w // POOL, c)
    return parts.max(axis=0), parts.argmax(axis=0)


def pool_backward(grad: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Send each gradient [N, H/2, W/2, C] back to the pixel the maximum came from."""
    n, h, w, c = grad.shape
    out = np.empty((n, h, POOL, w, POOL, c))
    for part in range(POOL * POOL):
        out[:, :, part // POOL, :, part % POOL] = np.where(taken == part, grad, 0.0)
    return out.reshape(n, h * POOL, w * POOL, c)


@dataclass
class Layer:
    """One trainable layer.

    ``weight`` is [kernel*kernel*C, K] for a convolution (rows in the order r, s, c) and [C, K] for
    a fully connected layer (``kernel`` 0). ``mask`` is 1 where a weight lives; ``codes`` is the
    codebook index of each weight once the layer is quantized, and ``book`` the codebook.
    """

    name: str
    kernel: int
    pool: bool
    relu: bool
    weight: np.ndarray
    bias: np.ndarray
    density: float
    mask: np.ndarray = field(init=False)
    codes: np.ndarray | None = None
    book: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Start dense."""
        self.mask = np.ones_like(self.weight)

    def forward(self, x: np.ndarray, keep: dict[str, Any] | None) -> np.ndarray:
        """Output of the layer; with ``keep``, also store what :meth:`backward` needs."""
        if not self.kernel and x.ndim == 4:
            # Channel first, as the hardware flattens a feature map.
            x = x.transpose(0, 3, 1, 2)
            x = x.reshape(len(x), -1)
        shape = x.shape
        rows = len(x) if not self.kernel else len(x) * (x.shape[1] - self.kernel + 1) ** 2
        # The same rounded input serves the forward product and the weight gradient.
        x = on_grid(x, exact_bits(max(rows, len(self.weight))))
        columns = im2col(x, self.kernel) if self.kernel else x
        out = columns @ on_grid(self.weight, exact_bits(len(self.weight))) + self.bias
        if self.kernel:
            side = shape[1] - self.kernel + 1
            out = out.reshape(shape[0], side, side, -1)
        taken = None
        if self.pool:
            out, taken = pool_forward(out)
        if self.relu:
            out = np.maximum(out, 0.0)
        if keep is not None:
            keep.update(columns=columns, shape=shape, taken=taken, out=out)
        return out

    def backward(
        self, grad: np.ndarray, keep: dict[str, Any], first: bool
    ) -> tuple[np.ndarray | None, np.ndarray, np.ndarray]:
        """Gradients of the input (None when ``first``), of the weight and of the bias."""
        if self.relu:
            grad = np.where(keep["out"] > 0.0, grad, 0.0)
        if self.pool:
            grad = pool_backward(grad, keep["taken"])
        grad = grad.reshape(-1, self.weight.shape[1])
        columns = keep["columns"]
        rounded = on_grid(grad, exact_bits(max(grad.shape)))
        weight_grad = (columns.T @ rounded) * self.mask
        bias_grad = exact_sum(grad)
        if first:
            return None, weight_grad, bias_grad
        back = rounded @ on_grid(self.weight, exact_bits(self.weight.shape[1])).T
        if self.kernel:
            back = col2im(back, keep["shape"], self.kernel)
        return back, weight_grad, bias_grad


class Adam:
    """Adam (Kingma and Ba, 2015) over a list of arrays, updated in place."""

    def __init__(self, arrays: list[np.ndarray]) -> None:
        """Optimise ``arrays`` from here on."""
        self.arrays = arrays
        self.mean = [np.zeros_like(a) for a in arrays]
        self.square = [np.zeros_like(a) for a in arrays]
        self.decay = (1.0, 1.0)

    def step(self, grads: list[np.ndarray], rate: float) -> None:
        """Take one step of size ``rate`` against ``grads``."""
        # Repeated products, not powers: pow() is a libm function.
        self.decay = (self.decay[0] * 0.9, self.decay[1] * 0.999)
        mean_scale, square_scale = 1.0 / (1.0 - self.decay[0]), 1.0 / (1.0 - self.decay[1])
        for array, mean, square, grad in zip(
            self.arrays, self.mean, self.square, grads, strict=True
        ):
            mean *= 0.9
            mean += 0.1 * grad
            square *= 0.999
            square += 0.001 * (grad * grad)
            array -= (rate * mean_scale) * mean / (np.sqrt(square * square_scale) + 1e-8)


def forward(layers: list[Layer], x: np.ndarray) -> np.ndarray:
    """Logits [N, 10] of float images [N, 28, 28, 1]."""
    for layer in layers:
        x = layer.forward(x, None)
    return x


def gradients(
    layers: list[Layer], x: np.ndarray, labels: np.ndarray
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Gradients of every weight and of every bias for one batch."""
    kept: list[dict[str, Any]] = [{} for _ in layers]
    for layer, keep in zip(layers, kept, strict=True):
        x = layer.forward(x, keep)
    grad = softmax_gradient(x, labels)
    weights: list[np.ndarray] = []
    biases: list[np.ndarray] = []
    for index in range(len(layers) - 1, -1, -1):
        layer = layers[index]
        below = layers[index - 1] if index else None
        back, weight, bias = layer.backward(grad, kept[index], first=below is None)
        weights.insert(0, weight)
        biases.insert(0, bias)
        if back is not None and below is not None:
            grad = unflatten(back, kept[index - 1]["out"].shape)
    return weights, biases


def unflatten(grad: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Undo the channel-first flattening of a feature map of ``shape`` [N, H, W, C]."""
    if grad.ndim == 2 and len(shape) == 4:
        n, h, w, c = shape
        return grad.reshape(n, c, h, w).transpose(0, 2, 3, 1)
    return grad


def batches(rng: np.random.Generator, count: int, size: int) -> Iterator[np.ndarray]:
    """Indices of the batches of one epoch, in random order; a short last batch is kept."""
    order = rng.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]


def jitter(rng: np.random.Generator, images: np.ndarray) -> np.ndarray:
    """Move each image [N, 28, 28] by up to one pixel each way: 8,000 digits alone are learnt by
    heart."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, images.shape[1:], axis=(1, 2))
    offset = rng.integers(0, 3, size=(len(images), 2))
    return windows[np.arange(len(images)), offset[:, 0], offset[:, 1]]


def accuracy(layers: list[Layer], images: np.ndarray, labels: np.ndarray) -> float:
    """Share of uint8 ``images`` [N, 28, 28] that the float network puts in the right class."""
    right = 0
    for start in range(0, len(images), 250):
        logits = forward(layers, to_float(images[start : start + 250]))
        right += int((logits.argmax(axis=1) == labels[start : start + 250]).sum())
    return right / len(images)


def to_float(images: np.ndarray) -> np.ndarray:
    """uint8 [N, 28, 28] to float [N, 28, 28, 1] in 1/256: a power of two keeps scales exact."""
    return images[..., None] * (1.0 / 256.0)
