"""Imports point back along the line, and threads can neither outlive the process nor be nameless."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

SAID_BY_ACTORS = {"actors.messages", "actors.views", "actors.heartbeat", "actors.tell"}
"""What others may know of the actors: their words, the counter that shows a thread moves, and a careful `tell`."""

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "redaction": set(),
    "collector": set(),
    "nearest": set(),
    "private_file": set(),
    "market": {"errors"},
    "logs": {"errors", "redaction", "market"},
    "indicators": {"market"},
    "rules": {"errors", "nearest", "market", "indicators"},
    "signals": {"market"},
    "strategies": {"errors", "market", "indicators", "signals"},
    "settings": {"errors", "logs", "redaction", "nearest", "market", "indicators", "rules", "strategies"},
    "engine": {"market", "indicators", "rules", "signals", "strategies", "settings"},
    "brokers": {"errors", "redaction", "private_file", "market", "settings"},
    "store": {"errors", "market", "signals"} | SAID_BY_ACTORS,
    "delivery": {"errors", "logs", "redaction", "market", "settings", "signals", "store"} | SAID_BY_ACTORS,
    "control": {"errors", "logs", "nearest", "private_file", "settings", "signals"} | SAID_BY_ACTORS,
    "actors": {"errors", "market", "engine", "signals", "settings", "brokers", "store", "delivery"},
    "warmup": {"errors", "market", "engine", "brokers", "store", "actors"},
    "reloading": {"errors", "market", "settings", "store", "delivery", "actors", "warmup"},
    "evening": {"errors", "private_file", "market", "signals", "settings", "store", "delivery", "actors.heartbeat"},
    "replay": {"errors", "market", "settings", "store", "actors"},
    "reconciliation": {"errors", "market", "signals", "settings", "brokers", "store", "actors", "warmup", "replay"},
    # The local exchange knows the wire and the instrument lists; were it to use our decoder, it could not test it.
    "simulator": {"errors", "market", "brokers.dhan.packets", "brokers.dhan.instruments", "brokers.listing"},
}
"""For each package or module at the top, in the order of the line: what of ours it may import."""

SEES_EVERYTHING = {"system", "commands", "run", "bench"}
"""Where the parts are put together."""

TOP_ONLY = {"run": set(), "commands": {"run", "bench"}, "bench": set(), "simulator": {"bench"}}
"""What nobody may import, but these."""


def ours() -> set[str]:
    return {path.parent.name for path in ROOT.glob("*/__init__.py")} | {path.stem for path in ROOT.glob("*.py")}


def files(top: str) -> list[Path]:
    return [ROOT / f"{top}.py"] if (ROOT / f"{top}.py").exists() else sorted((ROOT / top).rglob("*.py"))


@cache
def tree(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: an import says where it points to"
            assert node.module is not None
            for alias in node.names:  # `from actors import messages` names a module too
                whole = f"{node.module}.{alias.name}"
                yield whole if (ROOT / f"{whole.replace('.', '/')}.py").exists() else node.module


def allowed(module: str, may: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in may)


def test_every_package_has_its_place_in_the_line():
    assert ours() <= MAY_IMPORT.keys() | SEES_EVERYTHING


def test_the_line_has_no_circle():
    behind: set[str] = set()
    for top, may in MAY_IMPORT.items():
        assert {name.partition(".")[0] for name in may - SAID_BY_ACTORS} <= behind, (
            f"{top} stands before what it imports"
        )
        behind.add(top)


@pytest.mark.parametrize("top", MAY_IMPORT)
def test_imports_point_back_along_the_line(top: str):
    forward = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in files(top)
        for module in imported(path)
        if module.partition(".")[0] in ours() - {top} and not allowed(module, MAY_IMPORT[top])
    ]
    assert forward == []


@pytest.mark.parametrize("top", TOP_ONLY)
def test_what_stands_at_the_end_is_imported_by_nobody(top: str):
    importers = {
        other
        for other in ours() - {top}
        for path in files(other)
        for module in imported(path)
        if module.partition(".")[0] == top
    }
    assert importers <= TOP_ONLY[top]


def test_no_part_of_the_program_imports_the_tests():
    assert not [
        path for top in ours() for path in files(top) if "tests" in {m.partition(".")[0] for m in imported(path)}
    ]


@pytest.mark.parametrize("heavy", ["pandas", "asyncio"])
def test_the_line_itself_is_free_of_what_would_slow_it(heavy: str):
    line = ["market", "indicators", "rules", "signals", "strategies", "engine"]
    line += ["brokers", "actors", "store", "delivery"]
    users = [
        str(path.relative_to(ROOT))
        for top in line
        for path in files(top)
        if heavy in {module.partition(".")[0] for module in imported(path)}
    ]
    assert users == []


def program() -> Iterator[tuple[Path, ast.AST]]:
    for path in (path for top in sorted(ours()) for path in files(top)):
        yield path, tree(path)


def calls(node: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Calls of what goes by one of these names."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and ast.unparse(inner.func) in names:
            yield inner


def test_every_thread_is_a_daemon_with_a_name():
    for path, parsed in program():
        for call in calls(parsed, "Thread", "threading.Thread"):
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
            assert given.get("daemon") == "True", f"{path}:{call.lineno} would keep the process from ending"
            assert "name" in given, f"{path}:{call.lineno} has no name"


def test_every_timer_is_a_daemon_with_a_name():
    for path, parsed in program():
        for function in ast.walk(parsed):
            if isinstance(function, ast.FunctionDef) and any(calls(function, "threading.Timer")):
                text = ast.unparse(function)
                assert ".daemon = True" in text, f"{path}:{function.lineno} would keep the process from ending"
                assert ".name = " in text, f"{path}:{function.lineno} has no name"


def test_the_threads_of_every_executor_have_a_name_and_are_waited_for():
    for path, parsed in program():
        waited_for = [
            item.context_expr for node in ast.walk(parsed) if isinstance(node, ast.With) for item in node.items
        ]
        for call in calls(parsed, "ThreadPoolExecutor"):
            assert "thread_name_prefix" in {keyword.arg for keyword in call.keywords}, f"{path}:{call.lineno}"
            assert call in waited_for, f"{path}:{call.lineno}"


def test_actors_with_a_thread_of_their_own_are_daemons():
    for path, parsed in program():
        for node in ast.walk(parsed):
            if isinstance(node, ast.ClassDef) and any("ThreadingActor" in ast.unparse(base) for base in node.bases):
                assert "use_daemon_thread = True" in map(ast.unparse, node.body), f"{path}: {node.name}"
