"""Fixtures of the recurrent blocks: token by token, in double precision, with plain lists and nothing but the standard
library. Knows the recurrences, and no chunk, no triangular system and no sum of logarithms.

    python3 tests/support/recurrent_blocks.py        writes tests/golden/NAME.json
"""
import json, math, os, random

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'golden')

sigmoid = lambda x: 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
silu = lambda x: x * sigmoid(x)
softplus = lambda x: x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))
dot = lambda a, b: math.fsum(x * y for x, y in zip(a, b))
times = lambda m, x: [dot(row, x) for row in m]          # x W^T
unit = lambda x: [v / max(math.sqrt(dot(x, x)), 1e-8) for v in x]
norm = lambda x: [v / math.sqrt(dot(x, x) / len(x) + 1e-6) for v in x]
heads_of = lambda x, n: [x[h * len(x) // n:(h + 1) * len(x) // n] for h in range(n)]
read = lambda q, s: [math.fsum(q[i] * s[i][j] for i in range(len(q))) for j in range(len(s[0]))]
zeros = lambda rows, columns: [[0.0] * columns for _ in range(rows)]


class Convolved:
    """silu(sum_j c_j z_(t-3+j)) of z = x W^T; the map alone, or silu of it, without a kernel."""

    def __init__(self, w, name, short, activate=False):
        self.map, self.short, self.activate = w['W_' + name[0]], short, activate
        self.kernel = w.get(name[1] + '_conv1d.weight')
        self.past = []

    def __call__(self, x):
        z = times(self.map, x)
        if not self.short:
            return [silu(v) for v in z] if self.activate else z
        self.past = ([z] + self.past)[:4]
        return [silu(math.fsum(c[0][3 - ago] * old[i] for ago, old in enumerate(self.past)))
                for i, c in enumerate(self.kernel)]


def maps(w, names, short, activate=False):
    w = {**w, **{k[:-len('.weight')]: v for k, v in w.items() if k.startswith('W_')}}
    return [Convolved(w, (n, k), short, activate) for n, k in names]


QKV = [('q', 'q'), ('k', 'k'), ('v', 'v')]


def delta_net(w, p, gated):
    H, d = p['heads'], p['dim']
    states = [zeros(d // H, d // H) for _ in range(H)]
    all_maps = maps(w, QKV, p['convolution'] == 'short')

    def step(x):
        q, k, v = [heads_of(m(x), H) for m in all_maps]
        b = [sigmoid(y + c) for y, c in zip(times(w['beta.weight'], x), w['beta.bias'])]
        joined = []
        for h in range(H):
            a = 1.0
            if gated:
                a = math.exp(-math.exp(w['A_log'][h]) * softplus(dot(w['dt.weight'][h], x) + w['dt.bias'][h]))
            key, s = unit(k[h]), states[h]
            for row in s:
                for j in range(len(row)):
                    row[j] *= a
            known = read(key, s)
            for i in range(len(key)):
                for j in range(len(key)):
                    s[i][j] += b[h] * key[i] * (v[h][j] - known[j])
            joined += norm(read(unit(q[h]), s))
        if gated:
            joined = [y * silu(g) for y, g in zip(joined, times(w['W_g.weight'], x))]
        return times(w['W_o.weight'], joined)
    return step


def mamba_2(w, p):
    H, d, n = p['heads'], p['dim'], p['stateSize']
    states = [zeros(n, d // H) for _ in range(H)]
    all_maps = maps(w, [('x', 'x'), ('B', 'B'), ('C', 'C')], p['convolution'] == 'short', True)

    def step(x):
        u, B, C = [m(x) for m in all_maps]
        joined = []
        for h, value in enumerate(heads_of(u, H)):
            delta = softplus(dot(w['dt.weight'][h], x) + w['dt.bias'][h])
            a, s = math.exp(-math.exp(w['A_log'][h]) * delta), states[h]
            for i in range(n):
                for j in range(len(value)):
                    s[i][j] = a * s[i][j] + delta * B[i] * value[j]
            joined += [y + w['D'][h][0][0] * v for y, v in zip(read(C, s), value)]
        return times(w['W_o.weight'], norm([y * silu(g) for y, g in zip(joined, times(w['W_z.weight'], x))]))
    return step


def retnet(w, p):
    H, d = p['heads'], p['dim']
    size = d // H
    states = [zeros(size, size) for _ in range(H)]
    all_maps = maps(w, QKV, p.get('convolution') == 'short')
    place = [0]

    def turned(x):
        if p.get('positions') != 'rotary':
            return x
        half, y = size // 2, list(x)
        for i in range(half):
            # Complex numbers: another way to the same rotation.
            z = complex(x[i], x[i + half]) * complex(0, 1) ** (place[0] * 10000 ** (-i / half) / (math.pi / 2))
            y[i], y[i + half] = z.real, z.imag
        return y

    def step(x):
        q, k, v = [heads_of(m(x), H) for m in all_maps]
        joined = []
        for h in range(H):
            key, s, gamma = turned(k[h]), states[h], 1 - 2.0 ** (-5 - h)
            for i in range(size):
                for j in range(size):
                    s[i][j] = gamma * s[i][j] + key[i] * v[h][j]
            joined += norm([y / math.sqrt(size) for y in read(turned(q[h]), s)])
        place[0] += 1
        return times(w['W_o.weight'], [y * silu(g) for y, g in zip(joined, times(w['W_g.weight'], x))])
    return step


def linear_attention(w, p):
    H, d = p['heads'], p['dim']
    size = d // H
    states = [zeros(size, size) for _ in range(H)]
    sums = [[0.0] * size for _ in range(H)]
    all_maps = maps(w, QKV, p.get('convolution') == 'short')
    phi = lambda x: [v + 1 if v > 0 else math.exp(v) for v in x]

    def step(x):
        q, k, v = [heads_of(m(x), H) for m in all_maps]
        joined = []
        for h in range(H):
            key, query = phi(k[h]), phi(q[h])
            for i in range(size):
                sums[h][i] += key[i]
                for j in range(size):
                    states[h][i][j] += key[i] * v[h][j]
            joined += [y / dot(query, sums[h]) for y in read(query, states[h])]
        return [y + b for y, b in zip(times(w['out.weight'], joined), w['out.bias'])]
    return step


def augmented_attention(w, p):
    """Attention over the tokens of a call; F from call to call."""
    H, d = p['heads'], p['dim']
    F = zeros(d, d)
    packed = w['attn.in_proj_weight']
    project = lambda x, part: [y + b for y, b in zip(times(packed[part * d:(part + 1) * d], x),
                                                      w['attn.in_proj_bias'][part * d:(part + 1) * d])]
    row_times = lambda x, m: [math.fsum(x[i] * m[i][j] for i in range(d)) for j in range(d)]  # x W
    seen = []

    def softmax(x):
        e = [math.exp(v - max(x)) for v in x]
        return [v / math.fsum(e) for v in e]

    def step(x):
        q, k, v = [heads_of(project(x, part), H) for part in range(3)]
        seen.append((k, v))
        joined = []
        for h in range(H):
            shares = softmax([dot(q[h], k[h]) / math.sqrt(d // H) for k, _ in seen])
            joined += [math.fsum(s * v[h][j] for s, (_, v) in zip(shares, seen)) for j in range(d // H)]
        y = [a + b for a, b in zip(times(w['attn.out_proj.weight'], joined), w['attn.out_proj.bias'])]
        r = row_times(x, w['W_Q_fast'])
        weights = softmax([s / math.sqrt(d) for s in times(F, r)]) if p['read'] == 'softmax' else r
        y = [a + b for a, b in zip(y, row_times(weights, F))]
        key, value = row_times(x, w['W_K_fast']), row_times(x, w['W_V_fast'])
        for i in range(d):
            for j in range(d):
                F[i][j] += p['learningRate'] * key[i] * value[j]
        return y
    step.new_call = seen.clear
    return step


def titans(w, p):
    d = p['dim']
    layers = [[row[:] for row in w['memory.%d.weight' % l]] for l in range(p['depth'])]
    momentum = [zeros(len(m), len(m[0])) for m in layers]
    all_maps = maps(w, [('K', 'k'), ('V', 'v'), ('Q', 'q')], p['convolution'] == 'short')
    chunk, at = p.get('chunk', 1), {'token': 0, 'layers': None}

    def rates(x):
        if p.get('rates') != 'token':
            return p['learningRate'], p['momentum'], p['forgetting']
        return [sigmoid(dot(w[n + '.weight'][0], x) + w[n + '.bias'][0]) for n in ('theta', 'eta', 'alpha')]

    def pass_through(x, layers=layers):
        inputs, sums = [x], []
        for l, m in enumerate(layers):
            sums.append(times(m, inputs[-1]))
            inputs.append(sums[-1] if l == len(layers) - 1 else [silu(a) for a in sums[-1]])
        return inputs, sums

    def step(x):
        k, v, q = [m(x) for m in all_maps]
        if at['token'] % chunk == 0:
            at['layers'] = [[row[:] for row in m] for m in layers]
        at['token'] += 1
        first = at['layers']
        theta, eta, alpha = rates(x)
        inputs, sums = pass_through(unit(k), first)
        error = [2 * (y - t) for y, t in zip(inputs[-1], v)]
        gradients = [None] * len(layers)
        for l in reversed(range(len(layers))):
            gradients[l] = [[e * i for i in inputs[l]] for e in error]
            if l:
                back = [math.fsum(first[l][r][c] * error[r] for r in range(len(error))) for c in range(len(inputs[l]))]
                error = [b * (sigmoid(a) + a * sigmoid(a) * (1 - sigmoid(a))) for b, a in zip(back, sums[l - 1])]
        for m, s, g in zip(layers, momentum, gradients):
            for r in range(len(m)):
                for c in range(len(m[0])):
                    s[r][c] = eta * s[r][c] - theta * g[r][c]
                    m[r][c] = (1 - alpha) * m[r][c] + s[r][c]
        return pass_through(unit(q))[0][-1]

    # A call begins a chunk.
    step.new_call = lambda: at.update(token=0)
    return step


def nested(data, shape):
    if len(shape) == 1:
        return data[:shape[0]]
    each = len(data) // shape[0]
    return [nested(data[i * each:(i + 1) * each], shape[1:]) for i in range(shape[0])]


flat = lambda x: [z for y in x for z in flat(y)] if isinstance(x, list) else [x]


def fixture(name, model, block, params, shapes, inputs, calls, note, special=None):
    """Weights are rounded to float32's neighbourhood by six digits, so that all see the same numbers."""
    draw = random.Random(name)
    weights = {}
    for key, shape in shapes.items():
        bound = 1 / math.sqrt(shape[-1]) if len(shape) > 1 else 0.5
        count = math.prod(shape)
        weights[key] = [round(draw.uniform(-bound, bound), 6) for _ in range(count)]
    weights.update(special or {})
    block = block({k: nested(weights[k], shapes[k]) for k in shapes}, params)
    tokens = inputs(draw, sum(calls), params['dim'])
    tokens = [[round(v, 6) for v in row] for row in tokens]
    steps, at = [], 0
    for call in calls:
        if hasattr(block, 'new_call'):
            block.new_call()
        part = tokens[at:at + call]
        at += call
        wanted = [block(x) for x in part]
        shape = [call, params['dim']]
        steps.append({'op': 'forward', 'inputs': {'shape': shape, 'data': flat(part)},
                      'expect': {'shape': shape, 'data': [float('%.12g' % v) for v in flat(wanted)]}})
    file = {'format': 'memory-fixture/1', 'model': model, 'params': params, 'note': note,
            'weights': {k: {'shape': shapes[k], 'data': weights[k]} for k in shapes},
            'steps': steps, 'tolerance': {'absolute': 2e-5, 'relative': 2e-4}}
    with open(os.path.join(HERE, name + '.json'), 'w') as out:
        json.dump(file, out)
        out.write('\n')


distinct = lambda r, n, d: [[r.gauss(0, 1) for _ in range(d)] for _ in range(n)]


def one_word(r, n, d):
    token = [r.gauss(0, 1) for _ in range(d)]
    return [token] * n


def filler(r, n, d):
    """One token with a little noise, and a few words between."""
    token = [r.gauss(0, 1) for _ in range(d)]
    return [[r.gauss(0, 1) for _ in range(d)] if t % 9 == 4 else [v + r.gauss(0, 0.01) for v in token] for t in range(n)]


def with_resets(every):
    """The first channel is 1 at a token that clears the memory, else 0."""
    def make(r, n, d):
        return [[float(t % every == every - 1)] + [r.gauss(0, 1) for _ in range(d - 1)] for t in range(n)]
    return make


D = 8
square = lambda *names: {n + '.weight': [D, D] for n in names}
conv = lambda *names: {n + '_conv1d.weight': [D, 1, 4] for n in names}
qkv, kernels = square('W_q', 'W_k', 'W_v'), conv('q', 'k', 'v')
beta = lambda h: {'beta.weight': [h, D], 'beta.bias': [h]}
decay = lambda h: {'dt.weight': [h, D], 'dt.bias': [h], 'A_log': [h]}
net = lambda w, p: delta_net(w, p, False)
gated = lambda w, p: delta_net(w, p, True)
# ln a = -exp(A) softplus(dt): about -0.01 at an ordinary token, -1e6 at one whose first channel is 1.
reset = lambda h: {'dt.weight': ([1e6] + [0.0] * (D - 1)) * h, 'dt.bias': [-4.6] * h, 'A_log': [0.0] * h}
# For Mamba-2, whose step also scales what is written: steps of 0.01 and 30, exp(A) = 4e4.
mamba_reset = {'dt.weight': ([34.6] + [0.0] * (D - 1)) * 2, 'dt.bias': [-4.6] * 2, 'A_log': [-2.0, 10.6]}

fixture('delta-net', 'delta-net', net, {'dim': D, 'heads': 2, 'convolution': 'short'},
        {**qkv, **kernels, **square('W_o'), **beta(2)}, distinct, [41, 1, 2, 5], 'distinct tokens, longer than a chunk')
fixture('delta-net-2', 'delta-net', net, {'dim': D, 'heads': 2, 'convolution': 'none'},
        {**qkv, **square('W_o'), **beta(2)}, one_word, [70, 5], 'one token again and again, writes at full strength',
        {'beta.bias': [30.0, 30.0]})
fixture('delta-net-3', 'delta-net', net, {'dim': D, 'heads': 4, 'convolution': 'short'},
        {**qkv, **kernels, **square('W_o'), **beta(4)}, filler, [1, 1, 66, 3], 'filler between a few words, short calls')
fixture('gated-delta-rule-5', 'gated-delta-rule', gated, {'dim': D, 'heads': 2, 'convolution': 'short'},
        {**qkv, **kernels, **square('W_g', 'W_o'), **beta(2), **decay(2)}, distinct, [40, 2, 1, 5],
        'short convolution; distinct tokens, longer than a chunk')
fixture('gated-delta-rule-6', 'gated-delta-rule', gated, {'dim': D, 'heads': 2, 'convolution': 'none'},
        {**qkv, **square('W_g', 'W_o'), **beta(2), **decay(2)}, with_resets(7), [65, 5],
        'hard resets inside a chunk, slow decay between them', reset(2))
fixture('mamba-2-3', 'mamba-2', mamba_2, {'dim': D, 'heads': 2, 'stateSize': 6, 'convolution': 'short'},
        {**square('W_x', 'W_z', 'W_o'), 'W_B.weight': [6, D], 'W_C.weight': [6, D], **conv('x'),
         'B_conv1d.weight': [6, 1, 4], 'C_conv1d.weight': [6, 1, 4], **decay(2), 'D': [2, 1, 1]}, distinct, [40, 1, 2, 5],
        'short convolution; distinct tokens, longer than a chunk')
fixture('mamba-2-4', 'mamba-2', mamba_2, {'dim': D, 'heads': 2, 'stateSize': 6, 'convolution': 'none'},
        {**square('W_x', 'W_z', 'W_o'), 'W_B.weight': [6, D], 'W_C.weight': [6, D], **decay(2), 'D': [2, 1, 1]},
        with_resets(7), [65, 5], 'hard resets inside a chunk', mamba_reset)
fixture('linear-attention-3', 'linear-attention', linear_attention, {'dim': D, 'heads': 2, 'convolution': 'short'},
        {**qkv, **kernels, 'out.weight': [D, D], 'out.bias': [D]}, distinct, [40, 1, 2, 5], 'short convolution')
fixture('linear-attention-4', 'linear-attention', linear_attention, {'dim': D, 'heads': 1},
        {**qkv, 'out.weight': [D, D], 'out.bias': [D]}, lambda r, n, d: [[abs(r.gauss(0, 1)) + 0.2 for _ in range(d)] for _ in range(n)],
        [40, 5], 'all queries near -60, all keys near -20',
        {'W_q.weight': [-8.0 - i % 3 for i in range(D * D)], 'W_k.weight': [-2.0 - (i % 5) / 4 for i in range(D * D)]})
fixture('retnet-3', 'retnet', retnet, {'dim': D, 'heads': 2, 'positions': 'rotary'},
        {**qkv, **square('W_g', 'W_o')}, distinct, [40, 1, 2, 5], 'rotary positions')
fixture('retnet-4', 'retnet', retnet, {'dim': D, 'heads': 4, 'positions': 'rotary', 'convolution': 'short'},
        {**qkv, **kernels, **square('W_g', 'W_o')}, filler, [66, 1, 4], 'rotary positions and short convolution; filler')
fixture('augmented-attention-3', 'augmented-attention', augmented_attention,
        {'dim': D, 'heads': 2, 'learningRate': 0.5, 'read': 'softmax'},
        {'attn.in_proj_weight': [3 * D, D], 'attn.in_proj_bias': [3 * D], 'attn.out_proj.weight': [D, D],
         'attn.out_proj.bias': [D], 'W_K_fast': [D, D], 'W_V_fast': [D, D], 'W_Q_fast': [D, D]},
        distinct, [1, 40, 3], 'softmax read, longer than a chunk, fast writes')
fixture('titans-4', 'titans', titans, {'dim': D, 'depth': 2, 'expansion': 2, 'learningRate': 0.02, 'momentum': 0.6,
        'forgetting': 0.01, 'convolution': 'short'},
        {**square('W_K', 'W_V', 'W_Q'), **kernels, 'memory.0.weight': [2 * D, D], 'memory.1.weight': [D, 2 * D]},
        distinct, [9, 1, 2, 5], 'short convolution')
fixture('titans-5', 'titans', titans, {'dim': D, 'depth': 2, 'expansion': 2, 'chunk': 4, 'rates': 'token',
        'convolution': 'short'},
        {**square('W_K', 'W_V', 'W_Q'), **kernels, 'memory.0.weight': [2 * D, D], 'memory.1.weight': [D, 2 * D],
         **{n + '.weight': [1, D] for n in ('theta', 'eta', 'alpha')}, **{n + '.bias': [1] for n in ('theta', 'eta', 'alpha')}},
        with_resets(6), [9, 1, 2, 7], 'rates of each token in chunks; a token of every six erases the memory',
        {'alpha.weight': [60.0] + [0.1] * (D - 1), 'theta.bias': [-1.5], 'alpha.bias': [-4.0]})
