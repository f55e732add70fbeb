"""Loading what is fine-tuned: a language model or an adapter over one, its tokeniser, and the libraries themselves."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autosafe_env.errors import ConfigError
from autosafe_env.train.tuning_config import Lora, Precision, TuningConfig
from autosafe_env.train.tuning_record import LIBRARIES
from autosafe_env.types.base import Json

ADAPTER_FILE = "adapter_config.json"


@dataclass(frozen=True)
class Loaded:
    """A model that is ready to be trained."""

    model: Any
    """A `PreTrainedModel`, or the `PeftModel` of an adapter that is trained on."""
    tokenizer: Any
    lora: Any
    """The `LoraConfig` of a new adapter; None where the model brings its own."""
    bf16: bool
    device: str


def require_libraries() -> None:
    """Raise ConfigError, saying what to install, where a library of the extra is missing."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"fine-tuning needs {', '.join(missing)}, not installed here: pip install 'autosafe-env[train]'"
        )


def load(name: str, config: TuningConfig) -> Loaded:
    """The model or adapter of this name or path, and its tokeniser.

    Raises:
        ConfigError: there is none, or it cannot be trained on conversations.
    """
    import torch  # here and below: these take seconds to import
    from transformers import set_seed

    set_seed(config.seed)  # before the adapter is made, whose first values are drawn
    place = _place(name)
    bf16 = _is_bf16(config.precision, torch)
    dtype = torch.bfloat16 if bf16 else torch.float32
    tokenizer = _loaded(name, lambda auto: auto.AutoTokenizer.from_pretrained(place), "transformers")
    _check_tokenizer(name, tokenizer)
    if (Path(place) / ADAPTER_FILE).is_file():
        model = _loaded(
            name,
            lambda peft: peft.AutoPeftModelForCausalLM.from_pretrained(place, is_trainable=True, dtype=dtype),
            "peft",
        )
        return Loaded(model, tokenizer, None, bf16, _device(torch))
    model = _loaded(name, lambda auto: auto.AutoModelForCausalLM.from_pretrained(place, dtype=dtype), "transformers")
    return Loaded(model, tokenizer, _lora(config.lora), bf16, _device(torch))


def _place(name: str) -> str:
    """What `from_pretrained` is given. Raises ConfigError for what can only be a path, and is not there."""
    path = Path(name).expanduser()
    looks_like_path = path.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1
    if path.exists() or looks_like_path:
        if not any((path / file).is_file() for file in ("config.json", ADAPTER_FILE)):
            raise ConfigError(
                f"there is no model in {path}: a folder with config.json, or {ADAPTER_FILE} of an adapter, is wanted"
            )
        return str(path)
    return name


def _loaded(name: str, load: Any, library: str) -> Any:
    """What a loader returns. What it raises on a bad folder or name becomes one sentence."""
    module = importlib.import_module(library)
    try:
        return load(module)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ConfigError(f"the model {name!r} cannot be loaded: {reason[0]}") from error


def _check_tokenizer(name: str, tokenizer: Any) -> None:
    if not tokenizer.chat_template:
        raise ConfigError(
            f"the tokeniser of {name!r} has no chat template; use a chat (instruct) model, whose template knows tools"
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token


def _is_bf16(precision: Precision, torch: Any) -> bool:
    if precision is Precision.AUTO:
        return bool(torch.cuda.is_available() and torch.cuda.is_bf16_supported())
    return precision is Precision.BF16


def _device(torch: Any) -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


def _lora(settings: Lora) -> Any:
    from peft import LoraConfig

    return LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=list(settings.targets) or "all-linear",
        task_type="CAUSAL_LM",
    )


def lengths(tokenizer: Any, conversations: Sequence[tuple[list[dict[str, Json]], list[dict[str, Json]]]]) -> list[int]:
    """Tokens of each conversation, given as messages and tools.

    Raises:
        ConfigError: the chat template cannot write one of them.
    """
    from jinja2 import TemplateError

    try:
        return [
            len(tokenizer.apply_chat_template(messages, tools=tools, tokenize=True, return_dict=False))
            for messages, tools in conversations
        ]
    except (TemplateError, TypeError, ValueError) as error:
        raise ConfigError(f"the model's chat template cannot write a conversation with tool calls: {error}") from error
