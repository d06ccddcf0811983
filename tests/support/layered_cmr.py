"""Fixtures of layered CMR: matrices and vectors in double precision, written from the equations alone.

    python3 tests/support/layered_cmr.py        writes tests/golden/layered-cmr*.json
"""
import json, math, os
import numpy as np

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'golden')
tensor = lambda x: {'shape': list(np.shape(x)), 'data': [float('%.12g' % v) for v in np.ravel(x)]}


class Layered:
    def __init__(self, p, n, distractors, S):
        self.p, self.n, self.S = p, n, p['semantic'] * (S - np.diag(np.diag(S)))
        units = n + 1 + distractors
        start = np.eye(units)[n]
        self.layers = [{'c': start.copy(), 'fc': np.zeros((units, n)), 'cf': np.zeros((n, units))} for _ in range(p['layers'])]
        self.fresh = n + 1

    def drift(self, layer, towards, beta):
        length = np.linalg.norm(towards)
        if length == 0:
            return
        u = towards / length
        overlap = layer['c'] @ u
        layer['c'] = (math.sqrt(1 + beta ** 2 * (overlap ** 2 - 1)) - beta * overlap) * layer['c'] + beta * u

    def retrieved(self, layer, x):
        pre = np.zeros(len(layer['c']))
        pre[:self.n] = (1 - self.p['gammaFC']) * x
        return pre + layer['fc'] @ x

    def activation(self, layer):
        return np.maximum(0, layer['cf'] @ layer['c'] + self.S @ layer['c'][:self.n])

    def study(self, items):
        for i, item in enumerate(items):
            x = np.eye(self.n)[item]
            for layer in self.layers:
                self.drift(layer, self.retrieved(layer, x), self.p['betaEncoding'])
                layer['fc'] += self.p['gammaFC'] * np.outer(layer['c'], x)
                layer['cf'] += (1 + self.p['phiS'] * math.exp(-self.p['phiD'] * i)) * np.outer(x, layer['c'])
                a = self.activation(layer)
                if self.p.get('norm') == 'layer':
                    a = (a - a.mean()) / math.sqrt(a.var() + 1e-5)
                e = np.exp(a - a.max())
                g = self.p.get('gate', 0)
                x = g * x + (1 - g) * e / e.sum()

    def distract(self, beta):
        for layer in self.layers:
            self.drift(layer, np.eye(len(layer['c']))[self.fresh], beta)
        self.fresh += 1

    def recalled(self, item):
        for layer in self.layers:
            self.drift(layer, self.retrieved(layer, np.eye(self.n)[item]), self.p['betaRecall'])

    def steps(self):
        state = {'op': 'state'}
        for l, layer in enumerate(self.layers):
            state.update({'temporal.%d' % l: tensor(layer['c']), 'fc.%d' % l: tensor(layer['fc']), 'cf.%d' % l: tensor(layer['cf'])})
        return [state, {'op': 'activation', 'expect': tensor(self.activation(self.layers[-1]))}]


def fixture(name, params, items, note, n=7, distractors=2):
    draw = np.random.RandomState(len(name))
    S = np.round(draw.uniform(-0.2, 0.9, (n, n)), 6)
    S = np.round((S + S.T) / 2, 6)
    np.fill_diagonal(S, 1)
    p = {'betaEncoding': 0.7, 'betaRecall': 0.5, 'phiS': 1.1, 'phiD': 0.9, 'gammaFC': 0.8, 'semantic': 0.6, **params}
    model = Layered(p, n, distractors, S)
    model.study(items)
    steps = [{'op': 'study', 'items': items}] + model.steps()
    model.distract(0.4)
    model.recalled(items[-1])
    steps += [{'op': 'distractor', 'beta': 0.4}, {'op': 'recall', 'item': items[-1]}] + model.steps()
    file = {'format': 'recall-fixture/1', 'model': 'layered-cmr', 'note': note, 'pool': n, 'distractors': distractors,
            'similarity': tensor(S), 'params': p, 'steps': steps, 'tolerance': {'absolute': 2e-5, 'relative': 2e-4}}
    with open(os.path.join(HERE, name + '.json'), 'w') as out:
        json.dump(file, out)
        out.write('\n')


fixture('layered-cmr', {'layers': 3}, [4, 0, 6, 2, 5], 'three layers as they were')
fixture('layered-cmr-2', {'layers': 3, 'norm': 'layer', 'gate': 0.3}, [4, 0, 6, 2, 5], 'layer norm and gate')
fixture('layered-cmr-3', {'layers': 2, 'norm': 'layer', 'gate': 1, 'semantic': 0}, [3, 3, 3, 1], 'a repeated item; the gate passes items as they came')
fixture('layered-cmr-4', {'layers': 4, 'gate': 0.5, 'gammaFC': 1}, [2], 'one item, nothing known before')
