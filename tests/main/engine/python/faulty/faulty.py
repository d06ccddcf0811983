"""Models that go wrong, each in its own way."""

import ctypes
import os
import random
import subprocess
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
        for _ in range(400):
            os.write(1, b"noise that goes to the same place, line after line after line\n" * 100)
        print("the last words")


class Eats(Good):
    def go_wrong(self):
        self.food = bytearray(8 * 2**30)


class Segfaults(Good):
    def go_wrong(self):
        ctypes.string_at(0)


class Forks(Good):
    """The copy goes on as if it were asked."""

    def go_wrong(self):
        if hasattr(os, "fork"):
            os.fork()


class LeavesAChild(Good):
    def go_wrong(self):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        os._exit(8)


class Closes(Good):
    def go_wrong(self):
        os.write(1, b"\xff\xfe no text \x80\n")
        sys.stdout.close()
        raise ValueError("\ud800 is no letter")


class Hoards(Good):
    """What it holds is there when the next one is asked."""

    held = []

    def go_wrong(self):
        Hoards.held.append(bytes(1200 * 2**20))


class Recurses(Good):
    def go_wrong(self):
        self.go_wrong()
