"""Models in PyTorch: a matrix, a lottery and a block."""

import torch
from torch import nn


class Matrix(nn.Module):
    """The closed form: M = K^T V, retrieve(q) = q M."""

    def __init__(self, dim: int = 8):
        super().__init__()
        self.register_buffer("matrix", torch.zeros(dim, dim))

    def store(self, keys, values):
        self.matrix += keys.T @ values

    def forward(self, query):
        assert not torch.is_grad_enabled() and not self.training
        return query @ self.matrix


class Lottery(nn.Module):
    """Random weights, and numbers drawn while it stores and reads."""

    def __init__(self, dim: int = 8):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(dim, dim))
        self.seen = []

    def store_episode(self, keys, values, **kwargs):
        loss = (keys @ self.weight - values).square().mean()
        loss.backward()
        with torch.no_grad():
            self.weight -= 0.1 * self.weight.grad + 0.01 * torch.randn_like(self.weight)
        self.weight.grad = None
        self.seen.append(keys.clone())

    def forward(self, query):
        return query @ self.weight + 0.01 * torch.randn_like(query)


class Block(nn.Module):
    def __init__(self, d_model, hidden: int = 16):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d_model, hidden), nn.Tanh(), nn.Linear(hidden, d_model))

    def forward(self, x):
        return self.net(x)
