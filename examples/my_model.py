"""Two models in PyTorch, to copy and change: put a file like this into the models folder (Settings, Models folder).

Every public class that can be used as a memory appears in the catalog under "My models", with the arguments of its
constructor as parameters. Nothing is imported from the studio; the file runs anywhere PyTorch does.
"""

import math

import torch
from torch import Tensor, nn


class HebbianMemory(nn.Module):
    """A matrix that adds up the outer products of what it stores.

    Args:
        dim: Length of keys and values. The studio sets it to the length that the task uses.
        rate: Strength of one write.
        decay: Share of the matrix that stays at each write; 1 forgets nothing.

    """

    # Not needed. It adds to the catalog what Python's signature cannot say.
    engram = {
        "title": "My Hebbian memory",
        "equations": [r"M \leftarrow \lambda M + \eta\, k v^\top", r"\operatorname{retrieve}(q) = q M"],
        "params": {"rate": {"min": 0, "max": 10}, "decay": {"min": 0, "max": 1}},
    }

    def __init__(self, dim: int = 64, rate: float = 1.0, decay: float = 1.0):
        super().__init__()
        self.rate = rate
        self.decay = decay
        # What the memory writes is a buffer, not a parameter: the studio counts it as state.
        self.register_buffer("matrix", torch.zeros(dim, dim))

    def store(self, keys: Tensor, values: Tensor) -> None:
        """keys and values: [N, dim], one row an episode, in the order in which they happened."""
        for key, value in zip(keys, values):
            self.matrix = self.decay * self.matrix + self.rate * torch.outer(key, value)

    def forward(self, query: Tensor) -> Tensor:
        """query: [Q, dim]; the answer is [Q, dim], one row for each query."""
        return query @ self.matrix

    def reset(self) -> None:
        """Empty again. Without this method the studio makes a new instance instead."""
        self.matrix = torch.zeros_like(self.matrix)


class CausalAttention(nn.Module):
    """Causal self-attention: every token looks at itself and at those before it.

    A class that has a forward but nothing to store with is a sequence block. Tasks that train, such as associative
    recall, put it into every layer of the studio's own stack and train it there.

    Args:
        dim: Length of a token's vector.
        heads: Attention heads; they share the vector, so their number must divide its length.

    """

    engram = {"params": {"heads": {"min": 1, "max": 64}}}

    def __init__(self, dim: int = 32, heads: int = 2):
        super().__init__()
        if dim % heads:
            raise ValueError(f"{heads} heads cannot share a vector of {dim}")
        self.heads = heads
        self.into = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, L, dim], B sequences of L tokens; the answer has the same shape."""
        batch, length, dim = x.shape
        each = dim // self.heads
        # [3, B, heads, L, each]
        q, k, v = self.into(x).view(batch, length, 3, self.heads, each).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / math.sqrt(each)
        later = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
        seen = scores.masked_fill(later, float("-inf")).softmax(-1) @ v
        return self.out(seen.transpose(1, 2).reshape(batch, length, dim))
