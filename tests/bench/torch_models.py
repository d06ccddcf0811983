"""The studio's key-value memories in plain PyTorch, for the side-by-side bench, float32.

Every model twice: `loop` as a researcher writes it first, one trial, item by item and query by query; `vectorised` with a
leading batch of seeds, all queries at once and every write that has a closed form in it (a write that is sequential by
nature stays a loop over items, each step of all seeds at once).

Arguments: items, length of a key, seeds, seconds a measurement repeats for, threads. A line of stdin, a model's id, is
answered by a line of JSON: form -> milliseconds per trial, of storing and of retrieving; `MODEL job` by the vectorised form
alone, the milliseconds of all seeds by the clock and of CPU time; `product` by GFLOP/s of 512 by 512. On one thread time is this thread's CPU time, else
the clock's. A loop is timed for as many items as fill the budget and scaled to all of them.
"""
import json
import math
import sys
import time

import torch
from torch import nn
import torch.nn.functional as F

ITEMS, D, SEEDS, BUDGET, THREADS = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
torch.set_num_threads(THREADS)
clock = time.thread_time if THREADS == 1 else time.perf_counter
C, M = 32, 100


def n(*shape, scale=0.1):
    return torch.randn(*shape) * scale


def each(count, body):
    """Milliseconds of body(0..count-1), from as many items as fill the budget."""
    body(0)
    start, done = clock(), 0
    while clock() - start < BUDGET:
        body(done % count)
        done += 1
    return (clock() - start) * 1000 * count / done


def once(body):
    """Milliseconds of one call: the mean of as many as fit the budget (a thread's clock may tick slowly)."""
    body()
    start, done = clock(), 0
    while done == 0 or clock() - start < BUDGET:
        body()
        done += 1
    return (clock() - start) * 1000 / done


class Adam:
    """What the sequential memories share: one optimiser over their slots."""

    def __init__(self, tensors, rate):
        self.optimiser = torch.optim.Adam(tensors, lr=rate)

    def step(self, loss):
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()


def parameter(*shape, scale=0.1):
    return nn.Parameter(n(*shape, scale=scale))


# Each model: loop() and vectorised() give (store, retrieve) in milliseconds per trial.


def linear_associator_loop(k, v):
    W = torch.zeros(D, D)

    def write(i):
        nonlocal W
        W = W + torch.outer(v[i], k[i])

    return each(ITEMS, write), each(ITEMS, lambda i: W @ k[i])


def linear_associator_vectorised(k, v):
    W = v.transpose(1, 2) @ k
    return once(lambda: v.transpose(1, 2) @ k), once(lambda: k @ W.transpose(1, 2))


def delta_rule_loop(k, v):
    W = torch.zeros(D, D)

    def write(i):
        nonlocal W
        key = F.normalize(k[i], dim=0)
        W = W + torch.outer(v[i] - W @ key, key)

    return each(ITEMS, write), each(ITEMS, lambda i: W @ F.normalize(k[i], dim=0))


def delta_rule_vectorised(k, v):
    W = torch.zeros(len(k), D, D)
    key = F.normalize(k, dim=2)

    def write(i):
        nonlocal W
        x = key[:, i, :, None]
        W = W + (v[:, i, :, None] - W @ x) @ x.transpose(1, 2)

    return each(ITEMS, write), once(lambda: F.normalize(k, dim=2) @ W.transpose(1, 2))


def hopfield_loop(k, v):
    kept = []
    store = each(ITEMS, lambda i: kept.append((k[i], v[i])))
    kept = kept[:ITEMS]
    keys, values = torch.stack([a for a, _ in kept]), torch.stack([b for _, b in kept])
    return store, each(ITEMS, lambda i: torch.softmax(k[i] @ keys.T, -1) @ values)


def hopfield_vectorised(k, v):
    return once(lambda: (k.clone(), v.clone())), once(lambda: torch.softmax(k @ k.transpose(1, 2), -1) @ v)


def fast_weights_loop(k, v):
    K, V, Q, W = n(D, D), n(D, D), n(D, D), torch.zeros(D, D)

    def write(i):
        nonlocal W
        W = W + 0.01 * torch.outer(k[i] @ K, v[i] @ V)

    return each(ITEMS, write), each(ITEMS, lambda i: torch.softmax(k[i] @ Q @ W.T / math.sqrt(D), -1) @ W)


def fast_weights_vectorised(k, v):
    B = len(k)
    K, V, Q = n(B, D, D), n(B, D, D), n(B, D, D)
    W = 0.01 * (k @ K).transpose(1, 2) @ (v @ V)
    return (
        once(lambda: 0.01 * (k @ K).transpose(1, 2) @ (v @ V)),
        once(lambda: torch.softmax(k @ Q @ W.transpose(1, 2) / math.sqrt(D), -1) @ W),
    )


def context_drift_loop(k, v):
    U, W, c = n(C, D), n(D, C), torch.zeros(C)

    def read(i):
        nonlocal c
        c = 0.9 * c + U @ k[i]
        return k[i] + W @ c

    return 0.0, each(ITEMS, read)


def context_drift_vectorised(k, v):
    U, W = n(len(k), C, D), n(len(k), D, C)
    return 0.0, once(lambda: k + (W @ (U @ k.mean(1, keepdim=True).transpose(1, 2))).transpose(1, 2))


def gated_episodic_loop(k, v):
    U, W, c = n(C, D), n(D, C), torch.zeros(C)
    gate = nn.Sequential(nn.Linear(D + C, 64), nn.ReLU(), nn.Linear(64, 1), nn.Sigmoid())
    keys, values, used, at = n(M, D), n(M, D), torch.zeros(M, dtype=torch.bool), 0

    @torch.no_grad()
    def write(i):
        nonlocal c, at
        c = 0.9 * c + U @ k[i]
        if gate(torch.cat([k[i], c])).item() > 0.5:
            keys[at], values[at], used[at] = k[i], v[i], True
            at = (at + 1) % M

    store = each(ITEMS, write)
    return store, each(ITEMS, lambda i: torch.softmax((k[i] + W @ c) @ keys[used].T, -1) @ values[used])


def gated_episodic_vectorised(k, v):
    B = len(k)
    U, W = n(B, C, D), n(B, D, C)
    gate = nn.Sequential(nn.Linear(D + C, 64), nn.ReLU(), nn.Linear(64, 1), nn.Sigmoid())
    keys, values = n(B, M, D), n(B, M, D)

    @torch.no_grad()
    def write():
        drive, c, all_c = k @ U.transpose(1, 2), torch.zeros(B, C), []
        for i in range(ITEMS):
            c = 0.9 * c + drive[:, i]
            all_c.append(c)
        passed = gate(torch.cat([k, torch.stack(all_c, 1)], 2))[:, :, 0] > 0.5
        for b in range(B):
            chosen = passed[b].nonzero()[-M:, 0]
            keys[b, : len(chosen)], values[b, : len(chosen)] = k[b, chosen], v[b, chosen]
        return c

    c = write()

    def read():
        return torch.softmax((k + (W @ c[:, :, None]).transpose(1, 2)) @ keys.transpose(1, 2), -1) @ values

    return once(write), once(read)


def meta_fast_weights_loop(k, v):
    net = nn.Sequential(nn.Linear(D, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, D * D), nn.Tanh())
    W = torch.zeros(D, D)

    @torch.no_grad()
    def write(i):
        nonlocal W
        W = W + 0.01 * net(k[i]).view(D, D)

    return each(ITEMS, write), each(ITEMS, lambda i: k[i] @ W)


def meta_fast_weights_vectorised(k, v):
    net = nn.Sequential(nn.Linear(D, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, D * D), nn.Tanh())
    W = n(len(k), D, D)

    @torch.no_grad()
    def write():
        return [0.01 * net(x).sum(0).view(D, D) for x in k]

    return once(write), once(lambda: k @ W)


def rag_loop(k, v):
    W, attention, kept = n(D, D), nn.MultiheadAttention(D, 4, batch_first=True), []

    def write(i):
        kept.append((k[i], v[i]))
        if len(kept) > 1000:
            kept.pop(0)

    store = each(ITEMS, write)

    @torch.no_grad()
    def read(i):
        r = k[i] @ W
        keys, values = torch.stack([a for a, _ in kept]), torch.stack([b for _, b in kept])
        top = F.cosine_similarity(r[None], keys, dim=1).topk(5).indices
        return attention(r[None, None], keys[top][None], values[top][None])[0]

    return store, each(ITEMS, read)


def rag_vectorised(k, v):
    W, attention = n(len(k), D, D), nn.MultiheadAttention(D, 4, batch_first=True)

    @torch.no_grad()
    def read():
        for x, y, w in zip(k, v, W):
            r = x @ w
            top = (F.normalize(r, dim=1) @ F.normalize(x, dim=1).T).topk(5).indices
            attention(r[:, None], x[top], y[top], need_weights=False)

    return once(lambda: (k.clone(), v.clone())), once(read)


def graph_read(nodes, E, G, attention, q):
    adjacency = torch.sigmoid(nodes @ E @ nodes.transpose(-1, -2))
    spread = adjacency @ nodes @ G.transpose(-1, -2)
    return attention(q, spread, spread, need_weights=False)[0]


def graph_loop(k, v):
    nodes, E, G = n(50, D), n(D, D), n(D, D)
    net, attention = nn.Sequential(nn.Linear(2 * D, D), nn.ReLU(), nn.Linear(D, D)), nn.MultiheadAttention(D, 4, batch_first=True)

    @torch.no_grad()
    def write(i):
        j = F.cosine_similarity(k[i][None], nodes, dim=1).argmax()
        nodes[j] += 0.01 * torch.tanh(net(torch.cat([nodes[j], v[i]])))

    @torch.no_grad()
    def read(i):
        return graph_read(nodes[None], E, G, attention, k[None, i : i + 1])

    return each(ITEMS, write), each(ITEMS, read)


def graph_vectorised(k, v):
    B = len(k)
    nodes, E, G = n(B, 50, D), n(B, D, D), n(B, D, D)
    net, attention = nn.Sequential(nn.Linear(2 * D, D), nn.ReLU(), nn.Linear(D, D)), nn.MultiheadAttention(D, 4, batch_first=True)
    rows = torch.arange(B)

    @torch.no_grad()
    def write(i):
        j = F.cosine_similarity(k[:, i, None], nodes, dim=2).argmax(1)
        nodes[rows, j] += 0.01 * torch.tanh(net(torch.cat([nodes[rows, j], v[:, i]], 1)))

    @torch.no_grad()
    def read():
        return graph_read(nodes, E, G, attention, k)

    return each(ITEMS, write), once(read)


def episodic_slots_loop(k, v):
    K, V = parameter(M, D, scale=1), parameter(M, D, scale=1)
    adam = Adam([K, V], 0.01)

    def store():
        losses = [((torch.softmax(k[i] @ K.T, -1) @ V - v[i]) ** 2).mean() for i in range(ITEMS)]
        adam.step(torch.stack(losses).mean())

    @torch.no_grad()
    def read(i):
        return torch.softmax(k[i] @ K.T, -1) @ V

    return once(store), each(ITEMS, read)


def episodic_slots_vectorised(k, v):
    K, V = parameter(len(k), M, D, scale=1), parameter(len(k), M, D, scale=1)
    adam = Adam([K, V], 0.01)

    def read():
        return torch.softmax(k @ K.transpose(1, 2), -1) @ V

    return once(lambda: adam.step(((read() - v) ** 2).mean((1, 2)).sum())), once(torch.no_grad()(read))


def projecting_slots_loop(k, v):
    K, V, into, onto = parameter(M, 32, scale=1), parameter(M, 32, scale=1), nn.Linear(D, 32), nn.Linear(D, 32)
    adam = Adam([K, V, *into.parameters(), *onto.parameters()], 0.01)

    def store():
        losses = [((torch.softmax(into(k[i]) @ K.T, -1) @ V - onto(v[i])) ** 2).mean() for i in range(ITEMS)]
        adam.step(torch.stack(losses).mean())

    @torch.no_grad()
    def read(i):
        return torch.softmax(into(k[i]) @ K.T, -1) @ V

    return once(store), each(ITEMS, read)


def projecting_slots_vectorised(k, v):
    B = len(k)
    K, V = parameter(B, M, 32, scale=1), parameter(B, M, 32, scale=1)
    a, b, c, d = parameter(B, D, 32), parameter(B, 1, 32), parameter(B, D, 32), parameter(B, 1, 32)
    adam = Adam([K, V, a, b, c, d], 0.01)

    def read():
        return torch.softmax((k @ a + b) @ K.transpose(1, 2), -1) @ V

    return once(lambda: adam.step(((read() - (v @ c + d)) ** 2).mean((1, 2)).sum())), once(torch.no_grad()(read))


class Episodic:
    """True-episodic without contexts, with a leading batch of seeds or (B = None) without."""

    def __init__(self, B=None, orthogonal=True):
        lead = [] if B is None else [B]
        self.K, self.V, self.orthogonal = parameter(*lead, M, D), parameter(*lead, M, D), orthogonal
        self.times, self.used, self.now = torch.zeros(M), torch.zeros(M, dtype=torch.bool), 0.0
        self.adam = Adam([self.K, self.V], 0.01)

    def read(self, q):
        u = self.used
        s = q @ self.K[..., u, :].transpose(-1, -2) + 0.3 * torch.exp(-0.1 * (self.now - self.times[u]))
        return torch.softmax(s, -1) @ self.V[..., u, :]

    def error(self, k, v):
        return ((self.read(k) - v) ** 2).mean(-1).sum()

    def step(self, k, v):
        loss = self.error(k, v)
        V = self.V[..., self.used, :]
        if self.orthogonal and V.shape[-2] > 1:
            loss = loss + 0.01 * ((V @ V.transpose(-1, -2) - torch.eye(V.shape[-2])) ** 2).sum()
        self.adam.step(loss)

    def take(self, i):
        self.used[i % M], self.times[i % M] = True, self.now + i


def episodic(memory, item, steps, one_by_one):
    """Store and retrieve; `item(i)` gives the i-th pair, shaped [1, D] or [B, 1, D]."""

    def write(i):
        if one_by_one:
            memory.take(i)
        for _ in range(steps):
            memory.step(*item(i))

    if not one_by_one:
        for i in range(ITEMS):
            memory.take(i)
    return each(ITEMS, write)


def true_episodic_loop(k, v):
    memory = Episodic()
    store = episodic(memory, lambda i: (k[i : i + 1], v[i : i + 1]), 6, False)
    return store, each(ITEMS, torch.no_grad()(lambda i: memory.read(k[i : i + 1])))


def true_episodic_vectorised(k, v):
    memory = Episodic(len(k))
    store = episodic(memory, lambda i: (k[:, i : i + 1], v[:, i : i + 1]), 6, False)
    return store, once(torch.no_grad()(lambda: memory.read(k)))


def true_matrix_loop(k, v):
    memory = Episodic(orthogonal=False)
    for i in range(M):
        memory.take(i)
    store = episodic(memory, lambda i: (k[i : i + 1], v[i : i + 1]), 3, True)
    return store, each(ITEMS, torch.no_grad()(lambda i: memory.read(k[i : i + 1])))


def true_matrix_vectorised(k, v):
    memory = Episodic(len(k), orthogonal=False)
    for i in range(M):
        memory.take(i)
    store = episodic(memory, lambda i: (k[:, i : i + 1], v[:, i : i + 1]), 3, True)
    return store, once(torch.no_grad()(lambda: memory.read(k)))


def adaptive_episodic_loop(k, v):
    memory = Episodic()
    net = nn.Sequential(nn.Linear(D + 16, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4), nn.Softmax(-1))
    constants = torch.tensor([[3, 4, 2, 3], [2, 3, 1, 3], [0.1, 0.08, 0.15, 0.05]])
    for i in range(ITEMS):
        memory.take(i)

    def write(i):
        with torch.no_grad():
            inner, outer, threshold = (constants @ net(torch.cat([k[i], torch.zeros(16)]))).tolist()
        key, value = k[i : i + 1], v[i : i + 1]
        for _ in range(max(1, round(outer)) * max(1, round(inner))):
            if memory.error(key, value).item() < threshold:
                continue
            memory.step(key, value)

    store = each(ITEMS, write)
    return store, each(ITEMS, torch.no_grad()(lambda i: memory.read(k[i : i + 1])))


def stacked_loop(k, v):
    """Two Hopfield networks, one after the other."""
    kept = []

    def write(i):
        for _ in range(2):
            kept.append((k[i], v[i]))

    store = each(ITEMS, write)
    keys, values = torch.stack([a for a, _ in kept[: 2 * ITEMS : 2]]), torch.stack([b for _, b in kept[: 2 * ITEMS : 2]])

    def read(i):
        q = k[i]
        for _ in range(2):
            q = torch.softmax(q @ keys.T, -1) @ values
        return q

    return store, each(ITEMS, read)


def stacked_vectorised(k, v):
    def read():
        q = k
        for _ in range(2):
            q = torch.softmax(q @ k.transpose(1, 2), -1) @ v
        return q

    return once(lambda: [(k.clone(), v.clone()) for _ in range(2)]), once(read)


def router():
    return nn.Sequential(nn.Linear(D, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 2), nn.Softmax(-1))


def mixture_loop(k, v):
    """A linear associator and a Hopfield network, weighed by a router."""
    W, kept, net = torch.zeros(D, D), [], router()

    def write(i):
        nonlocal W
        W = W + torch.outer(v[i], k[i])
        kept.append((k[i], v[i]))

    store = each(ITEMS, write)
    keys, values = torch.stack([a for a, _ in kept[:ITEMS]]), torch.stack([b for _, b in kept[:ITEMS]])

    @torch.no_grad()
    def read(i):
        share = net(k[i])
        return share[0] * (W @ k[i]) + share[1] * (torch.softmax(k[i] @ keys.T, -1) @ values)

    return store, each(ITEMS, read)


def mixture_vectorised(k, v):
    W, net = v.transpose(1, 2) @ k, router()

    @torch.no_grad()
    def read():
        share = net(k)
        linear, hopfield = k @ W.transpose(1, 2), torch.softmax(k @ k.transpose(1, 2), -1) @ v
        return share[..., :1] * linear + share[..., 1:] * hopfield

    return once(lambda: (v.transpose(1, 2) @ k, k.clone(), v.clone())), once(read)


# The vectorised form of adaptive-episodic would have to step every seed alike, so it has none.


def timed(by, body, k, v):
    global clock
    clock = by
    return sum(body(k, v))


def measure(model, job):
    loop, vectorised = (globals().get(f"{model.replace('-', '_')}_{form}") for form in ("loop", "vectorised"))
    torch.manual_seed(0)
    k, v = torch.randn(SEEDS, ITEMS, D), torch.randn(SEEDS, ITEMS, D)
    if job:
        return vectorised and {"wall": timed(time.perf_counter, vectorised, k, v), "cpu": timed(time.process_time, vectorised, k, v)}
    pairs = {"loop": loop and loop(k[0], v[0]), "vectorised": vectorised and [ms / SEEDS for ms in vectorised(k, v)]}
    return {form: dict(zip(("store", "retrieve"), pair)) for form, pair in pairs.items() if pair}


def product():
    a = torch.randn(512, 512)
    return 2 * 512**3 / once(lambda: a @ a) / 1e6


for line in sys.stdin:
    model, *job = line.split()
    print(json.dumps(product() if model == "product" else measure(model, job)), flush=True)
