"""What holds where AgentDojo is not installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from autosafe_env.core.discover import Kind, make
from autosafe_env.errors import ConfigError
from autosafe_env.integrations.agentdojo_scenarios import is_agentdojo
from autosafe_env.run.suite import suite_scenarios
from autosafe_env.types.verdict import Label
from tests.contracts.views import judge_views

absent = pytest.mark.skipif(importlib.util.find_spec("agentdojo") is not None, reason="agentdojo is installed")


@absent
@pytest.mark.parametrize("name", ["agentdojo", "agentdojo:banking", "agentdojo@direct", "agentdojo:slack@direct"])
def test_the_suite_says_what_to_install(name: str) -> None:
    with pytest.raises(ConfigError, match=r"pip install 'autosafe-env\[agentdojo\]'"):
        suite_scenarios(name)
    assert is_agentdojo(name)
    assert not is_agentdojo(name.replace("dojo", "dojos"))


def test_nothing_of_agentdojo_is_imported_with_the_command_line() -> None:
    code = "import sys, autosafe_env.cli.main; print(sorted({'agentdojo', 'pyarrow', 'inspect_ai'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_its_judge_fails_by_saying_so_in_another_world() -> None:
    judge = make(Kind.JUDGE, "autosafe_env.integrations.agentdojo_roles:AgentDojoJudge")
    with pytest.raises(ValueError, match="no toolkit of AgentDojo"):
        judge.judge(next(iter(judge_views())))
    assert judge.name == "agentdojo"
    assert Label.UNDECIDED in Label


@pytest.mark.parametrize("place", ["autosafe_env.judges.rules:Nobody", "no.such.module:Judge", "json:loads"])
def test_a_role_at_a_wrong_place_is_a_sentence(place: str) -> None:
    with pytest.raises(ConfigError):
        make(Kind.JUDGE, place)


def test_a_role_is_taken_from_its_place() -> None:
    assert type(make(Kind.JUDGE, "autosafe_env.judges.rules:RulesJudge")).__name__ == "RulesJudge"
