"""What servers' refusals mean: which error they are, and whether to ask again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from math import isfinite

from autosafe_env.chat.wire import words_of
from autosafe_env.errors import ContextOverflow, ModelError, RateLimited, Refused, TimedOut, Unreachable

NEVER, OFTEN = 0, 1_000_000
TWICE = 2
"""A server that cannot be reached is not worth more than a second."""
TOO_LONG = (
    "context_length",
    "context length",
    "context window",
    "context size",
    "context_size",
    "maximum model length",
    "prompt is too long",
    "input is too long",
    "too many tokens",
)
FILTERED = ("content_filter", "content_policy", "content management policy", "requires moderation", "was flagged")
NO_CREDIT = ("insufficient_quota", "insufficient credit", "insufficient balance")
NO_SCHEMA = ("response_format", "json_schema", "structured output", "guided_json", "guided decoding", "grammar")
"""Words in the refusals of servers that cannot hold an answer to a schema."""
LONGEST_TEXT = 20_000
"""Characters of a refusal that are looked at."""


@dataclass(frozen=True)
class Failure:
    """Why there is no answer."""

    kind: type[ModelError]
    text: str
    """One sentence, not yet freed of keys."""
    tries: int = NEVER
    """How often it is worth asking again."""
    after: float | None = None
    """Seconds that the server asks to wait; None when it does not say."""
    lacks: str = ""
    """What the server does not know: `response_format`, `max_tokens`, or nothing."""


def failure_of(
    status: int, text: str, headers: Mapping[str, str], where: str, keys: str, now: Callable[[], float]
) -> Failure:
    """What an answer with a status other than 200 means.

    Args:
        status: of HTTP.
        text: the answer's body.
        headers: of the answer; names in any case, if the mapping does not mind.
        where: who answered, in words.
        keys: what was sent to prove who asks, in words.
        now: the time, in seconds since 1970.
    """
    words = _words(text[:LONGEST_TEXT])
    lower = words.lower()
    if status == 402 or (status in (403, 429) and any(word in lower for word in NO_CREDIT)):
        return Failure(Unreachable, f"the account behind {where} has no credit left ({status}): {words}")
    if 400 <= status < 500 and any(word in lower for word in FILTERED):
        return Failure(Refused, f"the server's filter declined the request ({status}): {words}")
    if status == 413 or (status != 429 and any(word in lower for word in TOO_LONG)):
        return Failure(ContextOverflow, f"the request is too long for {where} ({status}): {words}")
    if status in (401, 403):
        return Failure(Unreachable, f"{where} does not accept {keys} ({status}): {words}")
    if status == 429:
        return Failure(RateLimited, f"{where} asks to slow down (429): {words}", OFTEN, _after(headers, now))
    if status == 408:
        return Failure(TimedOut, f"{where} gave up waiting (408): {words}", OFTEN, _after(headers, now))
    lacks = _lacks(lower) if status in (400, 404, 422, 500, 501) else ""
    if status == 404:
        return Failure(Unreachable, f"there is no {where} (404): {words}", lacks=lacks)
    again = OFTEN if status == 409 or status >= 500 else NEVER
    return Failure(ModelError, f"{where} answered {status}: {words}", again, _after(headers, now), lacks)


def _words(text: str) -> str:
    """What a refusal says, in words."""
    try:
        return words_of(json.loads(text)) or "nothing more"
    except (ValueError, RecursionError):
        return text or "nothing more"


def _lacks(lower: str) -> str:
    if "max_completion_tokens" in lower:
        return "max_tokens"
    return "response_format" if any(word in lower for word in NO_SCHEMA) else ""


def _after(headers: Mapping[str, str], now: Callable[[], float]) -> float | None:
    """Seconds that the server asks to wait: a number, or a date of HTTP."""
    found, unit = headers.get("retry-after-ms"), 0.001
    if found is None:
        found, unit = headers.get("retry-after"), 1.0
    if found is None:
        return None
    try:
        seconds = float(found) * unit
    except ValueError:
        try:
            seconds = parsedate_to_datetime(found).timestamp() - now()
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if isfinite(seconds) else None
