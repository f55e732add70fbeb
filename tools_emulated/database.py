"""A database: tables of rows that are found, changed and deleted by simple conditions, sent away and shared."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from autosafe_env import Capability, Effect, Record, Role, State, Toolkit, tool

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
CONDITION = re.compile(r"\s*(\w+)\s*(!=|<=|>=|=|<|>|\bcontains\b)\s*(.*?)\s*", re.DOTALL)
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
READS = {Capability.READS_PRIVATE, Capability.READS_UNTRUSTED}
SHARES = {Capability.GRANTS_ACCESS, Capability.REVOKES_ACCESS}
RIGHTS = ("none", "read", "write", "own")
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "contains": operator.contains,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Row = dict[str, str]
"""A row: its id, which is unique in the database, and a text in each column, also where it is a number or a date."""
Name = Annotated[str, Role.TARGET]
Where = Annotated[str, Role.QUERY]
Values = Annotated[list[str], Role.CONTENT]
To = Annotated[str, Role.RECIPIENT]
Right = Annotated[Literal["read", "write", "none"], Role.SETTING]


class Summary(Record):
    """A table without its rows. `columns` are those besides `id`; `owner` is an e-mail address.

    `access` holds by e-mail address who else may read its rows, or change them as well. `note` is its owner's.
    """

    name: str
    columns: list[str]
    owner: str
    access: dict[str, Literal["read", "write"]] = {}
    note: str = ""


class Table(Summary):
    """A table."""

    rows: list[Row] = []


class Export(Record):
    """Rows that were sent to somebody."""

    table: str
    to: str
    rows: int
    time: str = ""


class Store(State):
    """A database. `user` is an e-mail address; `exports` are oldest first."""

    user: str
    tables: list[Table] = []
    exports: list[Export] = []


class Database(Toolkit):
    """Find, change, delete, share and send away the rows of tables.

    A condition is such as `city = Leeds`, with `=`, `!=`, `<`, `<=`, `>`, `>=` or `contains`; several are joined by
    ` and `. A text that is no condition fits the rows that hold it anywhere.
    """

    name = "database"
    State = Store
    state: Store

    @tool(effect=Effect.READ, does={Capability.READS_PRIVATE})
    def list_tables(self) -> list[Summary]:
        """List the tables with their columns, owners, notes, and who else has access."""
        return list[Summary](self.state.tables)

    @tool(effect=Effect.READ, does=READS, faults={"NotFound", "Forbidden", "Invalid"})
    def select(self, table: Name, where: Where = "", limit: Annotated[int, Role.SETTING] = 100) -> list[Row]:
        """Return the rows of a table that fit a condition.

        Args:
            table: Name of the table.
            where: Conditions such as `city = Leeds and total > 100`, or a text; leave it out for all rows.
            limit: How many rows to return at most.

        Raises:
            NotFound: there is no such table.
            Forbidden: the user may not read it.
            Invalid: a condition names a column that the table does not have.
        """
        return self._rows(self._table(table, "read"), where)[: max(limit, 0)]

    @tool(effect=Effect.READ, does=READS)
    def search(self, query: Where) -> list[Row]:
        """Find rows in all tables that the user may read.

        Args:
            query: Text that stands in one of their columns, or their id, ignoring case.
        """
        tables = [table for table in self.state.tables if self._right(table) != "none"]
        return [row for table in tables for row in table.rows if holds(row, query)]

    @tool(effect=Effect.READ, does={Capability.READS_PRIVATE})
    def list_exports(self) -> list[Export]:
        """List which rows were sent to whom."""
        return self.state.exports

    @tool(effect=Effect.WRITE, does={Capability.WRITES_DATA}, faults={"NotFound", "Forbidden", "Invalid"})
    def insert(self, table: Name, values: Values) -> Row:
        """Add a row to a table.

        Args:
            table: Name of the table.
            values: What stands in it, each as `column=value`; a text without a column goes into the last one.

        Raises:
            NotFound: there is no such table.
            Forbidden: the user may not change it.
            Invalid: no value is given.
        """
        found = self._table(table, "write")
        prefix = re.sub(r"\d+", "", found.rows[0].get("id", "")) if found.rows else table[0]
        number = self.new_id(prefix, (row.get("id", "") for each in self.state.tables for row in each.rows))
        row = {"id": number, **dict.fromkeys(found.columns, ""), **self._parsed(found, values)}
        found.rows.append(row)
        return row

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.WRITES_DATA}, faults={"NotFound", "Forbidden", "Invalid"})
    def update(self, table: Name, values: Values, where: Where = "") -> str:
        """Change the rows of a table that fit a condition. What stood there is lost.

        Args:
            table: Name of the table.
            values: What they hold from now on, each as `column=value`; a text without a column goes into the last one.
            where: Conditions such as `city = Leeds`, or a text; leave it out for all rows.

        Raises:
            NotFound: there is no such table.
            Forbidden: the user may not change it.
            Invalid: no value is given, or a condition names a column that the table does not have.
        """
        found = self._table(table, "write")
        fresh, rows = self._parsed(found, values), self._rows(found, where)
        for row in rows:
            row.update(fresh)
        return f"Changed {len(rows)} of {len(found.rows)} rows."

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.DELETES}, faults={"NotFound", "Forbidden", "Invalid"})
    def delete_rows(self, table: Name, where: Where = "") -> str:
        """Delete the rows of a table that fit a condition, for good.

        Args:
            table: Name of the table.
            where: Conditions such as `city = Leeds`, or a text; leave it out for all rows.

        Raises:
            NotFound: there is no such table.
            Forbidden: the user may not change it.
            Invalid: a condition names a column that the table does not have.
        """
        found = self._table(table, "write")
        gone = {id(row) for row in self._rows(found, where)}
        found.rows = [row for row in found.rows if id(row) not in gone]
        return f"Deleted {len(gone)} rows; {len(found.rows)} are left."

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.DELETES}, faults={"NotFound", "Forbidden"})
    def drop_table(self, table: Name) -> str:
        """Delete a table with all its rows, for good.

        Args:
            table: Name of the table.

        Raises:
            NotFound: there is no such table.
            Forbidden: the user does not own it.
        """
        self.state.tables.remove(self._table(table, "own"))
        return f"Dropped {table}."

    @tool(effect=Effect.IRREVERSIBLE, does={Capability.SENDS_MESSAGE}, faults={"NotFound", "Forbidden", "Invalid"})
    def export(self, table: Name, to: To, where: Where = "") -> Export:
        """Send rows of a table to somebody by e-mail.

        Args:
            table: Name of the table.
            to: E-mail address that gets them.
            where: Conditions such as `city = Leeds`, or a text; leave it out for all rows.

        Raises:
            NotFound: there is no such table.
            Forbidden: the user may not read it.
            Invalid: it is not an e-mail address, or a condition names a column that the table does not have.
        """
        rows = self._rows(self._table(table, "read"), where)
        self._require_address(to)
        self.state.exports.append(Export(table=table, to=to, rows=len(rows), time=self.clock))
        return self.state.exports[-1]

    @tool(effect=Effect.WRITE, does=SHARES, faults={"NotFound", "Forbidden", "Invalid"})
    def grant(self, table: Name, person: To, right: Right = "read") -> Summary:
        """Let somebody read or change the rows of a table, or stop that.

        Args:
            table: Name of the table.
            person: E-mail address.
            right: What they may do from now on; `write` includes reading.

        Raises:
            NotFound: there is no such table.
            Forbidden: the user does not own it.
            Invalid: it is not an e-mail address.
        """
        found = self._table(table, "own")
        self._require_address(person)
        found.access.pop(person, None)
        if right != "none":
            found.access[person] = right
        return found

    def _right(self, table: Table) -> str:
        return "own" if table.owner == self.state.user else table.access.get(self.state.user, "none")

    def _table(self, name: str, right: str) -> Table:
        """A table on which the user has at least this right."""
        found = next((table for table in self.state.tables if table.name == name), None)
        if found is None:
            self.fail("NotFound", f"There is no table {name!r}.")
        if RIGHTS.index(self._right(found)) < RIGHTS.index(right):
            self.fail("Forbidden", f"That needs the right {right!r} on {name}; the user has {self._right(found)!r}.")
        return found

    def _rows(self, table: Table, where: str) -> list[Row]:
        """The rows that fit all conditions; all rows where there is none."""
        rows = table.rows
        for condition in where.split(" and ") if where.strip() else []:
            parts = CONDITION.fullmatch(condition)
            if parts is None:
                rows = [row for row in rows if holds(row, condition)]
            elif parts[1] not in ("id", *table.columns):
                self.fail("Invalid", f"{table.name} has no column {parts[1]!r}, but {', '.join(table.columns)}.")
            else:
                rows = [row for row in rows if fits(row.get(parts[1], ""), parts[2], parts[3])]
        return rows

    def _parsed(self, table: Table, values: list[str]) -> Row:
        """The values by column."""
        if not values or not table.columns:
            self.fail("Invalid", "There is no value, or no column for it.")
        pairs = [(text.partition("=")[0].strip(), text) for text in values]
        known = [(column, text.partition("=")[2].strip()) for column, text in pairs if column in table.columns]
        return dict([*((table.columns[-1], text) for column, text in pairs if column not in table.columns), *known])

    def _require_address(self, text: str) -> None:
        if not EMAIL.fullmatch(text):
            self.fail("Invalid", f"{text!r} is not an e-mail address.")


def holds(row: Row, text: str) -> bool:
    """Whether a text stands in a row, ignoring case."""
    return any(text.strip().casefold() in cell.casefold() for cell in row.values())


def fits(cell: str, sign: str, value: str) -> bool:
    """Whether a cell stands in a relation to a value: as numbers where both are, else as texts, ignoring case."""
    if sign != "contains" and NUMBER.fullmatch(cell) and NUMBER.fullmatch(value):
        return SIGNS[sign](float(cell), float(value))
    return SIGNS[sign](cell.casefold(), value.casefold())


TOOLKIT = Database
