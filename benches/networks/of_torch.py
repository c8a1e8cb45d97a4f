"""The network in PyTorch. Its RMSprop adds epsilon to the root instead of under it, so its weights go their own way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from benches.networks import EPSILON, RHO


class Network:
    def __init__(self, weights: Sequence[np.ndarray], optimizer: str, rate: float) -> None:
        w1, b1, w2, b2 = (torch.from_numpy(w.copy()) for w in weights)
        first, last = nn.Linear(*w1.shape), nn.Linear(*w2.shape)
        with torch.no_grad():  # Linear keeps its kernel transposed
            for parameter, value in zip(
                (first.weight, first.bias, last.weight, last.bias), (w1.T, b1, w2.T, b2), strict=True
            ):
                parameter.copy_(value)
        self.model = nn.Sequential(first, nn.ReLU(), last)
        self.loss = nn.CrossEntropyLoss()
        makers = {
            "rmsprop": lambda p: torch.optim.RMSprop(p, rate, alpha=RHO, eps=EPSILON),
            "sgd": lambda p: torch.optim.SGD(p, rate),
        }
        self.optimizer = makers[optimizer](self.model.parameters())

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
