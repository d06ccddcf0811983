"""Models of the standard library alone: rows are lists where there is no NumPy, arrays where there is."""

import random
from typing import Literal, Optional

import a_package_that_nobody_has
from a_package_that_nobody_has.part import thing as other

import shared_numbers


class LastValue:
    """Answers with the last value, whatever is asked.

    Args:
        d_model: length of a vector
        gain (float): what the value is multiplied
            with
        mode: how
    """

    engram = {
        "title": "Last value",
        "equations": ["v_N"],
        "params": {"gain": {"min": -4, "max": 4, "unit": "V"}},
    }

    def __init__(self, d_model, gain=1.0, mode: Literal["plain", "twice"] = "plain", strict: bool = False, extra: Optional[int] = None):
        self.length = d_model
        self.gain = gain * shared_numbers.ONE * (2 if mode == "twice" else 1)
        self.last = None

    def update(self, keys, values):
        self.last = [float(value) for value in values[len(values) - 1]]

    def __call__(self, queries):
        last = self.last or [0.0] * self.length
        return [[self.gain * value for value in last] for _ in queries]

    def reset(self):
        self.last = None


class Noisy:
    """Draws when it is made, when it stores and when it is asked."""

    def __init__(self, dim=8):
        self.start = random.random()
        self.stored = 0.0

    def store(self, keys, values, times=None):
        self.stored += random.gauss(0, 1) * len(keys)
        self.times = [] if times is None else [float(time) for time in times]

    def retrieve(self, queries, contexts=None):
        length = len(queries[0])
        return [[self.start + self.stored + random.random() for _ in range(length)] for _ in queries]


class NeedsMore:
    def __init__(self, dim, secret):
        self.dim = dim

    def store(self, keys, values):
        pass

    def retrieve(self, queries):
        return queries


class _Private:
    def store(self, keys, values):
        pass

    def retrieve(self, queries):
        return queries


class NoMemory:
    """Has nothing to store with, and nothing to read."""

    def size(self):
        return 1
