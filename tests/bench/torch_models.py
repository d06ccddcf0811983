"""The studio's key-value memories in plain PyTorch, for the side-by-side bench, float32.

Every model in up to two forms: `loop` as a researcher writes it first, one trial, item by item and query by query;
`vectorised` with a leading batch of seeds, all queries at once and every write that has a closed form in it (a write that is
sequential by nature stays a loop over items, each step of all seeds at once). Both take the studio's own weights, items and
queries, so that what they recall can be compared with what the studio recalls.

Arguments: seconds that a measurement repeats for, threads. A line of stdin is answered by a line of JSON:
`load FILE` takes the weights and data of a model (a line of JSON that names the arrays, then their numbers);
`recall FORM FILE` runs a form once and writes what it recalls to FILE; answers the shape, or null without such a form;
`time FORM` milliseconds per trial of storing and of retrieving, in CPU time of this thread;
`job` all seeds, by the vectorised form or else the loop: milliseconds by the clock and of CPU time;
`product` GFLOP/s of 512 by 512.
What is done item by item is timed for as many items as fill the budget, from the first on, and scaled to all of them.
"""
import json
import math
import sys
import time

import torch
from torch import nn
import torch.nn.functional as F

BUDGET, THREADS = float(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(THREADS)


class Each:
    """Something done `count` times, in order, with the number of the time; `settle` makes the first ones like most of them."""

    def __init__(self, count, body, settle=lambda: None):
        self.count, self.body, self.settle = count, body, settle

    def all(self):
        return [self.body(i) for i in range(self.count)]

    def recalled(self):
        return torch.stack(self.all())[None]


class Once:
    """Something done for all items or queries at once."""

    count = 1

    def __init__(self, body):
        self.body = lambda _: body()

    def all(self):
        return self.body(0)

    recalled = all


CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time, "thread": time.thread_time}


def timed(work):
    """Milliseconds of the whole by each clock. One time is not counted where there are many; a thread's clock may tick slowly."""
    if work is None:
        return {name: 0.0 for name in CLOCKS}
    if isinstance(work, Once):
        work.body(0)
    else:
        work.settle()
    begin, done = {name: clock() for name, clock in CLOCKS.items()}, 0
    while done == 0 or (time.perf_counter() - begin["wall"] < BUDGET and (isinstance(work, Once) or done < work.count)):
        work.body(done)
        done += 1
    return {name: (clock() - begin[name]) * 1000 * work.count / done for name, clock in CLOCKS.items()}


class Adam:
    """What the sequential memories share: one optimiser over their slots."""

    def __init__(self, tensors, rate=0.01):
        self.optimiser = torch.optim.Adam(tensors, lr=rate)

    def step(self, loss):
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()


def parameter(x):
    return nn.Parameter(x.clone())


def linear(w, name):
    """The layer NAME of every seed: x [B, N, in] -> [B, N, out]."""
    weight, bias = w[name + ".weight"].transpose(1, 2), w[name + ".bias"][:, None]
    return lambda x: torch.baddbmm(bias, x, weight)


def layer(w, name):
    """The same of the first seed, as a module."""
    made = nn.utils.skip_init(nn.Linear, *reversed(w[name + ".weight"].shape[1:]))
    made.load_state_dict({"weight": w[name + ".weight"][0], "bias": w[name + ".bias"][0]})
    return made


def attention(w, name, dim, heads, seed=0):
    made = nn.MultiheadAttention(dim, heads, batch_first=True)
    made.load_state_dict({key[len(name) + 1 :]: x[seed] for key, x in w.items() if key.startswith(name + ".")})
    return made.eval()


def batched_attention(w, name, heads):
    """Multi-head attention with the weights of every seed: q [B, N, d], k, v [B, M, d]."""
    into = w[name + ".in_proj_weight"].transpose(1, 2).chunk(3, 2)
    biases = w[name + ".in_proj_bias"][:, None].chunk(3, 2)
    out, out_bias = w[name + ".out_proj.weight"].transpose(1, 2), w[name + ".out_proj.bias"][:, None]

    def attend(*qkv):
        B, _, D = qkv[0].shape
        q, k, v = (torch.baddbmm(b, x, m).view(B, -1, heads, D // heads).transpose(1, 2) for x, m, b in zip(qkv, into, biases))
        y = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(D // heads), -1) @ v
        return torch.baddbmm(out_bias, y.transpose(1, 2).reshape(B, -1, D), out)

    return attend


# Each model: NAME_loop and NAME_vectorised make a memory of the weights w, with p its parameters, and give what storing the
# keys k and values v is (None for nothing) and what recalling by the queries q is. A loop gets one trial, [N, d].


def linear_associator_loop(w, p, k, v, q):
    W = torch.zeros(len(k[0]), len(k[0]))

    def write(i):
        nonlocal W
        W = W + torch.outer(v[i], k[i])

    return Each(len(k), write), Each(len(q), lambda i: W @ q[i])


def linear_associator_vectorised(w, p, k, v, q):
    W = None

    def write():
        nonlocal W
        W = v.transpose(1, 2) @ k

    return Once(write), Once(lambda: q @ W.transpose(1, 2))


def delta_rule_loop(w, p, k, v, q):
    W = torch.zeros(len(k[0]), len(k[0]))

    def write(i):
        nonlocal W
        key = F.normalize(k[i], dim=0)
        W = W + torch.outer(v[i] - W @ key, key)

    return Each(len(k), write), Each(len(q), lambda i: W @ F.normalize(q[i], dim=0))


def delta_rule_vectorised(w, p, k, v, q):
    W = torch.zeros(len(k), k.shape[2], k.shape[2])
    keys = F.normalize(k, dim=2)

    def write(i):
        nonlocal W
        x = keys[:, i, :, None]
        W = W + (v[:, i, :, None] - W @ x) @ x.transpose(1, 2)

    return Each(k.shape[1], write), Once(lambda: F.normalize(q, dim=2) @ W.transpose(1, 2))


def hopfield_loop(w, p, k, v, q):
    kept = []

    def read(i):
        keys, values = joined(kept, len(k))
        return torch.softmax(q[i] @ keys.T, -1) @ values

    return Each(len(k), lambda i: kept.append((k[i], v[i]))), Each(len(q), read)


def joined(kept, count, held={}):
    """The pairs as two matrices, made once for as many as there are."""
    if held.get("of") is not kept:
        held.update(of=kept, made=(torch.stack([a for a, _ in kept[:count]]), torch.stack([b for _, b in kept[:count]])))
    return held["made"]


def hopfield_vectorised(w, p, k, v, q):
    return Once(lambda: (k.clone(), v.clone())), Once(lambda: torch.softmax(q @ k.transpose(1, 2), -1) @ v)


def fast_weights_loop(w, p, k, v, q):
    K, V, Q = (w[name][0] for name in ("W_K_fast", "W_V_fast", "W_Q_fast"))
    D, W = len(K), torch.zeros_like(K)

    def write(i):
        nonlocal W
        W = W + p["learningRate"] * torch.outer(k[i] @ K, v[i] @ V)

    return Each(len(k), write), Each(len(q), lambda i: torch.softmax(q[i] @ Q @ W.T / math.sqrt(D), -1) @ W)


def fast_weights_vectorised(w, p, k, v, q):
    K, V, Q = (w[name] for name in ("W_K_fast", "W_V_fast", "W_Q_fast"))
    W = None

    def write():
        nonlocal W
        W = p["learningRate"] * (k @ K).transpose(1, 2) @ (v @ V)

    return Once(write), Once(lambda: torch.softmax(q @ Q @ W.transpose(1, 2) / math.sqrt(K.shape[1]), -1) @ W)


def context_drift_loop(w, p, k, v, q):
    """Asked for all queries at once, as the memory is defined: their mean moves the context."""
    U, W, c = w["U"][0], w["W_c"][0], torch.zeros(p["contextDim"])
    mean = None

    def read(i):
        nonlocal c, mean
        if i == 0:
            mean = sum(row for row in q) / len(q)
            c = p["decay"] * c + U @ mean
        return q[i] + W @ c

    return None, Each(len(q), read)


def context_drift_vectorised(w, p, k, v, q):
    U, W, c = w["U"], w["W_c"], torch.zeros(len(q), 1, p["contextDim"])

    def read():
        moved = p["decay"] * c + q.mean(1, keepdim=True) @ U.transpose(1, 2)
        return q + moved @ W.transpose(1, 2)

    return None, Once(read)


def gated_episodic_loop(w, p, k, v, q):
    U, W, c = w["context_drift.U"][0], w["context_drift.W_c"][0], torch.zeros(p["contextDim"])
    gate = nn.Sequential(layer(w, "gate_network.0"), nn.ReLU(), layer(w, "gate_network.2"), nn.Sigmoid())
    keys, values, M = w["mem_keys"][0].clone(), w["mem_values"][0].clone(), p["memorySize"]
    used, at = torch.zeros(M, dtype=torch.bool), 0

    @torch.no_grad()
    def write(i):
        nonlocal c, at
        c = p["decay"] * c + U @ k[i]
        if gate(torch.cat([k[i], c])).item() > p["threshold"]:
            keys[at], values[at], used[at] = k[i], v[i], True
            at = (at + 1) % M

    return Each(len(k), write), Each(len(q), lambda i: torch.softmax((q[i] + W @ c) @ keys[used].T, -1) @ values[used])


def gated_episodic_vectorised(w, p, k, v, q):
    B, N, _ = k.shape
    U, W, M = w["context_drift.U"].transpose(1, 2), w["context_drift.W_c"].transpose(1, 2), p["memorySize"]
    first, second = linear(w, "gate_network.0"), linear(w, "gate_network.2")
    keys, values, used = w["mem_keys"].clone(), w["mem_values"].clone(), torch.zeros(B, 1, M)
    c = None

    @torch.no_grad()
    def write():
        nonlocal c
        drive, contexts, now = k @ U, [], torch.zeros(B, p["contextDim"])
        for i in range(N):
            now = p["decay"] * now + drive[:, i]
            contexts.append(now)
        c = now[:, None]
        gates = torch.sigmoid(second(torch.relu(first(torch.cat([k, torch.stack(contexts, 1)], 2)))))[:, :, 0]
        for b in range(B):
            chosen = (gates[b] > p["threshold"]).nonzero()[:, 0]
            places = torch.arange(len(chosen))[-M:] % M
            keys[b, places], values[b, places], used[b, 0, places] = k[b, chosen[-M:]], v[b, chosen[-M:]], 1

    def read():
        return torch.softmax(torch.baddbmm((used - 1) * 1e9, q + c @ W, keys.transpose(1, 2)), -1) @ values

    return Once(write), Once(read)


def meta_fast_weights_loop(w, p, k, v, q):
    names = [f"hypernetwork.{i}" for i in (0, 2, 4)]
    net = nn.Sequential(layer(w, names[0]), nn.ReLU(), layer(w, names[1]), nn.ReLU(), layer(w, names[2]), nn.Tanh())
    D = len(k[0])
    W = torch.zeros(D, D)

    @torch.no_grad()
    def write(i):
        nonlocal W
        W = W + p["updateScale"] * net(k[i]).view(D, D)

    return Each(len(k), write), Each(len(q), lambda i: q[i] @ W)


def meta_fast_weights_vectorised(w, p, k, v, q):
    """A seed at a time: the changes of all at once would not fit the caches."""
    D, W = k.shape[2], None
    layers = [(w[f"hypernetwork.{i}.weight"], w[f"hypernetwork.{i}.bias"]) for i in (0, 2, 4)]

    def write():
        nonlocal W
        changes = []
        for b, x in enumerate(k):
            for weight, bias in layers[:2]:
                x = torch.relu(F.linear(x, weight[b], bias[b]))
            changes.append(torch.tanh(F.linear(x, layers[2][0][b], layers[2][1][b])).sum(0).view(D, D))
        W = p["updateScale"] * torch.stack(changes)

    return Once(write), Once(lambda: q @ W)


def rag_loop(w, p, k, v, q):
    W, kept = w["W_q"][0], []
    attend = attention(w, "cross_attention", len(k[0]), p["heads"])

    def write(i):
        kept.append((k[i], v[i]))
        if len(kept) > p["memorySize"]:
            kept.pop(0)

    @torch.no_grad()
    def read(i):
        r = q[i] @ W
        keys, values = torch.stack([a for a, _ in kept]), torch.stack([b for _, b in kept])
        top = F.cosine_similarity(r[None], keys, dim=1).topk(p["topK"]).indices
        return attend(r[None, None], keys[top][None], values[top][None])[0][0, 0]

    return Each(len(k), write), Each(len(q), read)


def rag_vectorised(w, p, k, v, q):
    """A seed at a time, all its queries at once: gathered rows of all seeds would not fit the caches."""
    attends = [attention(w, "cross_attention", k.shape[2], p["heads"], b) for b in range(len(k))]

    @torch.no_grad()
    def read():
        answers = []
        for x, y, asked, W, attend in zip(k, v, q, w["W_q"], attends):
            r = asked @ W
            top = (F.normalize(r, dim=1) @ F.normalize(x, dim=1).T).topk(p["topK"]).indices
            answers.append(attend(r[:, None], x[top], y[top], need_weights=False)[0][:, 0])
        return torch.stack(answers)

    return Once(lambda: (k.clone(), v.clone())), Once(read)


def graph_loop(w, p, k, v, q):
    nodes, E, G = w["nodes"][0].clone(), w["W_e"][0], w["W_g"][0]
    net = nn.Sequential(layer(w, "node_update_net.0"), nn.ReLU(), layer(w, "node_update_net.2"))
    attend = attention(w, "graph_attention", len(k[0]), p["heads"])

    @torch.no_grad()
    def write(i):
        j = F.cosine_similarity(k[i][None], nodes, dim=1).argmax()
        nodes[j] += p["updateRate"] * torch.tanh(net(torch.cat([nodes[j], v[i]])))

    @torch.no_grad()
    def read(i):
        spread = (torch.sigmoid(nodes @ E @ nodes.T) @ nodes @ G.T)[None]
        return attend(q[None, i : i + 1], spread, spread, need_weights=False)[0][0, 0]

    return Each(len(k), write), Each(len(q), read)


def graph_vectorised(w, p, k, v, q):
    nodes, E, G = w["nodes"].clone(), w["W_e"], w["W_g"]
    first, second, attend = linear(w, "node_update_net.0"), linear(w, "node_update_net.2"), batched_attention(w, "graph_attention", p["heads"])
    rows = torch.arange(len(k))

    @torch.no_grad()
    def write(i):
        j = F.cosine_similarity(k[:, i, None], nodes, dim=2).argmax(1)
        chosen = nodes[rows, j]
        nodes[rows, j] = chosen + p["updateRate"] * torch.tanh(second(torch.relu(first(torch.cat([chosen, v[:, i]], 1)[:, None]))))[:, 0]

    @torch.no_grad()
    def read():
        spread = torch.sigmoid(nodes @ E @ nodes.transpose(1, 2)) @ nodes @ G.transpose(1, 2)
        return attend(q, spread, spread)

    return Each(k.shape[1], write), Once(read)


def episodic_slots_loop(w, p, k, v, q):
    K, V = parameter(w["mem_keys"][0]), parameter(w["mem_values"][0])
    adam = Adam([K, V], p["learningRate"])

    def store():
        losses = [((torch.softmax(k[i] @ K.T, -1) @ V - v[i]) ** 2).mean() for i in range(len(k))]
        adam.step(torch.stack(losses).mean())

    read = torch.no_grad()(lambda i: torch.softmax(q[i] @ K.T, -1) @ V)
    return Once(store), Each(len(q), read)


def episodic_slots_vectorised(w, p, k, v, q):
    K, V = parameter(w["mem_keys"]), parameter(w["mem_values"])
    adam = Adam([K, V], p["learningRate"])

    def read(x):
        return torch.softmax(x @ K.transpose(1, 2), -1) @ V

    store = Once(lambda: adam.step(((read(k) - v) ** 2).mean((1, 2)).sum()))
    return store, Once(torch.no_grad()(lambda: read(q)))


def projecting_slots_loop(w, p, k, v, q):
    K, V, into, onto = parameter(w["mem_keys"][0]), parameter(w["mem_values"][0]), layer(w, "key_proj"), layer(w, "value_proj")
    adam = Adam([K, V, *into.parameters(), *onto.parameters()], p["learningRate"])

    def store():
        losses = [((torch.softmax(into(k[i]) @ K.T, -1) @ V - onto(v[i])) ** 2).mean() for i in range(len(k))]
        adam.step(torch.stack(losses).mean())

    read = torch.no_grad()(lambda i: torch.softmax(into(q[i]) @ K.T, -1) @ V)
    return Once(store), Each(len(q), read)


def projecting_slots_vectorised(w, p, k, v, q):
    K, V = parameter(w["mem_keys"]), parameter(w["mem_values"])
    a, c = parameter(w["key_proj.weight"]), parameter(w["value_proj.weight"])
    b, d = parameter(w["key_proj.bias"][:, None]), parameter(w["value_proj.bias"][:, None])
    adam = Adam([K, V, a, b, c, d], p["learningRate"])

    def read(x):
        return torch.softmax(torch.baddbmm(b, x, a.transpose(1, 2)) @ K.transpose(1, 2), -1) @ V

    store = Once(lambda: adam.step(((read(k) - torch.baddbmm(d, v, c.transpose(1, 2))) ** 2).mean((1, 2)).sum()))
    return store, Once(torch.no_grad()(lambda: read(q)))


class Episodic:
    """Slots of true-episodic without contexts, with a leading batch of seeds or without; the first `used` are in use."""

    def __init__(self, w, p, k, prefix="", one=False):
        self.batch = () if one else (len(k),)
        K, V = (w[prefix + name].flatten(2) for name in ("mem_keys", "mem_values"))
        self.K, self.V = (parameter(x[0] if one else x) for x in (K, V))
        self.M, self.decay = p["memorySize"], p["timeWeight"]
        self.orthogonality = p.get("orthogonalityWeight", 0)
        self.times, self.used, self.now = torch.zeros(self.M), 0, 0.0
        self.adam = Adam([self.K, self.V], p["learningRate"])

    def take(self, i, time):
        self.times[i % self.M], self.used = time, min(self.M, max(self.used, i + 1))

    def read(self, x):
        u = self.used
        s = x @ self.K[..., :u, :].transpose(-1, -2) + 0.3 * torch.exp(-self.decay * (self.now - self.times[:u]))
        return torch.softmax(s, -1) @ self.V[..., :u, :]

    def error(self, k, v):
        return ((self.read(k) - v) ** 2).mean(-1).sum()

    def step(self, k, v):
        loss = self.error(k, v)
        if self.orthogonality and self.used > 1:
            V = self.V[..., : self.used, :]
            loss = loss + self.orthogonality * ((V @ V.transpose(-1, -2) - torch.eye(self.used)) ** 2).sum()
        self.adam.step(loss)


def row(x, i):
    return x[..., i : i + 1, :]


def true_episodic(memory, p, k, v):
    """All items take their slots, then they are written pass by pass."""
    N = k.shape[-2]
    for i in range(N):
        memory.take(i, float(i))

    def write(i):
        for _ in range(p["innerSteps"]):
            memory.step(row(k, i % N), row(v, i % N))
        if i == p["outerSteps"] * N - 1:
            memory.now = float(N)

    return Each(p["outerSteps"] * N, write)


def true_episodic_loop(w, p, k, v, q):
    memory = Episodic(w, p, k, one=True)
    return true_episodic(memory, p, k, v), Each(len(q), torch.no_grad()(lambda i: memory.read(q[i])))


def true_episodic_vectorised(w, p, k, v, q):
    memory = Episodic(w, p, k)
    return true_episodic(memory, p, k, v), Once(torch.no_grad()(lambda: memory.read(q)))


def true_matrix(memory, p, k, v):
    """Each item takes the next slot, is written, and then its slot is stamped."""

    def write(i):
        memory.take(i, memory.times[i % memory.M].item())
        for _ in range(p["updateSteps"]):
            memory.step(row(k, i), row(v, i))
        memory.times[i % memory.M], memory.now = memory.now, memory.now + 1

    def settle():
        memory.used = memory.M

    return Each(k.shape[-2], write, settle)


def true_matrix_loop(w, p, k, v, q):
    memory = Episodic(w, p, k, one=True)
    return true_matrix(memory, p, k, v), Each(len(q), torch.no_grad()(lambda i: memory.read(q[i])))


def true_matrix_vectorised(w, p, k, v, q):
    memory = Episodic(w, p, k)
    return true_matrix(memory, p, k, v), Once(torch.no_grad()(lambda: memory.read(q)))


def adaptive_episodic_loop(w, p, k, v, q):
    """It has no vectorised form: each seed and item takes as many steps as its own classifier says."""
    memory = Episodic(w, p, k, "episodic_memory.", one=True)
    names = [f"content_classifier.content_classifier.{i}" for i in (0, 2, 4)]
    net = nn.Sequential(layer(w, names[0]), nn.ReLU(), layer(w, names[1]), nn.ReLU(), layer(w, names[2]), nn.Softmax(-1))
    constants = torch.tensor([[3, 4, 2, 3], [2, 3, 1, 3], [0.1, 0.08, 0.15, 0.05]])
    N = len(k)
    for i in range(N):
        memory.take(i, float(i))
    with torch.no_grad():
        plan = [(constants @ net(torch.cat([x, torch.zeros(p["contextDim"])]))).tolist() for x in k]
    due = [i for each in range(3) for i in range(N) if each < max(1, round(plan[i][1]))]

    def write(at):
        i = due[at]
        key, value, (inner, _, threshold) = row(k, i), row(v, i), plan[i]
        for _ in range(max(1, round(inner))):
            with torch.no_grad():
                if memory.error(key, value).item() < threshold:
                    break
            memory.step(key, value)
        if at == len(due) - 1:
            memory.now = float(N)

    return Each(len(due), write), Each(len(q), torch.no_grad()(lambda i: memory.read(q[i])))


def stacked_loop(w, p, k, v, q):
    """Two Hopfield networks, one after the other."""
    kept = [[], []]

    def write(i):
        for one in kept:
            one.append((k[i], v[i]))

    def read(i):
        x = q[i]
        keys, values = joined(kept[0], len(k))
        for _ in kept:
            x = torch.softmax(x @ keys.T, -1) @ values
        return x

    return Each(len(k), write), Each(len(q), read)


def stacked_vectorised(w, p, k, v, q):
    def read():
        x = q
        for _ in range(2):
            x = torch.softmax(x @ k.transpose(1, 2), -1) @ v
        return x

    return Once(lambda: [(k.clone(), v.clone()) for _ in range(2)]), Once(read)


def mixture_loop(w, p, k, v, q):
    """A linear associator and a Hopfield network, weighed by a router."""
    W, kept = torch.zeros(len(k[0]), len(k[0])), []
    names = [f"router.{i}" for i in (0, 2, 4)]
    net = nn.Sequential(layer(w, names[0]), nn.ReLU(), layer(w, names[1]), nn.ReLU(), layer(w, names[2]), nn.Softmax(-1))

    def write(i):
        nonlocal W
        W = W + torch.outer(v[i], k[i])
        kept.append((k[i], v[i]))

    @torch.no_grad()
    def read(i):
        keys, values = joined(kept, len(k))
        share = net(q[i])
        return share[0] * (W @ q[i]) + share[1] * (torch.softmax(q[i] @ keys.T, -1) @ values)

    return Each(len(k), write), Each(len(q), read)


def mixture_vectorised(w, p, k, v, q):
    W, first, second, third = None, *(linear(w, f"router.{i}") for i in (0, 2, 4))

    def write():
        nonlocal W
        W = v.transpose(1, 2) @ k
        return k.clone(), v.clone()

    @torch.no_grad()
    def read():
        share = torch.softmax(third(torch.relu(second(torch.relu(first(q))))), -1)
        associated, hopfield = q @ W.transpose(1, 2), torch.softmax(q @ k.transpose(1, 2), -1) @ v
        return share[..., :1] * associated + share[..., 1:] * hopfield

    return Once(write), Once(read)


class Loaded:
    def __init__(self, file):
        with open(file, "rb") as opened:
            about = json.loads(opened.readline())
            numbers = torch.frombuffer(bytearray(opened.read()), dtype=torch.float32)
        self.model, self.params = about["model"], about["params"]
        arrays, at = {}, 0
        for name, shape in about["arrays"]:
            size = math.prod(shape)
            arrays[name] = numbers[at : at + size].view(shape)
            at += size
        self.keys, self.values, self.queries = (arrays.pop(name) for name in ("keys", "values", "queries"))
        self.weights, self.seeds = arrays, len(self.keys)

    def make(self, form):
        made = globals().get(f"{self.model.replace('-', '_')}_{form}")
        given = (self.keys, self.values, self.queries)
        return made and made(self.weights, self.params, *((x[0] for x in given) if form == "loop" else given))

    def recall(self, form, file):
        made = self.make(form)
        if not made:
            return None
        write, read = made
        if write:
            write.all()
        answer = read.recalled().detach().contiguous()
        with open(file, "wb") as opened:
            opened.write(answer.numpy().tobytes())
        return list(answer.shape)

    def parts(self, form):
        """Of storing and of recalling, milliseconds by each clock; or nothing without such a form."""
        made = self.make(form)
        if not made:
            return None
        write, read = made
        times = [timed(write)]
        # What is asked must have stored something: what is written item by item may have filled the budget with some of them.
        if write and write.count > 1 and self.model in ("hopfield", "stacked", "mixture", "rag", "gated-episodic"):
            write, read = self.make(form)
            write.all()
        return [*times, timed(read)]

    def time(self, form):
        parts = self.parts(form)
        each = 1 if form == "loop" else self.seeds
        return parts and dict(zip(("store", "retrieve"), (part["thread"] / each for part in parts)))

    def job(self):
        form = "vectorised" if self.make("vectorised") else "loop"
        parts, times = self.parts(form), self.seeds if form == "loop" else 1
        return parts and {"form": form, **{clock: times * sum(part[clock] for part in parts) for clock in ("wall", "cpu")}}


def product():
    a = torch.randn(512, 512)
    times = timed(Once(lambda: a @ a))
    return 2 * 512**3 / times["thread" if THREADS == 1 else "wall"] / 1e6


loaded = None
for line in sys.stdin:
    word, *rest = line.split()
    if word == "load":
        loaded, answer = Loaded(rest[0]), True
    else:
        answer = product() if word == "product" else getattr(loaded, word)(*rest)
    print(json.dumps(answer), flush=True)
