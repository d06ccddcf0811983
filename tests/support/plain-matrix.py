"""The linear associator in plain Python: M = sum of k v^T, retrieve(q) = q M."""


class PlainMatrix:
    """Adds up the outer products of what it stores.

    Args:
        dim: Length of a vector.
        rate: Strength of one write.
    """

    engram = {"title": "Plain matrix", "equations": [r"M \leftarrow M + \eta\, k v^\top"]}

    def __init__(self, dim: int = 8, rate: float = 1.0):
        self.rate = rate
        self.matrix = [[0.0] * dim for _ in range(dim)]

    def store(self, keys, values):
        for key, value in zip(keys, values):
            for row, k in zip(self.matrix, key):
                for j, v in enumerate(value):
                    row[j] += self.rate * float(k) * float(v)

    def retrieve(self, queries):
        columns = list(zip(*self.matrix))
        return [[sum(float(q) * m for q, m in zip(query, column)) for column in columns] for query in queries]
