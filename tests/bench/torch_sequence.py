"""Sequence blocks in PyTorch, trained on associative recall as the studio's example trains them, for the side-by-side bench.

The same stack, sizes, data, optimiser and number of steps: embedding, learned positions, pre-norm layers of a block and a
small network, head; 8 pairs in 64 tokens, batch 16, AdamW. Weights carry a leading axis of seeds, so that several seeds are
trained as one batch; with one seed the maps are F.linear. A block has every form that a researcher would try: a loop over
tokens, the loop as TorchScript, the closed form of a whole chunk.

Arguments: width, seeds, steps, warm-up steps, threads, form:block. Prints a JSON object: milliseconds a seed and step by the
clock and of this process's CPU time, and the accuracy over the last steps, which says that it learns.
"""
import json
import math
import sys
import time

import torch
import torch.nn.functional as F

D, SEEDS, STEPS, WARM, THREADS = (int(a) for a in sys.argv[1:6])
FORM, BLOCK = sys.argv[6].split(":")
torch.set_num_threads(THREADS)
torch.manual_seed(1)
N, L, V, PAIRS, ASKED, LAYERS, RATE = 16, 64, 64, 8, 24, 2, 0.01
KEYS = (V - 1) // 2


def weight(*shape, bound=None, normal=None):
    w = torch.empty(SEEDS, *shape)
    w = w.normal_(0, normal) if normal else w.uniform_(-bound, bound)
    return torch.nn.Parameter(w)


def linear(inputs, outputs):
    b = 1 / math.sqrt(inputs)
    return weight(outputs, inputs, bound=b), weight(outputs, bound=b)


def bare(inputs, outputs):
    return weight(outputs, inputs, bound=1 / math.sqrt(inputs))


def apply(x, w, b=None):
    """x [S N, L, in] by w [S, out, in]."""
    if SEEDS == 1:
        return F.linear(x, w[0], None if b is None else b[0])
    rows = x.reshape(SEEDS, -1, x.shape[-1])
    y = rows @ w.transpose(1, 2) if b is None else torch.baddbmm(b[:, None], rows, w.transpose(1, 2))
    return y.view(*x.shape[:-1], -1)


def each(x, w):
    """x [S N, L, c] times w [S, c]."""
    return x * (w[0] if SEEDS == 1 else w.repeat_interleave(N, 0)[:, None])


def rms(x):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-6)


def shift(x, mix):
    before = F.pad(x, (0, 0, 1, 0))[:, :-1]
    return x + each(before - x, mix)


MASK = torch.full((L, L), -1e9).triu(1)
STRICT = torch.full((L, L), -1e9).triu(0)
ANY = torch.ones(L, 1)
ANY[0] = 0


class Attention:
    shifts = True

    def __init__(self):
        self.inner, self.out = linear(D, 3 * D), linear(D, D)

    def __call__(self, x):
        q, k, v = apply(x, *self.inner).chunk(3, -1)
        scores = torch.baddbmm(MASK, q, k.transpose(1, 2), alpha=1 / math.sqrt(D))
        return apply(torch.softmax(scores, -1) @ v, *self.out)


class EpisodicCmr:
    """A bank of as many entries as a sequence has tokens, written token by token: every token sees those before it."""

    shifts = True

    def __init__(self):
        self.query, self.value, self.out = bare(D, D), bare(D, D), linear(D, D)

    def __call__(self, x):
        c, v = apply(x, self.query), apply(x, self.value)
        scores = torch.baddbmm(STRICT, c, c.transpose(1, 2), alpha=1 / math.sqrt(D))
        return apply((torch.softmax(scores, -1) @ v) * ANY, *self.out)


@torch.jit.script
def delta_scripted(q, k, v, a, b):
    S = torch.zeros(q.shape[0], q.shape[2], v.shape[2])
    ys = []
    for t in range(q.shape[1]):
        S = a[:, t, :, None] * S
        u = b[:, t] * (v[:, t] - torch.bmm(k[:, t : t + 1], S)[:, 0])
        S = torch.baddbmm(S, k[:, t, :, None], u[:, None])
        ys.append(torch.bmm(q[:, t : t + 1], S)[:, 0])
    return torch.stack(ys, 1)


def delta_loop(q, k, v, a, b):
    S, ys = torch.zeros(q.shape[0], q.shape[2], v.shape[2]), []
    for t in range(q.shape[1]):
        S = a[:, t, :, None] * S
        u = b[:, t] * (v[:, t] - torch.bmm(k[:, t : t + 1], S)[:, 0])
        S = torch.baddbmm(S, k[:, t, :, None], u[:, None])
        ys.append(torch.bmm(q[:, t : t + 1], S)[:, 0])
    return torch.stack(ys, 1)


LOWER = torch.ones(L, L).tril()


def delta_chunked(q, k, v, a, b):
    """All tokens as one chunk: (I + N) U = b V with N strictly lower, Y = (D o Q K^T) U."""
    logs = torch.log(a).cumsum(1)
    decay = torch.exp((logs - logs.transpose(1, 2)).tril()) * LOWER
    n = b * (decay * (k @ k.transpose(1, 2))).tril(-1)
    u = torch.linalg.solve_triangular(n + torch.eye(L), b * v, upper=False, unitriangular=True)
    return (decay * (q @ k.transpose(1, 2))) @ u


class GatedDelta:
    shifts = False

    def __init__(self):
        self.maps = [bare(D, D) for _ in range(3)]
        self.kernels = [weight(D, 1, 4, bound=0.5) for _ in range(3)]
        self.gate = weight(D, D, bound=5 / math.sqrt(D))
        self.out, self.beta, self.step = bare(D, D), linear(D, 1), linear(D, 1)
        with torch.no_grad():
            self.step[1].uniform_(math.log(0.001), math.log(0.01))
        self.rate = torch.nn.Parameter(torch.zeros(SEEDS, 1))
        self.run = {"loop": delta_loop, "scripted": delta_scripted, "chunked": delta_chunked}[FORM]

    def convolved(self, x, w, kernel):
        z = apply(x, w)
        # The channels of all seeds side by side.
        z = z.view(SEEDS, N, L, D).permute(1, 0, 3, 2).reshape(N, SEEDS * D, L)
        y = F.conv1d(F.pad(z, (3, 0)), kernel.view(SEEDS * D, 1, 4), groups=SEEDS * D)
        return F.silu(y.view(N, SEEDS, D, L).permute(1, 0, 3, 2).reshape(SEEDS * N, L, D))

    def __call__(self, x):
        q, k, v = (self.convolved(x, w, c) for w, c in zip(self.maps, self.kernels))
        a = torch.exp(-each(F.softplus(apply(x, *self.step)), self.rate.exp()))
        y = self.run(F.normalize(q, dim=-1), F.normalize(k, dim=-1), v, a, torch.sigmoid(apply(x, *self.beta)))
        return apply(F.silu(apply(x, self.gate)) * rms(y), self.out)


class Titans:
    """A network of two layers that learns in chunks, each in closed form: no memory within a chunk is ever formed."""

    shifts = True
    chunk, theta, eta, alpha = 16, 0.02, 0.6, 0.01

    def __init__(self):
        self.key, self.value, self.query = bare(D, D), bare(D, D), bare(D, D)
        self.layers = [bare(D, 2 * D), bare(2 * D, D)]
        C, kappa = self.chunk, 1 - self.alpha
        f = [1.0]
        for n in range(1, C):
            f.append(kappa * f[-1] + self.eta**n)
        self.past = torch.tensor([[self.theta * f[t - i] if i <= t else 0.0 for i in range(C)] for t in range(C)])
        self.fade = torch.tensor([kappa ** (t + 1) for t in range(C)])[:, None]
        self.carry = torch.tensor([self.eta * f[t] for t in range(C)])[:, None]
        self.end = torch.tensor([self.theta * self.eta ** (C - 1 - i) for i in range(C)])[:, None]

    def __call__(self, x):
        k, q = F.normalize(apply(x, self.key), dim=-1), F.normalize(apply(x, self.query), dim=-1)
        v = apply(x, self.value)
        first = [w.repeat_interleave(N, 0) for w in self.layers]
        M, S, ys = first, [torch.zeros_like(w) for w in first], []
        for at in range(0, L, self.chunk):
            kc, vc, qc = (z[:, at : at + self.chunk] for z in (k, v, q))
            # Gradients of |MLP(k) - v|^2 at the memory before the chunk.
            z = kc @ M[0].transpose(1, 2)
            s = torch.sigmoid(z)
            h = z * s
            e2 = 2 * (h @ M[1].transpose(1, 2) - vc)
            e1 = (e2 @ M[1]) * (s * (1 + z * (1 - s)))
            inputs, errors, u = [kc, h], [e1, e2], qc
            for l in (0, 1):
                u = F.silu(u) if l else u
                old = (u @ M[l].transpose(1, 2)) * self.fade + (u @ S[l].transpose(1, 2)) * self.carry
                u = old - ((u @ inputs[l].transpose(1, 2)) * self.past) @ errors[l]
            ys.append(u)
            shares = self.past[-1][:, None]
            M, S = (
                [
                    w * self.fade[-1] + m * self.carry[-1] - (e * shares).transpose(1, 2) @ i
                    for w, m, e, i in zip(M, S, errors, inputs)
                ],
                [
                    m * self.eta**self.chunk - (e * self.end).transpose(1, 2) @ i
                    for m, e, i in zip(S, errors, inputs)
                ],
            )
        return torch.cat(ys, 1)


BLOCKS = {"attention": Attention, "episodic-cmr": EpisodicCmr, "gated-delta-rule": GatedDelta, "titans": Titans}


class Layer:
    def __init__(self):
        self.block = BLOCKS[BLOCK]()
        self.mix = torch.nn.Parameter(torch.rand(SEEDS, D)) if self.block.shifts else None
        self.up, self.down = linear(D, 2 * D), linear(2 * D, D)

    def __call__(self, h):
        x = rms(h)
        h = h + self.block(x if self.mix is None else shift(x, self.mix))
        return h + apply(F.relu(apply(rms(h), *self.up)), *self.down)


def tensors(thing):
    if isinstance(thing, torch.nn.Parameter):
        return [thing]
    if isinstance(thing, (list, tuple)):
        return [t for part in thing for t in tensors(part)]
    return [t for part in vars(thing).values() for t in tensors(part)] if hasattr(thing, "__dict__") else []


class Model:
    def __init__(self):
        self.words, self.places = weight(V, D, normal=0.3), weight(L, D, normal=0.3)
        self.layers = [Layer() for _ in range(LAYERS)]
        self.head = linear(D, V)

    def __call__(self, tokens, positions):
        rows = tokens + (torch.arange(SEEDS) * V).repeat_interleave(N)[:, None]
        h = F.embedding(rows, self.words.view(SEEDS * V, D)).view(SEEDS, N, L, D) + self.places[:, None]
        h = h.view(SEEDS * N, L, D)
        for layer in self.layers:
            h = layer(h)
        asked = rms(h).gather(1, positions[:, :, None].expand(-1, -1, D))
        return apply(asked, *self.head)


def examples():
    """Pairs, then filler in which keys come up again with their values after them."""
    B = SEEDS * N
    tokens = torch.zeros(B, L, dtype=torch.long)
    keys = 1 + torch.rand(B, KEYS).argsort(1)[:, :PAIRS]
    values = 1 + KEYS + torch.randint(V - 1 - KEYS, (B, PAIRS))
    tokens[:, 0 : 2 * PAIRS : 2], tokens[:, 1 : 2 * PAIRS : 2] = keys, values
    which = torch.randint(PAIRS, (B, ASKED))
    positions = 2 * PAIRS + 2 * torch.rand(B, (L - 2 * PAIRS) // 2).argsort(1)[:, :ASKED].sort(1).values
    targets = values.gather(1, which)
    tokens.scatter_(1, positions, keys.gather(1, which))
    tokens.scatter_(1, positions + 1, targets)
    return tokens, positions, targets


model = Model()
parameters = tensors(model)
optimiser = torch.optim.AdamW(parameters, lr=RATE, foreach=True)
start, right = (0.0, 0.0), []
for step in range(WARM + STEPS):
    if step == WARM:
        start = (time.perf_counter(), time.process_time())
    for group in optimiser.param_groups:
        group["lr"] = RATE * min(1, (step + 1) / 30)
    tokens, positions, targets = examples()
    logits = model(tokens, positions)
    # Each seed's loss is a mean over its own sequences.
    loss = F.cross_entropy(logits.reshape(-1, V), targets.reshape(-1)) * SEEDS
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, SEEDS**0.5)
    optimiser.step()
    right.append((logits.argmax(-1) == targets).float().mean().item())
wall, cpu = time.perf_counter() - start[0], time.process_time() - start[1]
each_step = 1000 / STEPS / SEEDS
last = right[-max(1, STEPS // 10) :]
print(json.dumps({"wall": wall * each_step, "cpu": cpu * each_step, "accuracy": sum(last) / len(last)}))
