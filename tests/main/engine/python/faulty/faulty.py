"""Models that go wrong, each in its own way."""

import os
import random
import sys
import time


class Good:
    def __init__(self, dim=8):
        pass

    def store(self, keys, values):
        self.go_wrong()
        self.values = values

    def retrieve(self, queries):
        return [[float(number) for number in value] for value in self.values][: len(queries)]

    def go_wrong(self):
        pass


class Raises(Good):
    def go_wrong(self):
        raise RuntimeError("the moon is wrong")


class RaisesSometimes(Good):
    def go_wrong(self):
        if random.random() < 0.5:
            raise RuntimeError("bad luck")


class WrongShape(Good):
    def retrieve(self, queries):
        return [[1.0, 2.0, 3.0]]


class NotANumber(Good):
    def retrieve(self, queries):
        return [[float("nan")] * len(query) for query in queries]


class Sleeps(Good):
    def go_wrong(self):
        time.sleep(600)


class Exits(Good):
    def go_wrong(self):
        sys.exit(3)


class Dies(Good):
    def go_wrong(self):
        os._exit(7)


class Prints(Good):
    def go_wrong(self):
        print("x" * 100 + "\n", end="", flush=True)
        for _ in range(40000):
            os.write(1, b"noise that goes to the same place, line after line after line\n")
        print("the last words")


class Eats(Good):
    def go_wrong(self):
        self.food = bytearray(8 * 2**30)
