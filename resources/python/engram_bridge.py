"""Runs a researcher's own memory models for Engram Studio.

The studio starts this file with the researcher's Python and speaks frames with it on stdin and stdout: a little-endian
u32 (the length of the header), a header in JSON, then the arrays that the header lists, raw and little-endian. Every
request gets one answer. It needs Python 3.9 and its standard library; NumPy and torch are used where they are there.
What the models print goes to stderr.

    request   {"op": NAME, "id": N, ..., "arrays": [{"name", "dtype", "shape"}]}
    answer    {"ok": true, "id": N, ..., "arrays": [...]}
              {"ok": false, "id": N, "error": {"message", "traceback", "memory"}}
"""

import array
import ast
import contextlib
import ctypes
import enum
import faulthandler
import functools
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import math
import os
import queue
import random
import re
import signal
import struct
import sys
import sysconfig
import threading
import traceback
import types
import typing

try:
    import numpy
except ImportError:
    numpy = None

HERE = os.path.abspath(__file__)
CODES = {"float32": "f", "int32": "i"}
DIMENSIONS = ("dim", "d_model", "token_dim", "embedding_dim")
WRITERS = ("store_episode", "update", "store")
ANY = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
# What a signature may name: the studio's own word for it.
OPTIONAL = {
    "context": "contexts",
    "contexts": "contexts",
    "spatial_pos": "positions",
    "positions": "positions",
    "temporal_pos": "times",
    "times": "times",
    "importance": "importances",
    "importances": "importances",
}
# Packages that only check or describe types: without them a function is what it was.
CHECKERS = {"beartype", "jaxtyping", "typeguard"}

device = "cpu"
models_folder = ""
torch = None


def need_torch():
    """torch, if this Python has it. It takes seconds to import: not before it is asked for."""
    global torch, started_with
    if torch is None and importlib.util.find_spec("torch") is not None:
        import torch as found

        found.set_num_threads(1)
        torch = found
        started_with = torch_settings()
    return torch


# ---- frames ---------------------------------------------------------------------------------------------------------


def read_exactly(stream, size):
    """`size` bytes; None at the end of the stream."""
    parts = []
    while size > 0:
        part = stream.read(size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read_frame(stream):
    """The next (header, {name: array}); None at the end of the stream."""
    start = read_exactly(stream, 4)
    text = start and read_exactly(stream, struct.unpack("<I", start)[0])
    if not text:
        return None
    header = json.loads(text)
    arrays = {}
    for entry in header.get("arrays", []):
        data = read_exactly(stream, 4 * math.prod(entry["shape"]))
        if data is None:
            return None
        arrays[entry["name"]] = to_array(data, entry["dtype"], entry["shape"])
    return header, arrays


def to_array(data, dtype, shape):
    """Raw numbers as an array of NumPy, or as lists in lists where there is no NumPy."""
    if numpy is not None:
        return numpy.frombuffer(data, dtype=numpy.dtype(dtype).newbyteorder("<")).reshape(shape).astype(dtype)
    numbers = array.array(CODES[dtype])
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return nested(numbers.tolist(), shape)


def nested(numbers, shape):
    if len(shape) == 1:
        return numbers
    size = math.prod(shape[1:])
    return [nested(numbers[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]


def shape_of(value):
    """The shape of whatever a model returns: a tensor, an array, or numbers in lists."""
    if hasattr(value, "shape"):
        return [int(n) for n in value.shape]
    if isinstance(value, (list, tuple)):
        return [len(value)] + (shape_of(value[0]) if value else [])
    return []


def flatten(value):
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from flatten(part)
    else:
        yield float(value)


def is_complex(value):
    if torch is not None and isinstance(value, torch.Tensor):
        return value.is_complex()
    return isinstance(value, complex) or getattr(getattr(value, "dtype", None), "kind", "") == "c"


def to_bytes(value, dtype="float32"):
    """The numbers of an array, raw and little-endian."""
    if isinstance(value, (list, tuple)) and torch is not None and any(isinstance(each, torch.Tensor) for each in value):
        value = torch.stack([torch.as_tensor(each) for each in value])
    if is_complex(value):
        raise TypeError("complex numbers")
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach().to("cpu", getattr(torch, dtype)).numpy()
    if numpy is not None:
        return numpy.ascontiguousarray(value, dtype=numpy.dtype(dtype).newbyteorder("<")).tobytes()
    numbers = array.array(CODES[dtype], flatten(value))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def write_frame(stream, header, arrays=()):
    """`arrays`: (name, dtype, shape, bytes) each."""
    listed = [{"name": name, "dtype": dtype, "shape": list(shape)} for name, dtype, shape, _ in arrays]
    text = json.dumps({**header, "arrays": listed}).encode()
    stream.write(struct.pack("<I", len(text)))
    stream.write(text)
    for _, _, _, data in arrays:
        stream.write(data)
    stream.flush()


# ---- a researcher's file --------------------------------------------------------------------------------------------


class Absent:
    """Stands for a package that a file imports and this Python lacks, until the file uses it."""

    def __init__(self, package, path):
        self.__dict__["_absent"] = (package, path)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        package, path = self._absent
        return Absent(package, f"{path}.{name}")

    def __getitem__(self, _):
        return self

    def __or__(self, _):
        return self

    __ror__ = __or__

    def __call__(self, *given, **named):
        package, _ = self._absent
        if package in CHECKERS:
            return given[0] if len(given) == 1 and callable(given[0]) and not named else (lambda each: each)
        raise self._missing()

    def __mro_entries__(self, _):
        raise self._missing()

    def _missing(self):
        package, path = self._absent
        return ModuleNotFoundError(f"No module named '{package}', which {path} needs", name=package)


def without_absent(tree):
    """The same syntax tree with a stand-in for what it imports from packages that are not installed, and their names."""
    absent = set()

    def is_absent(name):
        root = name.split(".")[0]
        try:
            found = root in sys.modules or importlib.util.find_spec(root) is not None
        except (ImportError, ValueError):
            found = True
        if not found:
            absent.add(root)
        return not found

    def stand_in(node, name, package, path):
        call = ast.Call(ast.Name("__engram_absent__", ast.Load()), [ast.Constant(package), ast.Constant(path)], [])
        return ast.fix_missing_locations(ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], call), node))

    body = []
    for node in tree.body:
        if isinstance(node, ast.Import):
            for each in node.names:
                if is_absent(each.name):
                    root = each.name.split(".")[0]
                    body.append(stand_in(node, each.asname or root, root, each.name if each.asname else root))
                else:
                    body.append(ast.copy_location(ast.Import([each]), node))
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module and is_absent(node.module):
            root = node.module.split(".")[0]
            for each in node.names:
                if each.name == "*":
                    raise ModuleNotFoundError(f"No module named '{root}'", name=root)
                body.append(stand_in(node, each.asname or each.name, root, f"{node.module}.{each.name}"))
        else:
            body.append(node)
    tree.body = body
    return tree, sorted(absent)


class Loaded(typing.NamedTuple):
    module: types.ModuleType
    absent: list
    imports: list
    settings: tuple


loaded_files = {}
# The package that the models folder is, for relative imports.
PACKAGE = "engram_models"
# What comes with Python, and what was installed into it.
INSTALLED = tuple(os.path.join(os.path.abspath(path), "") for path in {*sysconfig.get_paths().values(), os.path.dirname(HERE)})
FOREIGN = {"site-packages", "dist-packages", "node_modules"}


def is_own(file, root):
    """Whether a file lies in a folder of the researcher's and was not installed there."""
    if not file.startswith(os.path.join(root, "")):
        return False
    installed = any(file.startswith(path) for path in INSTALLED if not os.path.join(root, "").startswith(path))
    return not installed and not FOREIGN.intersection(file.split(os.sep))


def own_modules(root):
    """The modules that lie in a folder of the researcher's."""
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and name != "__main__" and is_own(os.path.abspath(file), root):
            found[name] = os.path.abspath(file)
    return found


def root_of(file):
    """Where the researcher's own files begin: the models folder, or that of a file outside it, and above the package that it is."""
    root = os.path.dirname(file)
    if models_folder and file.startswith(os.path.join(models_folder, "")):
        root = models_folder
    while os.path.exists(os.path.join(root, "__init__.py")) and os.path.dirname(root) != root:
        root = os.path.dirname(root)
    return root


def package_of(file, root):
    """The name of the package that a file is in, for its relative imports; also where its folders are no packages."""
    sys.modules[PACKAGE] = types.ModuleType(PACKAGE)
    sys.modules[PACKAGE].__path__ = [root]
    place = os.path.relpath(os.path.dirname(file), root)
    name = ".".join([PACKAGE] + ([] if place == os.curdir else place.split(os.sep)))
    importlib.import_module(name)
    return name


def places_of(file, root):
    """Where a file's imports are looked for first: beside it, in the models folder, above a package."""
    return list(dict.fromkeys(place for place in (os.path.dirname(file), models_folder, root) if place))


def imported_files(file, root, found):
    """The researcher's own files that a file names in an import anywhere, also where it has not been run yet."""
    try:
        with open(file, "rb") as stream:
            tree = ast.parse(stream.read(), file)
    except (OSError, SyntaxError, ValueError):
        return found
    folder = os.path.dirname(file)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            places = [(place, each.name.split(".")) for each in node.names for place in places_of(file, root)]
        elif isinstance(node, ast.ImportFrom):
            up = os.path.abspath(os.path.join(folder, *[os.pardir] * (node.level - 1)))
            start = [up] if node.level else places_of(file, root)
            names = node.module.split(".") if node.module else []
            places = [(place, names + more) for place in start for more in [[], *([each.name] for each in node.names)]]
        else:
            continue
        for place, names in places:
            for count in range(0 if isinstance(node, ast.ImportFrom) and node.level else 1, len(names) + 1):
                stem = os.path.join(place, *names[:count])
                for path in (os.path.join(stem, "__init__.py"), stem + ".py"):
                    if path not in found and is_own(path, root) and os.path.isfile(path):
                        found.add(path)
                        imported_files(path, root, found)
    return found


def load(file, fresh=False):
    """Run a file as a module, once. `fresh`: with its own imports read anew, so that they are known."""
    file = os.path.abspath(file)
    if not fresh and file in loaded_files:
        return loaded_files[file]
    root = root_of(file)
    for name in own_modules(root):
        del sys.modules[name]
    for name in [name for name in sys.modules if name == PACKAGE or name.startswith(PACKAGE + ".")]:
        del sys.modules[name]
    places = places_of(file, root)
    sys.path[:] = places + [each for each in sys.path if each not in places]
    importlib.invalidate_caches()
    name = "engram_model_" + re.sub(r"\W", "_", os.path.splitext(os.path.basename(file))[0])
    module = types.ModuleType(name)
    module.__file__ = file
    module.__engram_absent__ = Absent
    sys.modules[name] = module
    with open(file, "rb") as stream:
        source = stream.read()
    set_torch_settings(started_with)
    try:
        tree, absent = without_absent(compile(source, file, "exec", ast.PyCF_ONLY_AST, dont_inherit=True))
        if any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree)):
            module.__package__ = package_of(file, root)
        # Not this file's own future imports: only those that the researcher wrote.
        exec(compile(tree, file, "exec", dont_inherit=True), module.__dict__)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    imports = {path for key, path in own_modules(root).items() if key != name} | imported_files(file, root, set())
    loaded_files[file] = Loaded(module, absent, sorted(imports - {file}), torch_settings())
    return loaded_files[file]


def torch_settings():
    """What a file may have set for the whole of torch."""
    return () if torch is None else (torch.get_default_dtype(), torch.is_grad_enabled())


def set_torch_settings(settings):
    """One file's settings are none of another's."""
    if settings:
        torch.set_default_dtype(settings[0])
        torch.set_grad_enabled(settings[1])


started_with = ()


class Unreadable(Exception):
    """A class that cannot become a model, and why."""


def is_module(cls):
    return torch is not None and issubclass(cls, torch.nn.Module)


def own_method(cls, name):
    """A method that the class or one of its bases defines; not what torch's Module or object have."""
    for base in cls.__mro__:
        if base is object or (torch is not None and base is torch.nn.Module):
            return None
        if name in vars(base):
            found = getattr(cls, name)
            return found if callable(found) else None
    return None


def arguments(function):
    """Its parameters; [] where Python cannot tell."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []


def of_method(cls, name):
    """The parameters of a method that are given to it: after self."""
    static = isinstance(inspect.getattr_static(cls, name), (staticmethod, classmethod))
    return arguments(getattr(cls, name))[0 if static else 1 :]


def of_constructor(cls):
    return [] if cls.__init__ is object.__init__ else of_method(cls, "__init__")


def takes(cls, name, count):
    """Whether a method can be called with this many arguments and no names."""
    by_place = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    given = of_method(cls, name)
    places = [each for each in given if each.kind in by_place]
    many = any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in given)
    required = [each for each in places if each.default is inspect.Parameter.empty and each.name not in OPTIONAL]
    return len(required) <= count and (many or len(places) >= count)


@functools.lru_cache(None)
def optional_names(cls, method):
    """What of the studio's own a method takes besides keys, values and queries."""
    return [each.name for each in of_method(cls, method) if each.name in OPTIONAL]


@functools.lru_cache(None)
def writer_of(cls):
    return next((name for name in WRITERS if own_method(cls, name) and takes(cls, name, 2)), None)


@functools.lru_cache(None)
def reader_of(cls):
    return next((name for name in ("retrieve", "forward", "__call__") if own_method(cls, name)), None)


def public_classes(module):
    return [
        cls
        for name, cls in vars(module).items()
        if inspect.isclass(cls) and not name.startswith("_") and cls.__module__ == module.__name__ and cls.__name__ == name
    ]


def docs(cls):
    """The first line of a docstring, and the texts of its Args section (and of its constructor's)."""
    summary, helps = "", {}
    for text in (cls.__doc__, getattr(cls.__init__, "__doc__", None)):
        lines = inspect.cleandoc(text or "").splitlines()
        if text is cls.__doc__ and lines:
            summary = lines[0].strip()
        inside, name = False, None
        for line in lines:
            if re.match(r"(Args|Arguments|Parameters):\s*$", line):
                inside, name = True, None
            elif inside and re.match(r"\S", line):
                inside = False
            elif inside:
                start = re.match(r"\s+\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$", line)
                if start:
                    name = start.group(1)
                    helps[name] = start.group(2).strip()
                elif name and line.strip():
                    helps[name] = f"{helps[name]} {line.strip()}".strip()
    return summary, helps


def hints(cls):
    """The annotations of a constructor, those that Python can read."""
    try:
        return typing.get_type_hints(cls.__init__)
    except Exception:
        pass
    found = {}
    for name, text in getattr(cls.__init__, "__annotations__", {}).items():
        try:
            found[name] = eval(text, vars(sys.modules[cls.__module__])) if isinstance(text, str) else text
        except Exception:
            continue
    return found


def without_none(annotation):
    """X of Optional[X]."""
    if typing.get_origin(annotation) in (typing.Union, getattr(types, "UnionType", None)):
        left = [each for each in typing.get_args(annotation) if each is not type(None)]
        return left[0] if len(left) == 1 else None
    return annotation


def options_of(each, annotation, given):
    """What an argument may be, by what a form shows for it; empty where it is no choice."""
    annotation = without_none(annotation)
    default = each.default
    if isinstance(default, enum.Enum) or (inspect.isclass(annotation) and issubclass(annotation, enum.Enum)):
        values = list(type(default) if isinstance(default, enum.Enum) else annotation)
        return {value.name: value for value in values}
    values = list(given.get("choices") or ())
    if not values and typing.get_origin(annotation) is typing.Literal:
        values = list(typing.get_args(annotation))
    if not values or not all(isinstance(value, (str, int, float)) or value is None for value in values):
        return {}
    if default is not inspect.Parameter.empty and default not in values:
        values.append(default)
    return {str(value): value for value in values}


# Numbers beyond these do not come through JSON as they are.
LARGEST = 2**53


def parameter(each, annotation, given, text):
    """One argument of a constructor as a parameter; None for one that Python fills itself."""
    default = each.default
    missing = default is inspect.Parameter.empty
    options = options_of(each, annotation, given)
    default = given.get("default", default)
    found = {"name": each.name, "help": text, "unit": str(given.get("unit", ""))}
    if options:
        shown = next((name for name, value in options.items() if value is default or (value == default and type(value) is type(default))), None)
        return {**found, "type": "choice", "options": list(options), "default": next(iter(options)) if shown is None else shown}
    if without_none(annotation) is bool or isinstance(default, bool):
        if default is None:
            return None
        return {**found, "type": "boolean", "default": False if missing else bool(default)}
    if missing:
        raise Unreadable(
            f"the argument {each.name} of its constructor has no default and is no dimension ({', '.join(DIMENSIONS)}); "
            "give it a default"
        )
    if isinstance(default, (int, float)) and math.isfinite(default) and abs(default) <= LARGEST:
        real = without_none(annotation) is float or isinstance(default, float)
        kind = float if real else int
        low = kind(given.get("min", min(default, 0 if default >= 0 else -(10**9))))
        high = kind(given.get("max", max(default, 10**9)))
        return {**found, "type": "number" if real else "integer", "default": kind(default), "min": low, "max": high}
    if isinstance(default, str):
        return {**found, "type": "choice", "options": [default], "default": default}
    # None, a list, a function, an object: nothing that a form could ask for. Python's own default stands.
    return None


def call_arguments(cls, params):
    """Parameters as a constructor takes them: by place where it takes them by place alone, choices as what they stand for."""
    refined = getattr(cls, "engram", None)
    given = (refined.get("params") or {}) if isinstance(refined, dict) else {}
    annotations = hints(cls)
    places, named = [], {}
    for each in of_constructor(cls):
        if each.name not in params:
            continue
        value = params[each.name]
        if isinstance(value, str):
            value = options_of(each, annotations.get(each.name), given.get(each.name) or {}).get(value, value)
        if each.kind is inspect.Parameter.POSITIONAL_ONLY:
            places.append(value)
        else:
            named[each.name] = value
    return places, named


def constructed(cls, params):
    places, named = call_arguments(cls, params)
    return cls(*places, **named)


def described(cls):
    """What the catalog says about a class. Raises Unreadable; returns None for a class that is no memory."""
    writer, reader = writer_of(cls), reader_of(cls)
    forward = own_method(cls, "forward")
    if writer and reader:
        kind = "key-value"
    elif forward and takes(cls, "forward", 1) and not writer:
        kind = "sequence"
    else:
        return None
    if inspect.isabstract(cls):
        return None
    refined = getattr(cls, "engram", None)
    refined = refined if isinstance(refined, dict) else {}
    given = refined.get("params") or {}
    summary, helps = docs(cls)
    annotations = hints(cls)
    named = [each for each in of_constructor(cls) if each.kind not in ANY]
    names = [each.name for each in named]
    dimension = next((name for name in DIMENSIONS if name in names), None)
    spoken = {OPTIONAL[name] for method in (writer, reader) if method for name in optional_names(cls, method)}
    contexts = bool(refined.get("uses_contexts", "contexts" in spoken))
    places = bool(refined.get("uses_places", bool(spoken & {"positions", "times"})))
    params = []
    for each in named:
        text = helps.get(each.name, "")
        sized = "dim" if each.name == dimension else "contextDim" if contexts and each.name == "context_dim" else None
        if sized:
            default = each.default if isinstance(each.default, int) and 1 <= each.default <= 65536 else 64
            params.append({"name": each.name, "type": "integer", "default": default, "min": 1, "max": 65536, "help": text, "unit": "", "from": sized})
            continue
        found = parameter(each, annotations.get(each.name), given.get(each.name) or {}, text)
        if found:
            params.append(found)
    return {
        "name": cls.__name__,
        "kind": kind,
        "dimension": dimension,
        "title": str(refined.get("title") or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", cls.__name__)),
        "summary": str(refined.get("summary") or summary),
        "equations": [str(each) for each in refined.get("equations") or []],
        "source": str(refined.get("source") or ""),
        "params": params,
        "contexts": contexts,
        "places": places,
        "trainable": kind == "sequence" and is_module(cls),
    }


# ---- instances ------------------------------------------------------------------------------------------------------


class ArrayRandom:
    """
    NumPy's own random numbers, each trial's in turn. To read their state takes longer than most models do, so it is read
    where it has changed; what its generator holds is compared and put back as bytes.
    """

    SIZE = 4 * 625

    def __init__(self):
        self.last = None

    def place(self):
        """Where the generator's numbers lie; None for one that is not NumPy's usual one."""
        bits = getattr(getattr(numpy.random.mtrand, "_rand", None), "_bit_generator", None)
        return bits.ctypes.state_address if type(bits).__name__ == "MT19937" else None

    def seed(self, seed):
        numpy.random.seed(seed % 2**32)
        place = self.place()
        self.last = place and (ctypes.string_at(place, self.SIZE), None)

    def save(self):
        """What it holds, and all of its state where that is more: a second normal number that is already drawn."""
        place = self.place()
        raw = place and ctypes.string_at(place, self.SIZE)
        if raw is None or self.last is None or raw != self.last[0] or self.last[1]:
            full = numpy.random.get_state(legacy=False)
            self.last = (raw, full if raw is None or full["has_gauss"] else None)
        return self.last

    def restore(self, saved):
        raw, full = saved
        if full is not None:
            numpy.random.set_state(full)
        elif self.last is not saved:
            if self.last is None or self.last[1]:
                numpy.random.seed(0)
            ctypes.memmove(self.place(), raw, self.SIZE)
        self.last = saved


array_random = ArrayRandom() if numpy is not None else None


def random_state():
    state = [random.getstate()]
    state.append(array_random.save() if array_random else None)
    state.append(torch.get_rng_state() if torch is not None else None)
    state.append(torch.cuda.get_rng_state() if torch is not None and device.startswith("cuda") else None)
    state.append(torch_settings())
    return state


def set_random_state(state):
    plain, arrays, tensors, cuda, settings = state
    random.setstate(plain)
    if arrays is not None:
        array_random.restore(arrays)
    if tensors is not None:
        torch.set_rng_state(tensors)
    if cuda is not None:
        torch.cuda.set_rng_state(cuda)
    set_torch_settings(settings)


def seed_all(seed):
    random.seed(seed)
    if array_random:
        array_random.seed(seed)
    if torch is not None:
        torch.manual_seed(seed)


def grad(allowed):
    """Retrieval is no learning: nothing is kept for a way back, unless the model asks for it."""
    return contextlib.nullcontext() if torch is None or allowed else torch.no_grad()


class Instance:
    """One trial's own instance of a class. Its random numbers are its own, whoever else computes in between."""

    def __init__(self, loaded, cls, params, seed):
        self.loaded, self.cls, self.params, self.seed = loaded, cls, params, seed
        self.tensors = uses_tensors(loaded.module, cls)
        self.make()

    def make(self):
        set_torch_settings(self.loaded.settings)
        seed_all(self.seed)
        self.object = constructed(self.cls, self.params)
        if is_module(self.cls):
            if device != "cpu":
                self.object.to(device)
            self.object.eval()
        self.state = random_state()

    def reset(self):
        if own_method(self.cls, "reset"):
            self.within(True, self.object.reset)
        else:
            self.make()

    def within(self, learns, function, *given, **named):
        set_random_state(self.state)
        with grad(learns):
            value = function(*given, **named)
        self.state = random_state()
        return value

    def given(self, value):
        if not self.tensors:
            return value
        return torch.from_numpy(value).to(device) if device != "cpu" else torch.from_numpy(value)

    def optional(self, method, inputs):
        names = optional_names(self.cls, method)
        return {name: self.given(inputs[OPTIONAL[name]]) for name in names if OPTIONAL[name] in inputs}

    def store(self, inputs):
        name = writer_of(self.cls)
        extra = self.optional(name, inputs)
        self.within(True, getattr(self.object, name), self.given(inputs["keys"]), self.given(inputs["values"]), **extra)

    def retrieve(self, inputs):
        name = reader_of(self.cls)
        extra = self.optional(name, inputs)
        read = self.object.retrieve if name == "retrieve" else self.object if callable(self.object) else self.object.forward
        value = self.within(False, read, self.given(inputs["queries"]), **extra)
        return self.checked("retrieve", value, 2, len(inputs["queries"]))

    def forward(self, inputs):
        read = self.object if callable(self.object) else self.object.forward
        x = inputs["x"]
        # One trial is a batch of one sequence.
        value = self.within(False, read, self.given([x] if isinstance(x, list) else x[None]))
        shape, data = self.checked("forward", value, 3, 1)
        return shape[1:], data

    def checked(self, what, value, rank, rows):
        value = value[0] if isinstance(value, tuple) and value else value
        shape = shape_of(value)
        if len(shape) != rank or shape[0] != rows:
            due = ", ".join([str(rows)] + ["any"] * (rank - 1))
            got = f"shape [{', '.join(map(str, shape))}]" if shape else f"no array but {type(value).__name__}"
            raise ValueError(f"{self.cls.__name__}: {what} gave {got} where [{due}] is due")
        try:
            return shape, to_bytes(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{self.cls.__name__}: {what} gave no array of real numbers ({error})") from None


def held(value, seen, parameters):
    """How many numbers an object holds besides its parameters."""
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if torch is not None and isinstance(value, torch.Tensor):
        return 0 if isinstance(value, torch.nn.Parameter) else value.numel()
    if numpy is not None and isinstance(value, numpy.ndarray):
        return int(value.size)
    if isinstance(value, dict):
        return sum(held(each, seen, parameters) for each in value.values())
    if isinstance(value, (list, tuple, set)) or type(value).__name__ == "deque":
        return sum(held(each, seen, parameters) for each in value)
    if torch is not None and isinstance(value, torch.nn.Module):
        return held(vars(value), seen, parameters)
    if isinstance(value, float):
        return 1 if parameters == "numbers" else 0
    if hasattr(value, "__dict__") and not inspect.isclass(value) and not callable(value):
        return held(vars(value), seen, parameters)
    return 0


def count_parameters(thing):
    if torch is None or not isinstance(thing, torch.nn.Module):
        return 0
    return sum(each.numel() for each in thing.parameters())


class Flops:
    """FLOPs of what runs inside, by torch's own counter; None where this torch has none."""

    def __enter__(self):
        self.total = None
        self.counter = None
        if torch is not None and importlib.util.find_spec("torch.utils.flop_counter") is not None:
            from torch.utils.flop_counter import FlopCounterMode

            self.counter = FlopCounterMode(display=False)
            self.counter.__enter__()
        return self

    def __exit__(self, *how):
        if self.counter is not None:
            self.counter.__exit__(*how)
            self.total = int(self.counter.get_total_flops())


# ---- what the studio asks -------------------------------------------------------------------------------------------

handles = {}
next_handle = 0


def op_hello(request, _):
    """Versions and devices. `device`: what models compute on from now on; `folder`: where they lie."""
    global device, models_folder
    need_torch()
    devices = ["cpu"]
    if torch is not None:
        devices += [f"cuda:{i}" for i in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
        mps = getattr(torch.backends, "mps", None)
        devices += ["mps"] if mps is not None and mps.is_available() else []
    wanted = request.get("device") or "cpu"
    if wanted != "cpu" and wanted not in devices and f"{wanted}:0" not in devices:
        raise ValueError(f"there is no device {wanted} here; there are {', '.join(devices)}")
    device = wanted
    models_folder = os.path.abspath(request["folder"]) if request.get("folder") else ""
    return {
        "python": sys.version.split()[0],
        "executable": sys.executable,
        "numpy": numpy.__version__ if numpy is not None else None,
        "torch": torch.__version__ if torch is not None else None,
        "optuna": version_of("optuna"),
        "devices": devices,
    }


def version_of(package):
    """Of a package that is installed; it is not imported."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def op_load(request, _):
    """Run a file, with all that it imports."""
    need_torch()
    load(request["file"])
    return {}


def op_describe(request, _):
    """What a file holds: its classes that can be used as memories, those that cannot, and the files that it imports."""
    need_torch()
    loaded = load(request["file"], fresh=True)
    classes, refused = [], []
    for cls in public_classes(loaded.module):
        try:
            found = described(cls)
            if found:
                classes.append(found)
        except Unreadable as error:
            refused.append({"name": cls.__name__, "message": f"{cls.__name__} cannot be read: {error}."})
        except Exception as error:
            refused.append({"name": cls.__name__, "message": f"{cls.__name__} cannot be read: {error_line(error)}."})
    return {"classes": classes, "refused": refused, "absent": loaded.absent, "imports": loaded.imports}


def class_of(request):
    loaded = load(request["file"])
    return loaded, getattr(loaded.module, request["class"])


def uses_tensors(module, cls):
    return torch is not None and (is_module(cls) or any(each is torch for each in vars(module).values()))


def op_make(request, _):
    """One instance for each seed."""
    global next_handle
    need_torch()
    loaded, cls = class_of(request)
    instances = [Instance(loaded, cls, request["params"], seed) for seed in request["seeds"]]
    next_handle += 1
    handles[next_handle] = instances
    return {"handle": next_handle}


SHARED = ("positions", "times", "importances")


def rows(inputs, trial):
    """A trial's share of the inputs; of what has no batch axis, a copy: a model may write into what it is given."""
    return {name: (value[:] if isinstance(value, list) else value.copy()) if name in SHARED else value[trial] for name, value in inputs.items()}


def op_store(request, inputs):
    for trial, instance in enumerate(handles[request["handle"]]):
        instance.store(rows(inputs, trial))
    return {}


def joined(answers):
    shape = answers[0][0]
    if any(other != shape for other, _ in answers):
        raise ValueError("the trials of a batch gave results of different shapes")
    return {}, [("result", "float32", [len(answers), *shape], b"".join(data for _, data in answers))]


def op_retrieve(request, inputs):
    return joined([each.retrieve(rows(inputs, trial)) for trial, each in enumerate(handles[request["handle"]])])


def op_forward(request, inputs):
    return joined([each.forward({"x": inputs["x"][trial]}) for trial, each in enumerate(handles[request["handle"]])])


def op_reset(request, _):
    for instance in handles[request["handle"]]:
        instance.reset()
    return {}


def op_free(request, _):
    handles.pop(request["handle"], None)
    return {}


def op_weights(request, _):
    """The state_dict of a handle's first instance; what is no module of torch has none."""
    thing = handles[request["handle"]][0].object
    if torch is None or not isinstance(thing, torch.nn.Module):
        return {}
    return {}, [(name, "float32", shape_of(value), to_bytes(value)) for name, value in thing.state_dict().items()]


def op_cost(request, _):
    """Numbers held after a store, and FLOPs where they can be counted."""
    need_torch()
    loaded, cls = class_of(request)
    dim, stored, queries, tokens = (request[name] for name in ("dim", "stored", "queries", "tokens"))
    one = Instance(loaded, cls, request["params"], 0)

    def made(count):
        row = [[random.gauss(0, 1) for _ in range(dim)] for _ in range(count)]
        return numpy.array(row, dtype="float32").reshape(count, dim) if numpy is not None else row

    answer = {"parameters": count_parameters(one.object), "storeFlops": None, "retrieveFlops": None, "forwardFlops": None}
    if writer_of(cls):
        given = {"keys": made(stored), "values": made(stored), "queries": made(max(1, min(queries, 8)))}
        for name, length in (("contexts", request.get("contextDim") or dim),):
            row = [[random.gauss(0, 1) for _ in range(length)] for _ in range(max(stored, 1))]
            given[name] = numpy.array(row, dtype="float32") if numpy is not None else row
        if stored > 0:
            with Flops() as counted:
                one.store({**given, "contexts": given["contexts"][:stored]})
            answer["storeFlops"] = counted.total
        answer["state"] = held(one.object, set(), None)
        asked = len(given["queries"])
        given["contexts"] = (given["contexts"] if len(given["contexts"]) >= asked else [given["contexts"][0]] * asked)[:asked]
        if numpy is not None:
            given["contexts"] = numpy.ascontiguousarray(given["contexts"], dtype="float32")
        with Flops() as counted:
            one.retrieve(given)
        answer["retrieveFlops"] = None if counted.total is None else counted.total * queries // asked
    else:
        with Flops() as counted:
            one.forward({"x": made(max(1, tokens))})
        answer["forwardFlops"] = counted.total
        answer["state"] = held(one.object, set(), None)
    return answer


# ---- training -------------------------------------------------------------------------------------------------------


def stack_class():
    """The studio's own stack around a block: made where there is a torch to make it of."""
    nn = torch.nn

    def norm(x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)

    class Layer(nn.Module):
        def __init__(self, block, dim, expansion):
            super().__init__()
            self.block = block
            self.mix = nn.Parameter(torch.rand(dim) - 0.5)
            hidden = expansion * dim
            self.mlp = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, dim)) if hidden else None

        def forward(self, h):
            seen = norm(h)
            before = torch.cat([torch.zeros_like(seen[:, :1]), seen[:, :-1]], 1)
            said = self.block(seen + (0.5 + self.mix) * (before - seen))
            said = said[0] if isinstance(said, tuple) and said else said
            if shape_of(said) != shape_of(seen):
                raise ValueError(f"forward gave shape {shape_of(said)} where {shape_of(seen)} is due")
            h = h + said
            return h if self.mlp is None else h + self.mlp(norm(h))

    class Stack(nn.Module):
        """Embedding, learned positions, pre-norm residual layers of the block, a head."""

        def __init__(self, make_block, dim, vocabulary, length, layers, expansion):
            super().__init__()
            self.embedding = nn.Parameter(torch.randn(vocabulary, dim) * 0.3)
            self.position = nn.Parameter(torch.randn(length, dim) * 0.3)
            self.layers = nn.ModuleList([Layer(make_block(), dim, expansion) for _ in range(layers)])
            self.head = nn.Linear(dim, vocabulary)

        def forward(self, tokens, positions):
            h = self.embedding[tokens] + self.position[: tokens.shape[1]]
            for layer in self.layers:
                h = layer(h)
            asked = torch.gather(norm(h), 1, positions[..., None].expand(-1, -1, h.shape[-1]))
            return self.head(asked)

    return Stack


def numbers_of(stack):
    """What a checkpoint holds of a stack, by name: its parameters, then its buffers of real numbers."""
    found = [(name, value, False) for name, value in stack.named_parameters()]
    return found + [(name, value, True) for name, value in stack.named_buffers() if value.is_floating_point()]


def op_learn(request, _):
    """One stack around the class for each seed, and its first weights."""
    global next_handle
    need_torch()
    loaded, cls = class_of(request)
    stacks = []
    set_torch_settings(loaded.settings)
    for seed in request["seeds"]:
        seed_all(seed)
        stacks.append(stack_class()(lambda: constructed(cls, request["params"]), **request["plan"]).to(device))
    listed = [{"name": name, "shape": shape_of(value), "buffer": buffer} for name, value, buffer in numbers_of(stacks[0])]
    flat = b"".join(to_bytes(value) for stack in stacks for _, value, _ in numbers_of(stack))
    size = sum(math.prod(each["shape"]) for each in listed)
    next_handle += 1
    handles[next_handle] = (loaded.settings, list(zip(stacks, request["seeds"])))
    return {"handle": next_handle, "slots": listed}, [("weights", "float32", [len(stacks), size], flat)]


def pass_over(request, inputs, learns):
    settings, handle = handles[request["handle"]]
    set_torch_settings(settings)
    losses, predictions, gradients, buffers = [], [], [], []
    for row, trial in enumerate(request["trials"]):
        stack, seed = handle[trial]
        stack.train(learns)
        given = torch.from_numpy(inputs["weights"][row]).to(device)
        numbers = numbers_of(stack)
        with torch.no_grad():
            for (_, value, _), part in zip(numbers, given.split([value.numel() for _, value, _ in numbers])):
                value.copy_(part.view(value.shape))
        # A step draws the same whoever else learns, and whenever it is taken.
        seed_all((seed * 1000003 + request["step"]) % 2**63)
        tokens, positions, targets = (
            torch.from_numpy(inputs[name][row].astype("int64")).to(device) for name in ("tokens", "positions", "targets")
        )
        stack.zero_grad()
        with contextlib.nullcontext() if learns else torch.no_grad():
            logits = stack(tokens, positions)
            each = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
            if learns:
                each.mean().backward()
        losses.append(to_bytes(each))
        predictions.append(to_bytes(logits.argmax(-1), "int32"))
        if learns:
            for _, value, buffer in numbers:
                gradients.append(to_bytes(value if buffer else torch.zeros_like(value) if value.grad is None else value.grad))
    count = [len(losses), int(inputs["targets"][0].size)]
    arrays = [("loss", "float32", count, b"".join(losses)), ("predicted", "int32", count, b"".join(predictions))]
    if learns:
        # In the place of a buffer's gradient stands the buffer itself, as the step left it.
        arrays.append(("gradient", "float32", inputs["weights"].shape, b"".join(gradients)))
    return {}, arrays


def op_gradients(request, inputs):
    return pass_over(request, inputs, True)


def op_answers(request, inputs):
    return pass_over(request, inputs, False)


# ---- search ---------------------------------------------------------------------------------------------------------


def distribution(optuna, axis):
    """Where Optuna looks for a parameter's values."""
    d = optuna.distributions
    if axis["type"] == "choice":
        return d.CategoricalDistribution(axis["values"])
    kind = d.IntDistribution if axis["type"] == "integer" else d.FloatDistribution
    return kind(axis["low"], axis["high"], log=axis["log"])


def sampler_of(optuna, name, seed):
    if name == "cma-es":
        return optuna.samplers.CmaEsSampler(seed=seed)
    if name == "tpe":
        return optuna.samplers.TPESampler(seed=seed)
    return type(optuna.create_study().sampler)(seed=seed)


def op_propose(request, _):
    """
    The next point of a search, from all that was tried before. The study is lived through again from its beginning, so
    that a search which was interrupted goes on with the same points.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = {axis["name"]: distribution(optuna, axis) for axis in request["space"]}
    higher = request["direction"] == "higher"
    sampler = sampler_of(optuna, request["sampler"], request["seed"])
    study = optuna.create_study(direction="maximize" if higher else "minimize", sampler=sampler)
    scores = [each["score"] for each in request["tried"] if each["score"] is not None]
    worst = (min if higher else max)(scores, default=0.0)
    for each in request["tried"]:
        # A point on which a trial failed is as bad as any.
        score = worst if each["score"] is None else each["score"]
        trial = study.ask(space)
        if trial.params == each["values"]:
            study.tell(trial, score)
        else:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            study.add_trial(optuna.trial.create_trial(params=each["values"], distributions=space, value=score))
    return {"values": study.ask(space).params, "optuna": optuna.__version__}


OPS = {name[3:]: value for name, value in globals().items() if name.startswith("op_")}


# ---- the conversation -----------------------------------------------------------------------------------------------


LONGEST_MESSAGE = 2000
LONGEST_TRACEBACK = 20000


def error_line(error):
    try:
        line = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()[-1]
    except Exception:
        line = type(error).__name__
    return line if len(line) <= LONGEST_MESSAGE else line[:LONGEST_MESSAGE] + "..."


def told(error):
    """What went wrong, the researcher's own lines first: the frames of this file are left out."""
    try:
        text = "".join(told_lines(error)).strip()
    except Exception:
        text = error_line(error)
    half = LONGEST_TRACEBACK // 2
    short = text if len(text) <= 2 * half else f"{text[:half]}\n...\n{text[-half:]}"
    return {"message": error_line(error), "traceback": short, "memory": is_memory(error)}


def is_memory(error):
    return isinstance(error, MemoryError) or any(words in error_line(error) for words in ("out of memory", "allocate memory"))


def told_lines(error):
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if os.path.abspath(frame.filename) != HERE and "importlib" not in frame.filename]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from told_lines(cause)
        yield "\nwhich led to:\n\n"
    # A recursion without end is told by its first and last lines.
    yield from traceback.StackSummary.from_list(own if len(own) <= 60 else own[:30] + own[-30:]).format()
    yield from traceback.format_exception_only(type(error), error)


def print_to_log():
    """Whatever is printed goes to the log, with no fault of its letters."""
    sys.stdout = sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.__stdout__ = sys.__stderr__ = sys.stdout


def put_back(home):
    """What a model may have changed for the whole process."""
    with contextlib.suppress(OSError):
        if os.getcwd() != home:
            os.chdir(home)
    if getattr(sys.stdout, "closed", True) or getattr(sys.stderr, "closed", True):
        print_to_log()
    if hasattr(signal, "alarm"):
        signal.alarm(0)


def limit_memory(size):
    """Memory beyond this is refused, which Python reports as a MemoryError; only where the system can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    except (ImportError, ValueError, OSError):
        pass


def main():
    sys.dont_write_bytecode = True
    sys.path[:] = [each for each in sys.path if os.path.abspath(each or ".") != os.path.dirname(HERE)]
    if os.name == "nt":
        import msvcrt

        for descriptor in (0, 1):
            msvcrt.setmode(descriptor, os.O_BINARY)
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # Whatever a model prints, in Python or below it, is no part of the conversation.
    os.dup2(2, 1)
    print_to_log()
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    # Where a model is when it brings Python down, and where it stays when it does not come back.
    faulthandler.enable(all_threads=False)
    if hasattr(faulthandler, "register"):
        faulthandler.register(signal.SIGUSR1, all_threads=False)
    if os.environ.get("ENGRAM_MEMORY"):
        limit_memory(int(os.environ["ENGRAM_MEMORY"]))
    me, home = os.getpid(), os.getcwd()
    waiting = queue.SimpleQueue()

    def listen():
        # The studio is gone when its end of the line is: whatever a model does just then, it is not wanted any more.
        while True:
            frame = read_frame(requests)
            if frame is None:
                leave(me)
            waiting.put(frame)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        request, arrays = waiting.get()
        try:
            result = OPS[request["op"]](request, arrays)
            header, out = result if isinstance(result, tuple) else (result, ())
            answer = {"ok": True, **header}
        except BaseException as error:
            answer, out = {"ok": False, "error": told(error)}, ()
        # A copy of this process that a model made and that came back here has nobody to answer.
        if os.getpid() != me:
            os._exit(0)
        put_back(home)
        with contextlib.suppress(Exception):
            sys.stderr.flush()
        write_frame(answers, {**answer, "id": request.get("id")}, out)


def leave(me):
    """End, with all that models have started: they are in the group of this process."""
    with contextlib.suppress(Exception):
        if os.getpgid(0) == me:
            os.killpg(me, signal.SIGKILL)
    os._exit(0)


if __name__ == "__main__":
    main()
