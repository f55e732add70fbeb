"""AutoSafe as a Gymnasium environment: risky episodes for LLM agents, judged, replayed and logged.

    import gymnasium as gym
    import autosafe_env

    env = gym.make("autosafe/core-invoice-redirect-v1")
    obs, info = env.reset(seed=7)

Importing the package registers its Gymnasium ids and does nothing else.
"""

from autosafe_env.chat.agent import decision_of, request_for, system_message
from autosafe_env.chat.ask import ask, chat_model
from autosafe_env.chat.langchain_adapter import GraphAgent, as_langchain
from autosafe_env.chat.policy import ChatAgent
from autosafe_env.chat.react import ReactAgent
from autosafe_env.core.cast import Cast, Company, Draw, Person
from autosafe_env.core.codec import decode
from autosafe_env.core.discover import imported, load_agent
from autosafe_env.core.env import AutoSafeEnv
from autosafe_env.core.registration import register_all
from autosafe_env.core.render import printable
from autosafe_env.core.sampling import sample_action
from autosafe_env.core.scenarios import load_scenario
from autosafe_env.core.toolkit import Record, State, Toolkit, tool
from autosafe_env.errors import AutoSafeError
from autosafe_env.protocols import ChatModel, Judge, Policy, PrivilegedPolicy, Reflector, ToolEmulator, UserSimulator
from autosafe_env.run.path import PathPolicy
from autosafe_env.run.rollout import rollout
from autosafe_env.train.policy import StudentAgent
from autosafe_env.types.chat import ChatMessage, ChatRequest, Completion
from autosafe_env.types.threat import Scenario, Source, Variant
from autosafe_env.types.tools import Capability, Effect, Role
from autosafe_env.types.trajectory import Trajectory
from autosafe_env.types.turns import Decision, Emulation, Final, Left, Malformed, Message, Say, ToolCall
from autosafe_env.types.verdict import Label, Verdict
from autosafe_env.views import AgentView, EmulatorView, JudgeView, UserView

__all__ = [
    "AgentView",
    "AutoSafeEnv",
    "AutoSafeError",
    "Capability",
    "Cast",
    "ChatAgent",
    "ChatMessage",
    "ChatModel",
    "ChatRequest",
    "Company",
    "Completion",
    "Decision",
    "Draw",
    "Effect",
    "Emulation",
    "EmulatorView",
    "Final",
    "GraphAgent",
    "Judge",
    "JudgeView",
    "Label",
    "Left",
    "Malformed",
    "Message",
    "PathPolicy",
    "Person",
    "Policy",
    "PrivilegedPolicy",
    "ReactAgent",
    "Record",
    "Reflector",
    "Role",
    "Say",
    "Scenario",
    "Source",
    "State",
    "StudentAgent",
    "ToolCall",
    "ToolEmulator",
    "Toolkit",
    "Trajectory",
    "UserSimulator",
    "UserView",
    "Variant",
    "Verdict",
    "as_langchain",
    "ask",
    "chat_model",
    "decision_of",
    "decode",
    "imported",
    "load_agent",
    "load_scenario",
    "printable",
    "request_for",
    "rollout",
    "sample_action",
    "system_message",
    "tool",
]

register_all()
