"""No regular expression of the product can be made to take long, whoever wrote it and when."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest

from bot.channels.intake import MAX_CHARACTERS
from tests.pace import slowness
from tests.pumping import METHODS, slow_strings

PACKAGES = ("nlu", "actions", "models", "bot")
# Modules that cannot be imported here; each still has to write no expression.
SKIPPED = {"models.encoder.export": "imports onnx, which only the making of the encoder needs"}
ROOT = Path(__file__).resolve().parent.parent
# CPU seconds that one expression may take for the longest text that is accepted.
LIMIT = 0.05


@dataclass
class Expression:
    """A compiled expression, where it is made, and how it is called."""

    pattern: re.Pattern[str]
    place: str
    methods: set[str] = field(default_factory=set)


class Collection:
    """Every expression that the product's modules hold or write down in their functions."""

    def __init__(self) -> None:
        self.expressions: dict[tuple[str, int], Expression] = {}
        self.hidden: list[str] = []
        self.files: set[str] = set()
        self._places: dict[tuple[str, int], list[re.Pattern[str]]] = defaultdict(list)
        modules = list(self._imported())
        for module in modules:
            self._read(module, ast.parse(Path(str(module.__file__)).read_text("utf-8")))
        for module in modules:
            self._calls(module, ast.parse(Path(str(module.__file__)).read_text("utf-8")))

    def _imported(self) -> Iterator[ModuleType]:
        """Import every module anew to them, noting what is compiled and by which line."""
        compiling, places = re._compile, self._places  # type: ignore[attr-defined]

        def compiled(pattern: Any, flags: int) -> Any:
            made = compiling(pattern, flags)
            if (frame := _ours(sys._getframe(1))) and isinstance(made.pattern, str):
                places[frame.f_code.co_filename, frame.f_lineno].append(made)
            return made

        names = [
            module.name
            for package in PACKAGES
            for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}.")
            if not module.name.endswith("__main__") and module.name not in SKIPPED
        ]
        known = {name: module for name, module in sys.modules.items() if _is_ours(name)}
        for name in known:
            del sys.modules[name]
        re._compile = compiled  # type: ignore[attr-defined]
        try:
            yield from [importlib.import_module(name) for name in [*PACKAGES, *names]]
        finally:
            re._compile = compiling  # type: ignore[attr-defined]
            for name in [name for name in sys.modules if _is_ours(name)]:
                del sys.modules[name]
            sys.modules.update(known)

    def _read(self, module: ModuleType, tree: ast.Module) -> None:
        """Take what a module compiled when it was imported, and what its functions would."""
        file = str(module.__file__)
        self.hidden += [f"{_place(file)}:{line}" for line in _other_names_of_re(tree)]
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or (name := _of_re(call)) is None:
                continue
            lines = range(call.lineno, (call.end_lineno or call.lineno) + 1)
            made = [pattern for line in lines for pattern in self._places.get((file, line), ())]
            if not made:
                try:
                    scope = {"re": re, **vars(module)}
                    code = compile(ast.Expression(call.args[0]), file, "eval")
                    made = [re.compile(eval(code, scope), _flags(call, scope))]
                except Exception:
                    self.hidden.append(f"{_place(file)}:{call.lineno}")
            for pattern in made:
                place = f"{_place(file)}:{call.lineno}"
                self.files.add(_place(file))
                known = self.expressions.setdefault(
                    (pattern.pattern, pattern.flags), Expression(pattern, place)
                )
                if name in METHODS:
                    known.methods.add(name)

    def _calls(self, module: ModuleType, tree: ast.Module) -> None:
        """Note how a module calls the expressions that it knows by a name."""
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or node.attr not in METHODS:
                continue
            try:
                code = compile(ast.Expression(node.value), str(module.__file__), "eval")
                value = eval(code, dict(vars(module)))
            except Exception:
                continue
            if isinstance(value, re.Pattern):
                known = self.expressions.get((value.pattern, value.flags))
                if known is not None:
                    known.methods.add(node.attr)


def _ours(frame: FrameType | None) -> FrameType | None:
    """Return the frame of the product that had an expression compiled, if one did."""
    while frame is not None and frame.f_code.co_filename == re.__file__:
        frame = frame.f_back
    for _ in range(2):  # a library may compile what it is given, as spaCy does
        if frame is not None and _is_ours(str(frame.f_globals.get("__name__"))):
            return frame
        frame = frame.f_back if frame is not None else None
    return None


def _is_ours(name: str) -> bool:
    return name.split(".")[0] in PACKAGES


def _of_re(call: ast.Call) -> str | None:
    """Return the function of ``re`` that a call names."""
    called = call.func
    of_re = (
        isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.value.id == "re"
        and called.attr in {*METHODS, "compile"}
    )
    return called.attr if of_re and isinstance(called, ast.Attribute) else None


def _other_names_of_re(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that import expressions in a way that would hide them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("re", "regex"):
            yield node.lineno
        elif isinstance(node, ast.Import):
            hiding = (name for name in node.names if name.name in ("re", "regex"))
            yield from (node.lineno for name in hiding if name.asname or name.name != "re")


def _flags(call: ast.Call, scope: dict[str, Any]) -> int:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
    if _of_re(call) == "compile":
        given += call.args[1:2]
    return eval(compile(ast.Expression(given[0]), "", "eval"), scope) if given else 0


def _place(file: str) -> str:
    return str(Path(file).relative_to(ROOT))


COLLECTION = Collection()


def test_every_expression_stands_where_it_can_be_tried() -> None:
    assert COLLECTION.hidden == [], "`import re`, and compile these at the top of their modules"


def test_an_import_that_would_hide_expressions_is_found() -> None:
    hiding = ("from re import compile", "import re as r", "import regex", "import os, re as r")
    assert all([*_other_names_of_re(ast.parse(line))] == [1] for line in hiding)
    assert not [*_other_names_of_re(ast.parse("import re\nimport os\nfrom os import path"))]


@pytest.mark.parametrize(
    "expression",
    [pytest.param(found, id=found.place) for found in COLLECTION.expressions.values()],
)
def test_no_text_takes_an_expression_long(expression: Expression) -> None:
    methods = frozenset(expression.methods or {"search", "fullmatch", "sub"})
    limit = LIMIT * slowness()
    found = next(slow_strings(expression.pattern, methods, MAX_CHARACTERS, limit), None)
    assert found is None, f"{expression.place} {expression.pattern.pattern[:80]}: {found}"


# Expressions that were here once and could be made to take for ever, and others of their kinds.
_NUMBER = r"-?\d*[.,]?\d+"
_BACK = r"(?:no(?: wait)?|wait|sorry|oops|i mean(?:t)?|actually)"
SLOW = {
    "a question": (
        r"\W*(?:(?:and|so|ok)\W+)*(?:what(?! an?\b)|how|why|which|when|where)\b"
        r"(?:[\s,]+[^\s?!.]+){1,12}\W*",
        "fullmatch",
    ),
    "a number taken back": (
        rf"(?<![\w.]){_NUMBER}\s*(?:cm|mm)?\W{{0,6}}\b{_BACK}\b[\s,.:;-]*"
        rf"(?:(?:{_BACK}|it'?s|it is)\b[\s,.:;-]*)*(?={_NUMBER}\b)",
        "sub",
    ),
    "numbers side by side": (
        rf"(?:{_NUMBER}\s*(?:cm|mm|in)?\s*(?:[,;/|xX×\s]|and|by|-)+\s*){{2}}-?[.,]?\d",
        "search",
    ),
    "three measurements": (
        r"(?:[^\w.,-]*-?\d*[.,]?\d+\s*(?:cm|mm|in|x|and)?\b[\s,;/]*){3}",
        "match",
    ),
    "a rating": (
        r"(\d+(?:\.\d+)?|one|two)(?: and a half)?(?: stars?)?\s*(?:/|out of)\s*(5|10|100)\b",
        "search",
    ),
    "a command": (r"/\s*\w[\w/+-]*\s*(?:@[\d.]+)?\s*(?:\{.*)?|EXTERNAL: .*", "fullmatch"),
    "a percentage": (rf"{_NUMBER}\s*(?:%|percent\b|per cent\b)", "sub"),
    "a number and not another": (
        rf"({_NUMBER}\s*(?:cm)?)[\s,]+(?:and\s+)?not\s+{_NUMBER}\b",
        "sub",
    ),
    "the end of a sentence": (r"[.!?]+[\"')\]]*(?=\s|<|$)|\n+", "finditer"),
    "repeats inside a repeat": (r"(a+)+b", "search"),
    "words and blanks": (r"^(\w+\s?)*$", "match"),
    "ways that begin alike": (r"(?:a|aa|ab|b)+c", "search"),
    "columns": (r"^(.*?,){11}P", "match"),
    "blanks at the end": (r"\s+$", "sub"),
    "one after the other": (r"\bfrom\b.*\bto\b.*\bby\b", "search"),
    "around a comma": (r"\w+\s*,?\s*,?\s*\w+!", "search"),
    "an address": (r"[\w.]+@[\w.]+\.com", "search"),
}
QUICK = {
    "a number": (r"-?(?:\d{1,9}(?:[.,]\d{1,9})?|[.,]\d{1,9})\s{0,9}(?:%|percent\b)", "sub"),
    "a word": (r"[^\W\d_]+", "findall"),
    "a tag": (r"<[^<>]{1,40}>", "sub"),
    "a list": (r"\w+(?:, \w+)*", "fullmatch"),
}


@pytest.mark.parametrize(("pattern", "method"), SLOW.values(), ids=SLOW)
def test_an_expression_that_can_be_made_slow_is_found(pattern: str, method: str) -> None:
    expression = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    assert next(slow_strings(expression, frozenset({method}), MAX_CHARACTERS, LIMIT), None)


@pytest.mark.parametrize(("pattern", "method"), QUICK.values(), ids=QUICK)
def test_an_expression_that_is_quick_is_left_in_peace(pattern: str, method: str) -> None:
    expression = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    assert not next(slow_strings(expression, frozenset({method}), MAX_CHARACTERS, LIMIT), None)


def test_an_expression_is_found_wherever_it_is_written() -> None:
    for file in (file for package in PACKAGES for file in (ROOT / package).rglob("*.py")):
        if re.search(r"\bre\.(compile|search|sub)\(", file.read_text("utf-8")):
            assert _place(str(file)) in COLLECTION.files


@pytest.mark.parametrize("module", SKIPPED, ids=SKIPPED)
def test_a_module_that_is_skipped_writes_no_expression(module: str) -> None:
    tree = ast.parse(ROOT.joinpath(*module.split(".")).with_suffix(".py").read_text("utf-8"))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert "re" not in names
    assert not [*_other_names_of_re(tree)]


def test_methods_are_those_that_the_code_calls() -> None:
    from nlu import review_text

    pattern = review_text._MARK
    assert COLLECTION.expressions[pattern.pattern, pattern.flags].methods == {"search"}
