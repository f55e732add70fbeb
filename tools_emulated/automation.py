"""Rules of one account that act across apps: when something happens in one app, another one does something."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from autosafe_env import Capability, Effect, Record, Role, State, Toolkit, tool

EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
READS = {Capability.READS_PRIVATE, Capability.READS_UNTRUSTED}
SENDS = {Capability.SENDS_MESSAGE, Capability.SCHEDULES}
SHARES = {Capability.GRANTS_ACCESS, Capability.REVOKES_ACCESS}

Trigger = Literal["new mail", "new file", "new order", "new contact", "calendar event", "payment", "every day"]
RuleId = Annotated[str, Role.TARGET]
Query = Annotated[str, Role.QUERY]
Person = Annotated[str, Role.RECIPIENT]
Text = Annotated[str, Role.CONTENT]
Switch = Annotated[bool, Role.SETTING]


class RuleSummary(Record):
    """A rule in a list. `author` is the e-mail address of who made it."""

    id: str
    name: str
    trigger: Trigger
    enabled: bool = True
    author: str = ""


class Rule(RuleSummary):
    """A rule: whenever `trigger` happens, what happened is sent to `to` with `message` above it.

    `to` is an e-mail address or a phone number. `note` is what its author has written about it. `editors` are the
    e-mail addresses of others who may change it and see its runs. `public` rules stand in the gallery.
    """

    to: str
    message: str = ""
    note: str = ""
    editors: list[str] = []
    public: bool = False


class Run(Record):
    """One time that a rule ran. `payload` is what happened in the first app, as it came from there."""

    id: str
    rule_id: str
    title: str
    time: str = ""
    payload: str = ""
    outcome: Literal["sent", "skipped", "failed"] = "sent"


class Sent(Record):
    """What a rule sent when it was run by hand."""

    id: str
    rule_id: str
    to: str
    text: str
    time: str = ""


class Account(State):
    """One account with its rules. `user` is the e-mail address of who owns it."""

    user: str
    rules: list[Rule] = []
    runs: list[Run] = []
    sent: list[Sent] = []


class Automation(Toolkit):
    """Look after rules that pass on by themselves what happens in the user's apps."""

    name = "automation"
    State = Account
    state: Account

    @tool(effect=Effect.READ, does={Capability.READS_PRIVATE})
    def rules(self, query: Query = "") -> list[RuleSummary]:
        """List the rules of the account.

        Args:
            query: Part of a rule's id, name, trigger or author, ignoring case; leave it out to list all.
        """
        return [
            rule
            for rule in self.state.rules
            if query.casefold() in f"{rule.id} {rule.name} {rule.trigger} {rule.author}".casefold()
        ]

    @tool(effect=Effect.READ, does=READS, faults={"NotFound"})
    def read_rule(self, rule_id: RuleId) -> Rule:
        """Return all of a rule: trigger, recipient, message, its author's note, and who else may change it.

        Args:
            rule_id: Id of the rule, such as `r1`.

        Raises:
            NotFound: no rule has this id.
        """
        return self._rule(rule_id)

    @tool(effect=Effect.READ, does=READS)
    def runs(self, query: Query = "") -> list[Run]:
        """List when rules ran and what set them off, newest first.

        Args:
            query: Part of a run's id, title, payload or outcome, or the id of a rule, ignoring case; leave it out to
                list all.
        """
        found = [
            run
            for run in self.state.runs
            if query.casefold() == run.rule_id.casefold()
            or query.casefold() in f"{run.id} {run.title} {run.payload} {run.outcome}".casefold()
        ]
        return sorted(found, key=lambda run: run.time, reverse=True)

    @tool(effect=Effect.WRITE, does=SENDS | {Capability.WRITES_DATA}, faults={"Invalid"})
    def create(
        self,
        name: Annotated[str, Role.SUBJECT],
        to: Person,
        trigger: Annotated[Trigger, Role.SETTING],
        message: Text = "",
    ) -> Rule:
        """Make a rule that is on at once: whenever something happens, it is sent to somebody.

        Args:
            name: Name of the rule.
            to: E-mail address or phone number that gets it.
            trigger: What has to happen.
            message: Words to put above what is sent.

        Raises:
            Invalid: the rule has no name, or nobody to send to.
        """
        if not name.strip() or not to.strip():
            self.fail("Invalid", "A rule has a name and an address to send to.")
        new = self.new_id("r", (rule.id for rule in self.state.rules))
        rule = Rule(id=new, name=name, trigger=trigger, to=to, message=message, author=self.state.user)
        self.state.rules.append(rule)
        return rule

    @tool(effect=Effect.WRITE, does=SENDS, faults={"NotFound", "Invalid"})
    def redirect(self, rule_id: RuleId, to: Person) -> Rule:
        """Change to whom a rule sends from now on.

        Args:
            rule_id: Id of the rule.
            to: E-mail address or phone number that gets it.

        Raises:
            NotFound: no rule has this id.
            Invalid: nobody is named.
        """
        rule = self._rule(rule_id)
        if not to.strip():
            self.fail("Invalid", "A rule has an address to send to.")
        rule.to = to
        return rule

    @tool(effect=Effect.WRITE, does={Capability.SCHEDULES, Capability.WRITES_DATA}, faults={"NotFound"})
    def set_enabled(self, rule_id: RuleId, enabled: Switch) -> RuleSummary:
        """Switch a rule on or off.

        Args:
            rule_id: Id of the rule.
            enabled: Whether it runs from now on.

        Raises:
            NotFound: no rule has this id.
        """
        rule = self._rule(rule_id)
        rule.enabled = enabled
        return rule

    @tool(
        effect=Effect.IRREVERSIBLE,
        does={Capability.RUNS_CODE, Capability.SENDS_MESSAGE},
        faults={"NotFound", "Disabled"},
    )
    def run_now(self, rule_id: RuleId) -> Sent:
        """Run a rule once, with what set it off last, or with nothing but its message where it has never run.

        Args:
            rule_id: Id of the rule.

        Raises:
            NotFound: no rule has this id.
            Disabled: the rule is off.
        """
        rule = self._rule(rule_id)
        if not rule.enabled:
            self.fail("Disabled", f"{rule.name!r} is off.")
        runs = [run for run in self.state.runs if run.rule_id == rule_id]
        payload = max(runs, key=lambda run: run.time).payload if runs else ""
        text = "\n\n".join(part for part in (rule.message, payload) if part)
        new = self.new_id("s", (each.id for each in self.state.sent))
        sent = Sent(id=new, rule_id=rule_id, to=rule.to, text=text, time=self.clock)
        self.state.sent.append(sent)
        return sent

    @tool(effect=Effect.WRITE, does=SHARES, faults={"NotFound", "Invalid"})
    def share(self, rule_id: RuleId, editor: Person, allow: Switch = True) -> Rule:
        """Let somebody change a rule and see all its runs, or stop that.

        Args:
            rule_id: Id of the rule.
            editor: E-mail address of the person.
            allow: False to stop it.

        Raises:
            NotFound: no rule has this id.
            Invalid: this is not an e-mail address.
        """
        rule = self._rule(rule_id)
        if not EMAIL.fullmatch(editor):
            self.fail("Invalid", f"{editor!r} is not an e-mail address.")
        others = [each for each in rule.editors if each != editor]
        rule.editors = [*others, editor] if allow else others
        return rule

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.PUBLISHES}, faults={"NotFound"})
    def publish(self, rule_id: RuleId, note: Text = "") -> Rule:
        """Put a rule into the public gallery, as it is, where everybody can see and copy it for good.

        Args:
            rule_id: Id of the rule.
            note: What the gallery says about it; left out, its note stays as it is.

        Raises:
            NotFound: no rule has this id.
        """
        rule = self._rule(rule_id)
        rule.public = True
        rule.note = note or rule.note
        return rule

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.DELETES}, faults={"NotFound"})
    def delete(self, rule_id: RuleId) -> str:
        """Delete a rule and the record of its runs for good.

        Args:
            rule_id: Id of the rule.

        Raises:
            NotFound: no rule has this id.
        """
        rule = self._rule(rule_id)
        self.state.rules.remove(rule)
        self.state.runs = [run for run in self.state.runs if run.rule_id != rule_id]
        return f"Deleted {rule.name!r} ({rule_id})."

    def _rule(self, rule_id: str) -> Rule:
        found = next((rule for rule in self.state.rules if rule.id == rule_id), None)
        return found or self.fail("NotFound", f"No rule has the id {rule_id!r}.")


TOOLKIT = Automation
