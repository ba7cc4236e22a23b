"""Every rule, repair and fault by its code, on one page that is made from the rules themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sufficiency.records.contract import REGISTERS, Column
from sufficiency.records.placements import MERGES
from sufficiency.records.register_rules import RULES_BETWEEN, RULES_OF_ONE, own_columns
from sufficiency.records.repairs import REPAIRS
from sufficiency.records.return_cells import CELL_RULES
from sufficiency.records.return_rules import ROW_RULES, told
from sufficiency.records.rules import CellRule, Rule
from sufficiency.records.ssd.codes import SSD_FAULTS, SSD_NOTICES

FILES: Final = {
    "F01": "a file or folder is not there, or cannot be opened",
    "F02": "a file is not a CSV table: empty, binary, a web page, cut off, rows of different widths, too large",
    "F03": "a column name comes twice",
    "F04": "a required column is missing",
    "F05": "a zip file is broken, locked, or unpacks to more than 1 GiB",
    "F06": "an XML file or workbook cannot be read, or is in a form that is not read",
    "F07": "no table of the SSDA903, or no episode, was found",
    "F09": "a table of a return is missing (a missing table is a fault, never an empty one)",
    "F10": "about.toml is not TOML",
    "F11": "nothing tells which year a return is for",
    "F12": "no placement is left when rows at fault, short breaks and rows after the 18th birthday are set apart",
    "F13": "a combined set has rows without LA or YEAR",
    "F14": "the header or episodes table has no row in any return",
    "F16": "the header or episodes table of one return has no row",
    "F18": "most rows of a table of episodes have no DECOM, or no DEC although they have a REC",
    "F17": "most cells of a coded column hold no code of the guide, as when two columns have changed places",
    "F19": "a third or more of a return's open episodes are in no later return, though the next year's is there",
    "F33": "two authorities have the same children: the same returns are there under two names",
    "F34": "a return labelled as one year holds the episodes of another year's return",
    "F35": "most rows of a table are at fault, so that the rest cannot stand for it",
    "F28": "a table of the Standard Safeguarding Dataset is there twice",
    "F29": "yearly returns and the Standard Safeguarding Dataset lie side by side: children would count twice",
    "F30": "a register is there in two forms, such as homes.csv and homes.xlsx",
    "F31": "a workbook has no sheet called like the register or with its columns, or that sheet is empty",
    "F32": "several sheets of a workbook have the columns of the register, and none is called like it",
}
"""Faults of files and tables: they stop the reading; ``on_fault="report"`` leaves the file or return out."""

ASKED: Final = {
    "D01": "a date that is outside the data",
    "D02": "a way to treat faults that there is not",
    "D03": "an authority that the returns do not have",
}
"""Errors of what was asked of the records."""

ASKED_OF_A_MATCH: Final = {
    "K01": "an objective that there is not",
    "K02": "`placed` is not the first objective",
    "K03": "an objective named twice",
    "K04": "a home that a child may take has neither a cost nor a price on the day",
    "K05": "a limit that is no distance",
    "K07": "a step-down child's home is not in the register of homes",
    "K08": "a child of fixed.csv or scores.csv who is not in the register of children",
    "K09": "a home of fixed.csv or scores.csv, or one for parent and child, that is not in the register of homes",
    "K10": "a settled child pinned to another home than its own: settled children are not matched",
    "K11": "a pin to a home that a rule closes to the child; the message says which rule",
    "K14": "more children pinned to a home than it can take",
    "K15": "a child who must live alone pinned to a home beside another child",
    "K16": "children who must stay together pinned apart",
    "K17": "a home pinned for one child of a group that must stay together, but closed to another of them",
    "K18": "a step-down child's present home ruled out: it may always stay until another home is found",
    "K19": "a group in never_split or parent_and_child that no child belongs to, or not given as a list of names",
    "K20": "a child of a parent-and-child group pinned to a home that is not one of parent_and_child_homes",
    "K21": "places reserved in a kind that is not matched, or not as a whole number",
    "K22": "pins that take places which reserve keeps free",
    "K23": "pins that would bring two children of needs level 3 into one fostering household, under one_level_3",
    "K24": "an objective without what it needs: no school known for school_within, no scores for preference",
    "K25": "pins that need the places of step-down children for whom no other homes can be found",
    "K30": "children asked about who are not matched",
    "K31": "a home asked about that is not in the register",
    "K40": "a change of a home that is not in the register",
    "K41": "a change of prices of neither a kind nor a provider of the register",
    "K42": "a changed price or factor below 0, or no number",
    "K43": "changed places that are not whole, below 0, more than a home has, or given up where they are not free",
    "K44": "a changed limit that is no distance",
    "K45": "a home whose free places are changed in two ways at once",
    "K46": "a factor for a provider whose homes have no price of their own",
    "K47": "changes without a name, named twice, none at all, or with a column that there is not",
    "K48": "a change that leaves no plan which keeps every pin and a home for every step-down child",
    "K49": "changes asked of the plan of a region",
}
"""Errors of what was asked of a match: objectives, limits, practice options, and what a panel has fixed."""

ASKED_OF_SITING: Final = {
    "L01": "a cost of a candidate is no number",
    "L02": "a cost of a candidate is below 0",
    "L03": "a candidate without any cost",
    "L04": "how many of a candidate may be opened is no whole number",
    "L05": "a candidate of which fewer than one may be opened",
    "L06": "a candidate of a kind that is not matched",
    "L07": "a candidate without places",
    "L08": "a candidate without a place on the map",
    "L09": "a candidate with the id of a home that is there",
    "L10": "the path of a child is no whole number",
    "L11": "the path of a child is none of those there are",
    "L12": "children to be drawn anew who are in demand paths already",
    "L20": "a budget that is no sum of money",
    "L21": "a limit that is no distance",
    "L22": "an objective that there is not",
    "L23": "objectives that are no order",
    "L24": "a period that is no time",
    "L25": "no time to search",
    "L26": "a gap that is no share",
    "L27": "paths that are no count",
    "L28": "scores, which are of homes that are there",
    "L29": "a child pinned to a candidate, which may not be opened",
}
"""Errors of what was asked of where to add homes: candidates, paths, budget and limits."""

PRACTICE: Final = {
    "N167": "more places reserved than are free now: as many as are free are kept",
    "N168": "scores are given, but preference is not an objective, so they count for nothing",
}
"""Warnings about what was asked of a match."""

ABOUT_RETURNS: Final = {
    "N01": "a column that no table of ours has: kept out",
    "N03": "a label names one year and the dates another: the dates win",
    "N04": "a column that is useful but not required is missing",
    "N06": "a year has no return between two that do",
    "N07": "a date of birth gives only the month: read as the 15th",
    "N23": "nothing names the year of an extract: its dates tell",
    "N24": "a file beside the returns is no table of theirs: not read",
    "N103": "two authorities use one child's number: all numbers get their authority in front",
    "N104": "more than a tenth of a return's open episodes are in no later return: is the later one whole?",
    "N105": "fewer starts in the newest 30 days than chance allows: some are not entered yet",
    "N106": "a return has over 1.5 times the children of the one beside it, or under two thirds: is it whole?",
    "N108": "the authorities of a region have returns for different years: a count has those that cover its day",
    "N110": "a child's number is spelt in several ways (capitals, .0 behind, noughts in front): one child",
    "N109": "a return has no UASC table, and none of its children is known as unaccompanied: taken to be empty",
}
"""Warnings about returns as a whole."""

ABOUT_REGISTERS: Final = {
    "N02": "a postcode that the ONS directory does not have: its place is unknown",
    "N09": "children looked after on the day the returns end who are not in the register of children: counted",
    "N160": "a point more than 3 miles from its own whole postcode: the point counts",
    "N169": "a point in the sea, or miles from any postcode: the point counts",
    "N161": "kinds without a price at every needs level on the day after the data end: a run stops",
    "N162": "sheets of registers.xlsx that are none of the registers: not read",
}
"""Warnings about registers that no rule of one of them gives."""

ABOUT_CELLS: Final = {
    "R02": "a cell that must be filled is empty",
    "R03": "a cell cannot be read: no date, no number, not one of the words or levels",
    "R06": "a number is outside its limits",
    "R07": "the same key comes more than once",
    "R08": "a point is outside the British Isles, half given, or has latitude and longitude swapped",
}
"""Errors of single cells of registers (R03 also of dates in returns), by the limits that the columns have."""

HEAD: Final = """# Rules

Made from the rules themselves; do not edit. An **error** would make a count wrong: reading stops and tells every one of
them (`on_fault="raise"`), or leaves the rows out and lists them (`"set_aside"`), or leaves whole files and returns out
as well (`"report"`). A **warning** leaves no row out; some say that a file may not be whole. `sufficiency check DATA`
tells both.
"""


def rules_page() -> str:
    """The page of all rules, as Markdown."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield HEAD
    yield from _section("Files and tables", "error", FILES)
    yield from _section("What was asked of the records", "error", ASKED)
    yield from _section("What was asked of a match", "error", ASKED_OF_A_MATCH)
    yield from _section("What was asked of a match", "warning", PRACTICE)
    yield from _section("Where to add homes", "error", ASKED_OF_SITING)
    yield from _section("Returns as a whole", "warning", ABOUT_RETURNS)
    yield from _section("Tables of the Standard Safeguarding Dataset", "error", SSD_FAULTS)
    yield from _section("Rows of the Standard Safeguarding Dataset", "warning", SSD_NOTICES)
    for name in ("header", "episodes", "uasc"):
        yield from _rules(f"Table `{name}` of the return", (*CELL_RULES[name], *ROW_RULES[name]))
    yield from _repairs()
    yield from _section("Cells of registers", "error", ABOUT_CELLS)
    yield from _section("Registers as a whole", "warning", ABOUT_REGISTERS)
    for name, columns in REGISTERS.items():
        yield from _register(name, columns)


def _section(title: str, severity: str, codes: dict[str, str]) -> Iterator[str]:
    yield f"## {title} ({severity}s)\n"
    yield from _table(("code", "what"), codes.items())


def _rules(title: str, rules: Iterable[Rule | CellRule]) -> Iterator[str]:
    yield f"## {title}\n"
    rows = [
        (one.code, one.severity, told((one.column,) if isinstance(one, CellRule) else one.columns), one.says, one.fix)
        for one in sorted(rules, key=lambda one: (one.severity, _number(one.code)))
    ]
    yield from _table(("code", "severity", "columns", "what is wrong", "what to do"), rows)


def _number(code: str) -> tuple[str, int]:
    return code[0], int(code[1:])


def _repairs() -> Iterator[str]:
    yield "## Repairs of episodes, in their order\n"
    rows = [(one.code, one.says, one.effect) for one in REPAIRS]
    rows += [(code, says, "folded into another row") for code, says in MERGES.items()]
    yield from _table(("code", "repair", "the rows are"), rows)


def _register(name: str, columns: Iterable[Column]) -> Iterator[str]:
    yield f"## Register `{name}`\n"
    yield from _table(("column", "holds", "must be there", "every cell filled", "limits"), map(_column, columns))
    rules = sorted((*RULES_OF_ONE[name], *RULES_BETWEEN[name]), key=lambda one: (one.severity, _number(one.code)))
    rows = [(one.code, one.severity, own_columns(name, one.columns), one.says, one.fix) for one in rules]
    yield from _table(("code", "severity", "columns", "what is wrong", "what to do"), rows)


def _column(column: Column) -> tuple[str, ...]:
    limits = [f"{column.low:.10g} or more" if column.low is not None else ""]
    limits += [f"{column.high:.10g} or less" if column.high is not None else ""]
    limits += [", ".join(map(str, column.choices))]
    kept = "; ".join(limit for limit in limits if limit)
    return column.name, column.holds, "yes" if column.required else "", "yes" if column.filled else "", kept


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|" + "---|" * len(header)
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""
