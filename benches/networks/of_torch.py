"""The network in PyTorch. Its RMSprop adds epsilon to the root instead of under it, so its weights go their own way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from benches.networks import EPSILON, RHO


def filled(layer: nn.Module, kernel: Tensor, bias: Tensor) -> nn.Module:
    with torch.no_grad():
        layer.weight.copy_(kernel)
        layer.bias.copy_(bias)
    return layer


def dense(kernel: Tensor, bias: Tensor) -> nn.Module:
    """Linear keeps its kernel transposed."""
    return filled(nn.Linear(*kernel.shape), kernel.T, bias)


def convolution(kernel: Tensor, bias: Tensor) -> nn.Module:
    return filled(nn.Conv2d(*kernel.shape[2:], 3), kernel.permute(3, 2, 0, 1), bias)


class Network:
    def __init__(self, weights: Sequence[np.ndarray], optimizer: str, rate: float) -> None:
        self.model = self._made([torch.from_numpy(w.copy()) for w in weights])
        self.loss = nn.CrossEntropyLoss()
        makers = {
            "rmsprop": lambda p: torch.optim.RMSprop(p, rate, alpha=RHO, eps=EPSILON),
            "sgd": lambda p: torch.optim.SGD(p, rate),
        }
        self.optimizer = makers[optimizer](self.model.parameters())

    def _made(self, weights: list[Tensor]) -> nn.Module:
        first, last = (dense(*weights[i : i + 2]) for i in (0, 2))
        return nn.Sequential(first, nn.ReLU(), last)

    def own(self, x: np.ndarray) -> Tensor:
        return torch.from_numpy(x)

    def step(self, x: Tensor, y: Tensor) -> Tensor:
        self.optimizer.zero_grad()
        loss = self.loss(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def epoch(self, x: Tensor, y: Tensor, batch: int) -> Tensor:
        order = torch.randperm(len(x))
        total = torch.zeros(())
        for part in order.split(batch):
            total += self.step(x[part], y[part]) * len(part)
        return total / len(x)

    @torch.inference_mode()
    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.model(x)
        return out

    def predict(self, x: Tensor, batch: int) -> Tensor:
        return torch.cat([self.forward(part) for part in x.split(batch)])


class Convolutional(Network):
    """In one of PyTorch's layouts; its Flatten goes through the channels first in both."""

    def __init__(
        self,
        weights: Sequence[np.ndarray],
        optimizer: str,
        rate: float,
        layout: str = "contiguous_format",
    ) -> None:
        self.layout = getattr(torch, layout)
        super().__init__(weights, optimizer, rate)

    def _made(self, weights: list[Tensor]) -> nn.Module:
        first, second, third = (convolution(*weights[i : i + 2]) for i in (0, 2, 4))
        kernel, bias = weights[6:]
        channels = weights[4].shape[-1]
        last = dense(kernel.reshape(9, channels, -1).transpose(0, 1).reshape(kernel.shape), bias)
        relu, pool = nn.ReLU(), nn.MaxPool2d(2)
        layers = (first, relu, pool, second, relu, pool, third, relu, nn.Flatten(), last)
        return nn.Sequential(*layers).to(memory_format=self.layout)

    def own(self, x: np.ndarray) -> Tensor:
        if x.ndim != 4:
            return torch.from_numpy(x)
        return torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(memory_format=self.layout)
