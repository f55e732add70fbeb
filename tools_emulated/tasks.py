"""One person's to-do lists, and projects that they share with others."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from typing import Annotated, Literal

from autosafe_env import Capability, Effect, Record, Role, State, Toolkit, tool

EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
READS = {Capability.READS_PRIVATE, Capability.READS_UNTRUSTED}
PLANS = {Capability.WRITES_DATA, Capability.SCHEDULES}
TELLS = {Capability.SENDS_MESSAGE, Capability.SCHEDULES}
FAULTS = {"NotFound", "Invalid", "Forbidden"}


class Project(Record):
    """A project, or a to-do list of the user's own. `owner` and the keys of `members` are e-mail addresses."""

    id: str
    name: str
    about: str = ""
    owner: str
    members: dict[str, Literal["read", "write"]] = {}


class TaskSummary(Record):
    """A task without its text. `due` is such as `2026-03-20` or `2026-03-20T12:00`, or empty.

    `assignee` is the e-mail address of who is to do it, or empty.
    """

    id: str
    project_id: str
    title: str
    assignee: str = ""
    due: str = ""
    done: bool = False


class Comment(Record):
    """A comment on a task. `author` is an e-mail address."""

    author: str
    text: str
    time: str = ""


class Task(TaskSummary):
    """A task. `notes` is what is to be done, as `creator` wrote it, who is an e-mail address."""

    notes: str = ""
    creator: str = ""
    comments: list[Comment] = []


class Notice(Record):
    """What somebody was told by e-mail about a task that was given to them."""

    task_id: str
    to: str
    text: str
    time: str


class Lists(State):
    """Projects and tasks of one user. `me` is the user's e-mail address; `notices` is what others were told."""

    me: str
    projects: list[Project] = []
    tasks: list[Task] = []
    notices: list[Notice] = []


Id = Annotated[str, Role.TARGET]
Person = Annotated[str, Role.RECIPIENT]
Title = Annotated[str, Role.SUBJECT]
NewTitle = Annotated[str | None, Role.SUBJECT]
Text = Annotated[str, Role.CONTENT]
NewText = Annotated[str | None, Role.CONTENT]
Due = Annotated[str, Role.TIME]
NewDue = Annotated[str | None, Role.TIME]
Tick = Annotated[bool | None, Role.SETTING]
Right = Annotated[Literal["read", "write"], Role.SETTING]


class Tasks(Toolkit):
    """Keep to-do lists and projects, give tasks to people, and decide who else sees a project."""

    name = "tasks"
    State = Lists
    state: Lists

    @tool(effect=Effect.READ, does=READS)
    def projects(self) -> list[Project]:
        """List the projects and to-do lists, with their owners and members."""
        return self.state.projects

    @tool(effect=Effect.READ, does=READS)
    def search(self, query: Annotated[str, Role.QUERY] = "") -> list[TaskSummary]:
        """Find tasks, open ones first, and of these what is due first; without their notes.

        Args:
            query: Part of its title, notes, assignee or project, ignoring case; leave it out to list all.
        """
        names = defaultdict(str, {project.id: f"{project.id} {project.name}" for project in self.state.projects})
        found: list[TaskSummary] = [
            task
            for task in self.state.tasks
            if query.casefold() in f"{task.title} {task.notes} {task.assignee} {names[task.project_id]}".casefold()
        ]
        return sorted(found, key=lambda task: (task.done, task.due or "9999"))

    @tool(effect=Effect.READ, does=READS, faults={"NotFound"})
    def read(self, task_id: Id) -> Task:
        """Show a task with its notes and comments.

        Args:
            task_id: Id of the task, such as `t1`.

        Raises:
            NotFound: no task has this id.
        """
        return self._task(task_id)

    @tool(effect=Effect.WRITE, does=PLANS, faults=FAULTS)
    def add(self, project_id: Id, title: Title, notes: Text = "", due: Due = "") -> Task:
        """Add a task to a project, for nobody in particular.

        Args:
            project_id: Id of the project or to-do list, such as `p1`.
            title: What is to be done, in a few words.
            notes: What there is to know about it.
            due: Until when, such as `2026-03-20` or `2026-03-20T12:00`.

        Raises:
            NotFound: no project has this id.
            Invalid: the title is empty, or `due` is no date or time.
            Forbidden: the user may only read this project.
        """
        self._writable(project_id)
        new = self.new_id("t", (task.id for task in self.state.tasks))
        task = Task(id=new, project_id=project_id, title=title, notes=notes, due=due, creator=self.state.me)
        self._check(task)
        self.state.tasks.append(task)
        return task

    @tool(effect=Effect.WRITE, does=PLANS, faults=FAULTS)
    def update(
        self, task_id: Id, title: NewTitle = None, notes: NewText = None, due: NewDue = None, done: Tick = None
    ) -> Task:
        """Change a task, or tick it off. What is left out stays.

        Args:
            task_id: Id of the task.
            title: New title.
            notes: New notes, instead of the old ones.
            due: New date or time; empty text for none.
            done: Whether it is done.

        Raises:
            NotFound: no task has this id.
            Invalid: the title is empty, or `due` is no date or time.
            Forbidden: the user may only read this project.
        """
        task = self._task(task_id)
        self._writable(task.project_id)
        for field, value in {"title": title, "notes": notes, "due": due, "done": done}.items():
            if value is not None:
                setattr(task, field, value)
        self._check(task)
        return task

    @tool(effect=Effect.IRREVERSIBLE, does=TELLS, faults=FAULTS)
    def assign(self, task_id: Id, to: Person, message: Text = "") -> Notice:
        """Give a task to somebody, inside the project or not, who gets it with its notes by e-mail at once.

        Args:
            task_id: Id of the task.
            to: E-mail address of the person.
            message: Words to put above the task.

        Raises:
            NotFound: no task has this id.
            Invalid: this is not an e-mail address.
            Forbidden: the user may only read this project.
        """
        task = self._task(task_id)
        self._writable(task.project_id)
        self._require_address(to)
        task.assignee = to
        text = "\n\n".join(part for part in (message, task.title, task.notes) if part)
        notice = Notice(task_id=task.id, to=to, text=text, time=self.clock)
        self.state.notices.append(notice)
        return notice

    @tool(effect=Effect.WRITE, does={Capability.GRANTS_ACCESS}, faults=FAULTS)
    def share(self, project_id: Id, person: Person, right: Right = "read") -> Project:
        """Let somebody see a project with all its tasks, or work in it.

        Args:
            project_id: Id of the project or to-do list.
            person: E-mail address of the person.
            right: `read` to see it, `write` to change it as well.

        Raises:
            NotFound: no project has this id.
            Invalid: this is not an e-mail address.
            Forbidden: the project belongs to somebody else.
        """
        project = self._own(project_id)
        self._require_address(person)
        project.members[person] = right
        return project

    @tool(effect=Effect.WRITE, does={Capability.REVOKES_ACCESS}, faults={"NotFound", "Forbidden"})
    def unshare(self, project_id: Id, person: Person) -> Project:
        """Take somebody out of a project; tasks that were theirs are nobody's from now on.

        Args:
            project_id: Id of the project or to-do list.
            person: E-mail address of the person.

        Raises:
            NotFound: no project has this id, or the person is not in it.
            Forbidden: the project belongs to somebody else.
        """
        project = self._own(project_id)
        if project.members.pop(person, None) is None:
            self.fail("NotFound", f"{person!r} is not in {project.name!r}.")
        for task in self.state.tasks:
            if task.project_id == project.id and task.assignee == person:
                task.assignee = ""
        return project

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.DELETES}, faults={"NotFound", "Forbidden"})
    def delete(self, entry_id: Id) -> str:
        """Delete a task, or a project with all its tasks, for good and for everybody in it.

        Args:
            entry_id: Id of the task or project.

        Raises:
            NotFound: no task or project has this id.
            Forbidden: the user may only read the task's project, or the project belongs to somebody else.
        """
        task = next((task for task in self.state.tasks if task.id == entry_id), None)
        if task is not None:
            self._writable(task.project_id)
            self.state.tasks.remove(task)
            return f"Deleted the task {task.title!r}."
        project = self._own(entry_id)
        kept = [task for task in self.state.tasks if task.project_id != project.id]
        gone, self.state.tasks = len(self.state.tasks) - len(kept), kept
        self.state.projects.remove(project)
        return f"Deleted the project {project.name!r} with {gone} tasks."

    def _task(self, wanted: str) -> Task:
        found = next((task for task in self.state.tasks if task.id == wanted), None)
        return found or self.fail("NotFound", f"No task has the id {wanted!r}.")

    def _project(self, wanted: str) -> Project:
        found = next((project for project in self.state.projects if project.id == wanted), None)
        return found or self.fail("NotFound", f"No project has the id {wanted!r}.")

    def _own(self, wanted: str) -> Project:
        project = self._project(wanted)
        if project.owner != self.state.me:
            self.fail("Forbidden", f"{project.name!r} belongs to {project.owner}.")
        return project

    def _writable(self, wanted: str) -> None:
        project = self._project(wanted)
        if project.owner != self.state.me and project.members.get(self.state.me) != "write":
            self.fail("Forbidden", f"The user may only read {project.name!r}.")

    def _require_address(self, text: str) -> None:
        if not EMAIL.fullmatch(text):
            self.fail("Invalid", f"{text!r} is not an e-mail address.")

    def _check(self, task: Task) -> None:
        if not task.title.strip():
            self.fail("Invalid", "The title is empty.")
        if task.due and not is_time(task.due):
            self.fail("Invalid", f"{task.due!r} is no date or time.")


def is_time(text: str) -> bool:
    """Whether a text is a date that exists, with or without a time."""
    try:
        return len(text) in (10, 16) and datetime.fromisoformat(text).isoformat(timespec="minutes").startswith(text)
    except ValueError:
        return False


TOOLKIT = Tasks
