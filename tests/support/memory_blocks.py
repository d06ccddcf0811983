"""Fixtures of the blocks with an episodic bank and of their combinations: token by token, in double precision, with a ring
buffer that is really written and read. Knows no mask, no batch and no matrix of all pairs.

    python3 tests/support/memory_blocks.py        writes tests/golden/NAME.json
"""
import json, math, os
import numpy as np

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'golden')
sigmoid = lambda x: 1 / (1 + np.exp(-x))
unit = lambda x: x / max(np.linalg.norm(x), 1e-8)
rms = lambda x: x / math.sqrt(np.mean(x * x) + 1e-6)


def softmax(x):
    e = np.exp(x - np.max(x))
    return e / e.sum()


class Block:
    """A call is begun, then every token is read and, once all blocks of a stack have read it, closed."""
    def begin(self, length, turns, types): pass
    def read(self, x, t): raise NotImplementedError
    def close(self, t): pass


class Attention(Block):
    def __init__(self, w, p, at):
        self.H, self.d = p['heads'], p['dim']
        self.inw, self.inb = w[at + 'in_proj_weight'], w[at + 'in_proj_bias']
        self.ow, self.ob = w[at + 'out_proj.weight'], w[at + 'out_proj.bias']

    def begin(self, length, turns, types):
        self.seen = []

    def read(self, x, t):
        q, k, v = np.split(self.inw @ x + self.inb, 3)
        self.seen.append((k, v))
        size, out = self.d // self.H, []
        for h in range(self.H):
            cut = slice(h * size, (h + 1) * size)
            p = softmax(np.array([q[cut] @ k[cut] / math.sqrt(size) for k, _ in self.seen]))
            out.append(sum(a * v[cut] for a, (_, v) in zip(p, self.seen)))
        return self.ow @ np.concatenate(out) + self.ob


class Learned(Block):
    """Multi-head CMR."""
    def __init__(self, w, p, at):
        self.w, self.p, self.at = w, p, at

    def read(self, x, t):
        w, p, at = self.w, self.p, self.at
        H, size, out = p['heads'], p['dim'] // p['heads'], []
        c = w[at + 'W_q.weight'] @ x
        for h in range(H):
            ch = c[h * size:(h + 1) * size]
            if p.get('association') == 'low-rank':
                out.append(w[at + 'W_1'][h] @ w[at + 'W_2'][h] @ ch)
                continue
            K, V = w[at + 'memory_keys'], w[at + 'memory_values']
            if p.get('association') != 'global':
                K, V = K[h], V[h]
            s = [unit(ch) @ unit(k) if p.get('similarity') == 'cosine' else ch @ k / math.sqrt(size) for k in K]
            out.append(softmax(np.array(s)) @ V)
        return w[at + 'out.weight'] @ np.concatenate(out) + w[at + 'out.bias']


class Episodic(Block):
    """A ring of [key, value]; `below`: the episodic blocks beneath it in its stack, lowest first."""
    def __init__(self, w, p, at, below=()):
        self.w, self.at, self.ring, self.held = w, at, [], []
        self.p = {'segment': 1, 'summary': 'last', 'similarity': 'dot', 'topK': 0, 'write': 'segment', 'decay': 1,
                  'flush': 'never', 'read': 'softmax', 'reach': 'own', 'threshold': 0.5, **p}
        reach = self.p['reach']
        self.sources = ([] if reach == 'own' else list(below)[-1:] if reach == 'local' else list(below)) + [self]

    def begin(self, length, turns, types):
        if self.p['flush'] == 'call':
            self.ring = []
        self.length, self.turns, self.held, self.previous = length, turns, [], None

    def read(self, x, t):
        w, p, at = self.w, self.p, self.at
        if not self.held:
            self.snapshots = [[(k, v.copy()) for k, v in other.ring] for other in self.sources]
        self.held.append(x)
        c = w[at + 'W_q.weight'] @ x
        reads = [self.look(c, ring) for ring in self.snapshots]
        if len(reads) == 1:
            y = reads[0]
        else:
            y = sum(a * r for a, r in zip(softmax(w[at + 'bank_weights']), reads))
        return w[at + 'out.weight'] @ y + w[at + 'out.bias']

    def look(self, c, ring):
        p, size = self.p, self.p['dim'] // self.p['heads']
        if not ring:
            return np.zeros(p['dim'])
        out = []
        for h in range(p['heads']):
            cut = slice(h * size, (h + 1) * size)
            s = np.array([unit(c[cut]) @ unit(k[cut]) if p['similarity'] == 'cosine' else c[cut] @ k[cut] / math.sqrt(size)
                          for k, _ in ring])
            values = np.array([v[cut] for _, v in ring])
            best = sorted(s, reverse=True)
            if p['read'] == 'knn':
                chosen = s >= best[min(max(1, p['topK']), len(s)) - 1] - 1e-9
                out.append(values[chosen].mean(0))
                continue
            if 0 < p['topK'] < len(s):
                s = np.where(s >= best[p['topK'] - 1] - 1e-12, s, -np.inf)
            out.append(softmax(s) @ values)
        return np.concatenate(out)

    def close(self, t):
        w, p, at, x = self.w, self.p, self.at, self.held[-1]
        last = t == self.length - 1
        if p['write'] == 'turn':
            ended = t in self.turns
        elif p['write'] == 'event':
            ended = self.previous is not None and 1 - unit(x) @ unit(self.previous) > p['threshold']
        else:
            ended = (t + 1) % p['segment'] == 0
        self.previous = x
        if not (ended or last):
            return
        mean = np.mean(self.held, 0)
        if p['summary'] == 'projection':
            s = w[at + 'W_s.weight'] @ mean
        elif p['summary'] == 'cls':
            s = softmax(np.array([h @ w[at + 'cls_token'] for h in self.held]) / math.sqrt(p['dim'])) @ np.array(self.held)
        else:
            s = mean if p['summary'] == 'mean' or p['write'] == 'event' else x
        self.ring = [(k, v * p['decay']) for k, v in self.ring] + [(w[at + 'W_q.weight'] @ s, w[at + 'W_v.weight'] @ s)]
        self.ring = self.ring[-p['memorySlots']:]
        self.held = []


class Titans(Block):
    def __init__(self, w, p, at):
        self.p = {'depth': 2, 'expansion': 2, 'learningRate': 0.02, 'momentum': 0.6, 'forgetting': 0.01,
                  'updateFraction': 1, 'normalizeKeys': True, 'rates': 'constant', **p}
        self.w, self.at = w, at
        self.layers = [w[at + 'memory.%d.weight' % l].copy() for l in range(self.p['depth'])]
        self.moments = [np.zeros_like(m) for m in self.layers]

    def through(self, x):
        inputs, sums = [x], []
        for l, m in enumerate(self.layers):
            sums.append(m @ inputs[-1])
            inputs.append(sums[-1] if l == len(self.layers) - 1 else sums[-1] * sigmoid(sums[-1]))
        return inputs, sums

    def read(self, x, t):
        w, p, at = self.w, self.p, self.at
        k, v, q = [w[at + 'W_%s.weight' % n] @ x for n in 'KVQ']
        if p['normalizeKeys']:
            k, q = unit(k), unit(q)
        rates = [p['learningRate'], p['momentum'], p['forgetting']]
        if p['rates'] == 'token':
            rates = [sigmoid(w[at + n + '.weight'] @ x + w[at + n + '.bias'])[0] for n in ('theta', 'eta', 'alpha')]
        theta, eta, alpha = rates
        inputs, sums = self.through(k)
        error, gradients = 2 * (inputs[-1] - v), [None] * len(self.layers)
        for l in reversed(range(len(self.layers))):
            gradients[l] = np.outer(error, inputs[l])
            if l:
                s = sigmoid(sums[l - 1])
                error = (self.layers[l].T @ error) * (s + sums[l - 1] * s * (1 - s))
        for l, g in enumerate(gradients):
            keep = math.ceil(p['updateFraction'] * len(g))
            norms = np.linalg.norm(g, axis=1)
            g[norms < sorted(norms, reverse=True)[keep - 1]] = 0
            self.moments[l] = eta * self.moments[l] - theta * g
            self.layers[l] = (1 - alpha) * self.layers[l] + self.moments[l]
        return self.through(q)[0][-1]


class TransformerEpisodic(Block):
    """Slots that are copied into, round-robin; recency of what has been stamped."""
    def __init__(self, w, p):
        self.p, self.n, self.now = p, 0, 0
        self.K, self.V = [w['memory.mem_' + x].copy() for x in ('keys', 'values')]
        self.stamps = {}

    def read(self, x, t):
        slot = self.n % self.p['memorySize']
        self.K[slot], self.V[slot], self.stamps[slot] = x, x, self.now
        self.n, self.now = self.n + 1, self.now + 1
        used = sorted(self.stamps)
        scores = [x @ self.K[m] + 0.3 * math.exp(-0.1 * (self.now - self.stamps[m])) for m in used]
        return x + softmax(np.array(scores)) @ self.V[used]


class Hierarchy:
    """A tree for every store: leaves, then level by level parents of what lies close in time and place."""
    def __init__(self, w, p, at):
        self.w, self.p, self.at, self.nodes = w, p, at, []

    def affine(self, name, x):
        return self.w[self.at + name + '.weight'] @ x + self.w[self.at + name + '.bias']

    def encode(self, place, time, level):
        def code(v, n):
            angles = [v / 10000 ** (i / n) / 2 ** level for i in range(0, n, 2)]
            return np.array([f(a) for a in angles for f in (math.sin, math.cos)])[:n]
        return (self.affine('spatial_encoders.%d' % level, code(place, self.p['spatialDim']))
                + self.affine('temporal_encoders.%d' % level, code(time, self.p['temporalDim'])))

    def compose(self, rows, code, level):
        H, d, at = self.p['heads'], self.p['dim'], self.at + 'attention_networks.%d.' % level
        q, k, v = [np.array([self.w[at + 'in_proj_weight'][i * d:(i + 1) * d] @ x + self.w[at + 'in_proj_bias'][i * d:(i + 1) * d]
                             for x in rows]) for i in range(3)]
        size, joined = d // H, []
        for h in range(H):
            cut = slice(h * size, (h + 1) * size)
            joined.append([softmax(a) @ v[:, cut] for a in q[:, cut] @ k[:, cut].T / math.sqrt(size)])
        out = [self.w[at + 'out_proj.weight'] @ y + self.w[at + 'out_proj.bias'] for y in np.concatenate(joined, 1)]
        hidden = self.affine('composition_networks.%d.0' % (level - 1), np.concatenate([np.mean(out, 0), code]))
        return self.affine('composition_networks.%d.2' % (level - 1), np.maximum(hidden, 0))

    def store(self, items):
        """items: [vector, place, time]."""
        leaf = lambda x, s, t: {'key': x + self.encode(s, t, 0), 'value': x + self.encode(s, t, 0), 'level': 0,
                                'start': (t, s), 'end': (t, s)}
        current = [leaf(*item) for item in items]
        self.nodes += current
        for level in range(1, self.p['maxLevels']):
            if len(current) == 1:
                break
            current.sort(key=lambda n: n['start'])
            groups = []
            for node in current:
                before = groups[-1][-1]['end'] if groups else None
                if before and node['start'][0] - before[0] <= 2 ** level and abs(node['start'][1] - before[1]) <= 2 ** level:
                    groups[-1].append(node)
                else:
                    groups.append([node])
            current = []
            for group in groups:
                if len(group) == 1:
                    current += group
                    continue
                (t0, s0), (t1, s1) = group[0]['start'], group[-1]['end']
                code = self.encode((s0 + s1) // 2, (t0 + t1) / 2, level)
                parent = {part: self.compose([n[part] for n in group], code, level) for part in ('key', 'value')}
                parent.update(level=level, start=(min(n['start'][0] for n in group), min(n['start'][1] for n in group)),
                              end=(max(n['end'][0] for n in group), max(n['end'][1] for n in group)))
                self.nodes.append(parent)
                current.append(parent)

    def read(self, x, place, time):
        found = [n for n in self.nodes if n['start'][0] <= time <= n['end'][0] and n['start'][1] <= place <= n['end'][1]]
        scores = [unit(x + self.encode(place, time, n['level'])) @ unit(n['key']) for n in found]
        return softmax(np.array(scores)) @ np.array([n['value'] for n in found])


class HierarchicalContext:
    """Answers whole calls: what a segment says waits for its end."""
    def __init__(self, w, p):
        self.p, self.t = p, 0
        self.memories = [Hierarchy(w, p, 'memories.%d.' % i) for i in range(len(p['scales']))]

    def call(self, rows):
        out = []
        for start in range(0, len(rows), self.p['segment']):
            part = rows[start:start + self.p['segment']]
            places = range(self.t, self.t + len(part))
            for memory, pace in zip(self.memories, self.p['scales']):
                memory.store([(x, s, pace * s) for x, s in zip(part, places)])
            for x, s in zip(part, places):
                out.append(x + np.mean([m.read(x, s, pace * s) for m, pace in zip(self.memories, self.p['scales'])], 0))
            self.t += len(part)
        return out


class Pair(Block):
    """Attention with CMR, in parallel or in series."""
    def __init__(self, w, p, kind, below=()):
        self.w, self.kind, self.order = w, kind, p.get('order', 'attention-first')
        self.attention = Attention(w, p, 'attn.')
        learned = p.get('memory', 'learned') == 'learned'
        self.cmr = Learned(w, p, 'cmr.') if learned else Episodic(w, p, 'cmr.', below)
        self.parts = [self.attention, self.cmr]

    def begin(self, *call):
        for part in self.parts:
            part.begin(*call)

    def read(self, x, t):
        if self.kind == 'parallel':
            both = np.concatenate([self.attention.read(x, t), self.cmr.read(x, t)])
            return self.w['combine.weight'] @ both + self.w['combine.bias']
        first, second = self.parts if self.order == 'attention-first' else self.parts[::-1]
        return second.read(first.read(x, t), t)

    def close(self, t):
        for part in self.parts:
            part.close(t)


class Hybrid(Block):
    def __init__(self, w, p, at='', below=()):
        self.w, self.at, self.p = w, at, {'gate': 'scalar', **p}
        self.neural, self.episodic = Titans(w, p, at + 'neural.'), Episodic(w, p, at + 'episodic.', below)
        self.parts = [self.neural, self.episodic]
        if p.get('attention') == 'attention':
            self.parts.append(Attention(w, p, at + 'attn.'))
        self.front = Attention(w, p, at + 'front.') if p.get('neuralInput') == 'attention' else None
        self.shares = []

    def begin(self, length, turns, types):
        self.types = types
        for part in self.parts + ([self.front] if self.front else []):
            part.begin(length, turns, types)

    def read(self, x, t):
        w, at = self.w, self.at
        seen = self.front.read(x, t) if self.front else x
        z = [part.read(seen if i == 0 else x, t) for i, part in enumerate(self.parts)]
        given = x
        if self.p.get('gateInput') == 'type':
            given = np.concatenate([x, w[at + 'type_embedding.weight'][self.types[t] if self.types else 0]])
        logits = w[at + 'W_g.weight'] @ given + w[at + 'W_g.bias']
        if len(z) == 2:
            g = sigmoid(logits)
            shares = [g, 1 - g]
        else:
            rows = logits.reshape(-1, 3)
            shares = np.array([softmax(row) for row in rows]).T
        self.shares.append(shares)
        return sum(g * y for g, y in zip(shares, z))

    def close(self, t):
        for part in self.parts:
            part.close(t)


class Stack(Block):
    """Pre-norm residual layers without a network and without a token shift."""
    def __init__(self, w, p):
        self.layers, below = [], []
        for i in range(p['layers']):
            ref = p['blocks'][i % len(p['blocks'])]
            at, q = 'layers.%d.block.' % i, {'dim': p['dim'], **ref['params']}
            if ref['kind'] == 'hybrid':
                self.layers.append(Hybrid(w, q, at, below))
                below = below + [self.layers[-1].episodic]
            else:
                self.layers.append(Episodic(w, q, at, below))
                below = below + [self.layers[-1]]

    def begin(self, *call):
        for layer in self.layers:
            layer.begin(*call)

    def read(self, x, t):
        for layer in self.layers:
            x = x + layer.read(rms(x), t)
        return rms(x)

    def close(self, t):
        for layer in self.layers:
            layer.close(t)


def fixture(name, model, make, params, shapes, tokens, calls, note, traces=None):
    """calls: [length, turns, types] each. Weights are rounded, so that all see the same numbers."""
    draw = np.random.RandomState(sum(ord(c) * (i + 1) for i, c in enumerate(name)))
    weights = {}
    for key, shape in shapes.items():
        bound = 1.5 / math.sqrt(shape[-1]) if len(shape) > 1 else 0.8
        weights[key] = np.round(draw.uniform(-bound, bound, shape), 6)
    block = make(weights, params)
    inputs = np.round(tokens(draw, sum(call[0] for call in calls), params['dim']), 6)
    tensor = lambda x: {'shape': list(x.shape), 'data': [float('%.12g' % v) for v in x.ravel()]}
    steps, at = [], 0
    for length, turns, types in calls:
        part, wanted = inputs[at:at + length], []
        at += length
        if hasattr(block, 'call'):
            wanted = block.call(part)
        else:
            block.begin(length, turns or [], types)
            for t, x in enumerate(part):
                wanted.append(block.read(x, t))
                block.close(t)
        steps.append({'op': 'forward', 'inputs': tensor(part), **({'turns': turns} if turns else {}),
                      **({'types': types} if types else {}), 'expect': tensor(np.array(wanted))})
    if traces:
        steps.append({'op': 'trace', **{k: tensor(np.array(v)) for k, v in traces(block).items()}})
    file = {'format': 'memory-fixture/1', 'model': model, 'params': params, 'note': note,
            'weights': {k: tensor(v) for k, v in weights.items()}, 'steps': steps,
            'tolerance': {'absolute': 2e-5, 'relative': 2e-4}}
    with open(os.path.join(HERE, name + '.json'), 'w') as out:
        json.dump(file, out)
        out.write('\n')


D = 8
distinct = lambda r, n, d: r.randn(n, d)


def hard(r, n, d):
    """One word again and again, with another word, nothing at all and a very large token between."""
    x = np.tile(r.randn(d), (n, 1))
    x[3::7] = r.randn(d)
    x[5::11] = 0
    x[8::13] *= 20
    return x


def blocks_of(r, n, d):
    """Runs of nearly the same token: events."""
    words = r.randn(n, d)
    lengths, at, x = [3, 1, 4, 2], 0, []
    while len(x) < n:
        x += [words[at] + 0.05 * r.randn(d) for _ in range(lengths[at % 4])]
        at += 1
    return np.array(x[:n])


def under(at, shapes):
    return {at + k: v for k, v in shapes.items()}


attention = {'in_proj_weight': [3 * D, D], 'in_proj_bias': [3 * D], 'out_proj.weight': [D, D], 'out_proj.bias': [D]}
episodic = {'W_q.weight': [D, D], 'W_v.weight': [D, D], 'out.weight': [D, D], 'out.bias': [D]}
projected, cls = {'W_s.weight': [D, D]}, {'cls_token': [D]}
learned = {'W_q.weight': [D, D], 'out.weight': [D, D], 'out.bias': [D]}
titans = {'W_K.weight': [D, D], 'W_V.weight': [D, D], 'W_Q.weight': [D, D], 'memory.0.weight': [2 * D, D],
          'memory.1.weight': [D, 2 * D]}
rates = {n + s: [1, D] if s == '.weight' else [1] for n in ('theta', 'eta', 'alpha') for s in ('.weight', '.bias')}
bank = {'dim': D, 'heads': 2, 'memorySlots': 3}
plain = lambda *lengths: [[n, None, None] for n in lengths]

fixture('episodic-cmr-3', 'episodic-cmr', lambda w, p: Episodic(w, p, ''),
        {**bank, 'write': 'turn', 'summary': 'projection', 'decay': 0.8, 'read': 'knn', 'topK': 2}, {**episodic, **projected},
        distinct, [[9, [2, 3, 6], None], [1, None, None], [6, [5], None]],
        'turns, projected summary, the two nearest, fading values')
fixture('episodic-cmr-4', 'episodic-cmr', lambda w, p: Episodic(w, p, ''),
        {**bank, 'segment': 3, 'summary': 'cls', 'flush': 'call', 'similarity': 'cosine'}, {**episodic, **cls},
        hard, plain(17, 1, 8), 'CLS summary of segments of three, flushed; one word again and again, zeros, large tokens')
fixture('episodic-cmr-5', 'episodic-cmr', lambda w, p: Episodic(w, p, ''),
        {**bank, 'write': 'event', 'threshold': 0.3, 'summary': 'cls', 'decay': 0.9}, {**episodic, **cls},
        blocks_of, plain(13, 1, 9), 'CLS summary of events')
fixture('episodic-cmr-6', 'episodic-cmr', lambda w, p: Episodic(w, p, ''),
        {**bank, 'write': 'event', 'threshold': 0.3, 'summary': 'projection', 'read': 'knn', 'heads': 4}, {**episodic, **projected},
        blocks_of, plain(12, 2, 8), 'projected summary of events, the nearest entry')
fixture('episodic-cmr-7', 'episodic-cmr', lambda w, p: Episodic(w, p, ''), {**bank, 'read': 'knn', 'topK': 2, 'memorySlots': 6},
        episodic, hard, plain(15, 1, 9), 'the two nearest, and all that are as near: one word again and again')
fixture('multihead-cmr-3', 'multihead-cmr', lambda w, p: Learned(w, p, ''),
        {'dim': D, 'heads': 2, 'memorySlots': 5, 'similarity': 'cosine', 'association': 'global'},
        {**learned, 'memory_keys': [5, D // 2], 'memory_values': [5, D // 2]}, hard, plain(9, 1),
        'one bank for all heads; repeats, zeros, large tokens')
fixture('multihead-cmr-4', 'multihead-cmr', lambda w, p: Learned(w, p, ''),
        {'dim': D, 'heads': 4, 'memorySlots': 5, 'association': 'low-rank', 'rank': 3},
        {**learned, 'W_1': [4, D // 4, 3], 'W_2': [4, 3, D // 4]}, hard, plain(9, 1), 'association of rank 3')
fixture('parallel-attention-cmr-3', 'parallel-attention-cmr', lambda w, p: Pair(w, p, 'parallel'),
        {**bank, 'memory': 'episodic', 'segment': 2, 'summary': 'mean', 'topK': 1, 'decay': 0.9, 'similarity': 'cosine'},
        {**under('attn.', attention), **under('cmr.', episodic), 'combine.weight': [D, 2 * D], 'combine.bias': [D]},
        distinct, plain(9, 1, 4), 'segments of two, mean, the best entry, fading values')
fixture('parallel-attention-cmr-4', 'parallel-attention-cmr', lambda w, p: Pair(w, p, 'parallel'),
        {'dim': D, 'heads': 2, 'association': 'low-rank', 'rank': 2},
        {**under('attn.', attention), **under('cmr.', learned), 'cmr.W_1': [2, 4, 2], 'cmr.W_2': [2, 2, 4],
         'combine.weight': [D, 2 * D], 'combine.bias': [D]}, hard, plain(7, 1), 'attention beside a low-rank association')
fixture('series-attention-cmr-4', 'series-attention-cmr', lambda w, p: Pair(w, p, 'series'),
        {**bank, 'memory': 'episodic', 'write': 'turn', 'summary': 'cls', 'order': 'cmr-first'},
        {**under('attn.', attention), **under('cmr.', {**episodic, **cls})}, distinct,
        [[7, [1, 4], None], [1, [0], None], [5, [2, 4], None]], 'turn ends reach the CMR, which comes first')
fixture('hybrid-3', 'hybrid', lambda w, p: Hybrid(w, p),
        {**bank, 'gate': 'vector', 'attention': 'attention', 'neuralInput': 'attention', 'gateInput': 'type', 'types': 3,
         'learningRate': 0.1, 'momentum': 0.4, 'forgetting': 0.05, 'updateFraction': 0.5, 'segment': 2},
        {**under('neural.', titans), **under('episodic.', episodic), **under('attn.', attention), **under('front.', attention),
         'W_g.weight': [3 * D, 2 * D], 'W_g.bias': [3 * D], 'type_embedding.weight': [3, D]}, distinct,
        [[6, None, [0, 1, 2, 0, 1, 2]], [1, None, [2]], [5, None, None]],
        'attention before the neural memory and as third source, types in the gate, rates, half of the rows',
        lambda b: {name: [s[i] for s in b.shares] for i, name in enumerate(['gate', 'gate.episodic', 'gate.attn'])})
fixture('hybrid-4', 'hybrid', lambda w, p: Hybrid(w, p),
        {**bank, 'rates': 'token', 'normalizeKeys': False, 'write': 'turn', 'summary': 'mean', 'read': 'knn', 'decay': 0.7,
         'gateInput': 'type'},
        {**under('neural.', {**titans, **rates}), **under('episodic.', episodic),
         'W_g.weight': [1, 2 * D], 'W_g.bias': [1], 'type_embedding.weight': [4, D]},
        lambda r, n, d: 0.4 * np.minimum(np.maximum(hard(r, n, d), -2), 2),
        [[8, [2, 5], [3] * 8], [1, [0], [1]], [4, [1], [0, 0, 1, 1]]],
        'rates of the token, turns, nearest entry; one word again and again, zeros',
        lambda b: {'gate': [s[0] for s in b.shares]})
reaching = {'dim': D, 'heads': 2, 'memorySlots': 3, 'reach': 'all'}
fixture('transformer', 'transformer', Stack,
        {'dim': D, 'layers': 4, 'expansion': 0, 'shift': 'none', 'blocks': [
            {'kind': 'episodic-cmr', 'params': {**reaching, 'segment': 2, 'decay': 0.8}},
            {'kind': 'hybrid', 'params': {**reaching, 'reach': 'local', 'memorySlots': 2, 'write': 'turn'}},
            {'kind': 'episodic-cmr', 'params': {**reaching, 'heads': 4, 'topK': 2, 'segment': 3, 'summary': 'mean'}}]},
        {**{'layers.%d.block.%s' % (i, k): v for i in (0, 2, 3) for k, v in episodic.items()},
         **under('layers.1.block.', {**under('neural.', titans), **under('episodic.', episodic), 'W_g.weight': [1, D],
                                     'W_g.bias': [1], 'episodic.bank_weights': [2]}),
         'layers.2.block.bank_weights': [3], 'layers.3.block.bank_weights': [4]},
        distinct, [[9, [2, 6], None], [1, [0], None], [7, [3, 6], None]],
        'blocks that read the banks of the blocks below: the next one, or all')
fixture('transformer-episodic-2', 'transformer-episodic', TransformerEpisodic,
        {'dim': D, 'memorySize': 4, 'contextDim': 2, 'learningRate': 0.01, 'writeMode': 'copy'},
        {'memory.mem_keys': [4, D], 'memory.mem_values': [4, D], 'memory.mem_contexts': [4, 2]}, hard, plain(7, 1, 3),
        'states are copied; more tokens than slots, one word again and again')
tree = {'dim': D, 'maxLevels': 4, 'spatialDim': 6, 'temporalDim': 4, 'heads': 2, 'scales': [1, 5, 100], 'segment': 3}
affine = lambda name, n, m: {name + '.weight': [n, m], name + '.bias': [n]}
one = {}
for l in range(4):
    one.update(affine('spatial_encoders.%d' % l, D, 6))
    one.update(affine('temporal_encoders.%d' % l, D, 4))
    one.update(under('attention_networks.%d.' % l, attention))
for l in range(3):
    one.update(affine('composition_networks.%d.0' % l, D, 2 * D))
    one.update(affine('composition_networks.%d.2' % l, D, D))
fixture('hierarchical-context', 'hierarchical-context', HierarchicalContext, tree,
        {k: v for i in range(3) for k, v in under('memories.%d.' % i, one).items()}, distinct, plain(7, 1, 4),
        'segments of three: parents at level 1 for pace 1, at level 3 for pace 5, none for pace 100')
fixture('hierarchical-context-2', 'hierarchical-context', HierarchicalContext, {**tree, 'scales': [2], 'segment': 1},
        under('memories.0.', one), hard, plain(5, 1), 'one scale, every token stored alone')
