"""The house as DESIGN draws it: who may import whom, how long things are, what is public, what is installed."""

from __future__ import annotations

import ast
import configparser
import graphlib
import importlib
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import autosafe_env
from autosafe_env.core.discover import scenarios_folder, suite_files
from autosafe_env.core.suite_index import index_path

ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "autosafe_env"
PLUGINS = ("agents", "tools_emulated", "scenarios")
"""Top-level folders that are installed, and symlinked, under the package's name."""
ORDER = (
    {"version"},
    {"types"},
    {"errors"},
    {"views"},
    {"protocols"},
    {"core"},
    {"chat"},
    {"models"},
    {"emulate"},
    {"users"},
    {"judges"},
    {"reflect"},
    {"record"},
    {"run"},
    {"generate"},
    {"data"},
    {"train"},
    {"bench"},
    {"integrations"},
    {"loop"},
    {"cli"},
)
PEERS = {"emulate", "users", "judges", "reflect"}
"""Rooms on one floor: none imports another."""
MAX_FILE, MAX_FUNCTION = 300, 60


def own_files(folder: Path) -> list[Path]:
    """The Python files below a folder, plug-in folders that are linked into it left out."""
    linked = [LIBRARY / name for name in PLUGINS]
    files = sorted(folder.rglob("*.py"))
    return [path for path in files if not any(path.is_relative_to(link) for link in linked if folder == LIBRARY)]


LIBRARY_FILES = own_files(LIBRARY)
PLUGIN_FILES = [path for name in PLUGINS for path in own_files(ROOT / name)]
CODE = [*LIBRARY_FILES, *PLUGIN_FILES, *own_files(ROOT / "benchmarks")]


def module_of(path: Path) -> str:
    """The dotted name under which a file of the library or of a plug-in folder is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts if parts[0] == "autosafe_env" else ("autosafe_env", *parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in [*LIBRARY_FILES, *PLUGIN_FILES]}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Every module that a file imports anywhere in it, lazily or for type checking included."""
    return frozenset(_imports_of(path))


def _imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            module = node.module or ""
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield inner if inner in MODULES else module


def own_imports(path: Path) -> set[str]:
    return {name for name in imports_of(path) if name.split(".")[0] == "autosafe_env"}


def room_of(module: str) -> str:
    return module.split(".")[1]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def graph() -> dict[str, set[str]]:
    return {module: own_imports(path) for module, path in MODULES.items()}


def test_imports_follow_the_order_of_the_house() -> None:
    floor = {room: index for index, rooms in enumerate(ORDER) for room in rooms}
    broken = []
    for module, path in MODULES.items():
        if module == "autosafe_env" or room_of(module) in PLUGINS:
            continue
        for name in own_imports(path):
            room, other = room_of(module), room_of(name) if "." in name else "the package itself"
            if room != other and (floor.get(other, 99) >= floor[room] or {room, other} <= PEERS):
                broken.append(f"{module} imports {name}")
    assert broken == []


def test_no_module_imports_itself_by_a_detour() -> None:
    graphlib.TopologicalSorter(graph()).prepare()
    assert len(graph()) > 40


def test_every_import_of_our_own_leads_to_a_module() -> None:
    missing = {f"{module} imports {name}" for module, names in graph().items() for name in names if name not in MODULES}
    assert missing == set()


@pytest.mark.parametrize("room", ["bench", "data", "record", "train"])
def test_what_reads_logs_does_not_import_the_env_by_any_detour(room: str) -> None:
    reached = {module for module in graph() if module.startswith(f"autosafe_env.{room}")}
    assert reached
    while more := {name for module in reached for name in graph()[module]} - reached:
        reached |= more
    assert not {"autosafe_env", "autosafe_env.core.env", "autosafe_env.core.episode"} & reached


@pytest.mark.parametrize("path", PLUGIN_FILES, ids=relative)
def test_a_plugin_imports_public_names_and_the_helpers_of_its_folder_only(path: Path) -> None:
    folder = ROOT / path.relative_to(ROOT).parts[0]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            assert not [alias.name for alias in node.names if alias.name.startswith("autosafe_env")]
        elif isinstance(node, ast.ImportFrom) and node.module == "autosafe_env":
            assert {alias.name for alias in node.names} <= set(autosafe_env.__all__)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autosafe_env."):
            _, room, helper, *_ = [*(node.module or "").split("."), ""]
            assert room == folder.name
            assert (folder / helper / "__init__.py").exists(), f"{helper} is a plug-in, not a package of helpers"


def test_the_library_names_no_plugin_in_an_import() -> None:
    for path in LIBRARY_FILES:
        names = {name for name in imports_of(path) if name.split(".")[0] in PLUGINS}
        names |= {name for name in own_imports(path) if "." in name and room_of(name) in PLUGINS}
        assert names == set(), relative(path)


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_files_and_functions_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < MAX_FILE
    functions = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: length for name, length in long.items() if length >= MAX_FUNCTION} == {}


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_nothing_is_left_to_do(path: Path) -> None:
    comments = [line for line in path.read_text(encoding="utf-8").splitlines() if "#" in line]
    assert [line for line in comments if re.search(r"#.*\b(TODO|FIXME|XXX)\b", line)] == []


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_only_the_boundary_catches_whatever_comes(path: Path) -> None:
    nodes = list(ast.walk(tree_of(path)))
    assert [ast.unparse(node) for node in nodes if isinstance(node, ast.ExceptHandler) and is_broad(node)] == []
    exits = [node for node in nodes if isinstance(node, ast.ClassDef) and has_exit(node)]
    assert {node.name for node in exits} <= {"boundary", "LineSink", "Relay"}


def has_exit(node: ast.ClassDef) -> bool:
    """Whether it is a context manager, which sees every exception that leaves its block."""
    return any(isinstance(part, ast.FunctionDef) and part.name == "__exit__" for part in node.body)


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Whether it catches every exception."""
    caught = ast.unparse(handler.type).strip("()").split(", ") if handler.type else ["BaseException"]
    return bool({"Exception", "BaseException"} & set(caught))


def test_what_the_package_exports_is_sorted_complete_and_there() -> None:
    tree = tree_of(LIBRARY / "__init__.py")
    imported = {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert autosafe_env.__all__ == sorted(set(autosafe_env.__all__))
    assert imported - used == set(autosafe_env.__all__)
    assert imported & used == {"register_all"}
    assert all(getattr(autosafe_env, name) is not None for name in autosafe_env.__all__)
    assert all(getattr(autosafe_env, name).__doc__ for name in autosafe_env.__all__)


def loaded_by(statement: str) -> set[str]:
    """Every module that a fresh interpreter has loaded after a statement."""
    script = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603 - our own script
    return set(json.loads(done.stdout))


def test_importing_the_package_is_light_and_loads_no_plugin() -> None:
    ours = {name for name in loaded_by("import autosafe_env") if not name.startswith("_")}
    tops = {name.split(".")[0] for name in ours} - set(sys.stdlib_module_names)
    needed = {"gymnasium", "numpy", "pydantic", "pydantic_core", "autosafe_env"}
    brought = {name.split(".")[0] for name in loaded_by("import annotated_types, gymnasium, numpy, pydantic")}
    assert needed <= tops
    assert tops - brought == {"autosafe_env"}
    heavy = {
        "yaml",
        "openai",
        "torch",
        "datasets",
        "cel",
        "typer",
        "rich",
        "langchain",
        "langchain_core",
        "transformers",
    }
    assert not heavy & tops
    assert not [name for name in ours if name.startswith(("autosafe_env.agents.", "autosafe_env.tools_emulated."))]


def config() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def folders_to_install() -> dict[str, Path]:
    """Dotted name to folder, for every folder that holds a Python or a scenario file."""
    files = [*MODULES.values(), *(ROOT / "scenarios").rglob("*.yaml")]
    found = {}
    for folder in {path.parent for path in files}:
        parts = folder.relative_to(ROOT).parts
        found[".".join(parts if parts[0] == "autosafe_env" else ("autosafe_env", *parts))] = folder
    return found


def test_the_packages_to_install_are_the_folders_that_exist() -> None:
    listed = config()["options"]["packages"].split()
    assert listed == sorted(folders_to_install())
    mapping = dict(line.split(" = ") for line in config()["options"]["package_dir"].strip().splitlines())
    assert mapping == {"autosafe_env": "autosafe_env", **{f"autosafe_env.{name}": name for name in PLUGINS}}


def test_scenario_files_are_installed_with_their_packages() -> None:
    data = config()["options.package_data"]
    with_data = {name for name, folder in folders_to_install().items() if any(folder.glob("*.yaml"))}
    assert with_data
    assert {name for name in data if "*.yaml" in data[name]} == with_data
    assert data["autosafe_env.scenarios.generated"] == "*.jsonl.gz, *.index.json"
    assert {index_path(path) for path in suite_files().values()} == {*scenarios_folder().rglob("*.index.json")}
    assert {*suite_files().values()} == {*scenarios_folder().rglob("*.jsonl*")}
    assert data["autosafe_env"] == "py.typed"
    assert (LIBRARY / "py.typed").exists()


def test_pyproject_holds_nothing_but_the_build_system() -> None:
    assert set(tomllib.loads((ROOT / "pyproject.toml").read_text())) == {"build-system"}


@pytest.mark.parametrize("name", PLUGINS)
def test_the_plugin_folders_are_linked_into_the_package(name: str) -> None:
    link = LIBRARY / name
    target = os.readlink(link) if link.is_symlink() else link.read_text().strip()  # as git writes it without symlinks
    assert target == f"../{name}"
    origin = importlib.import_module(f"autosafe_env.{name}").__path__
    assert [Path(place).resolve() for place in origin] == [ROOT / name]


def test_a_package_called_agents_of_somebody_else_is_found_in_the_checkout(tmp_path: Path) -> None:
    assert not (ROOT / "agents" / "__init__.py").exists()
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__init__.py").write_text("OWNER = 'somebody else'\n")
    script = "import agents, autosafe_env; print(agents.OWNER, autosafe_env.load_agent('refuse_all').__module__)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, env=environment)  # noqa: S603
    assert done.stdout == "somebody else autosafe_env.agents.refuse_all\n", done.stderr
