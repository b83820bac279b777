"""What code may not do, read from the syntax trees: go round the gate, write raw SQL, read the clock below,
read digits in many ways, give one name two values.

Every exemption carries its reason; one that no longer applies fails too.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("liaison", "deputies", "stations", "constituents", "assessments", "reports")

# Raw cursors: the modules that talk to PostgreSQL itself.
RAW_SQL = {
    "liaison/tenancy/scope.py": "tells the database who acts",
    "liaison/identity/auth.py": "shows one account to the policy before any interval is known",
    "liaison/auditing/trail.py": "names operations and writes notes through the audit functions",
    "liaison/tenancy/rls.py": "applies policies, grants and triggers after migrate, as the owner",
    "liaison/tenancy/trials.py": "asks put-off constraints at once, within what is taken back",
    "stations/selectors/county_turns.py": "asks the one door through the walls for turns of the own deputies",
    "liaison/management/commands/prepare_database.py": "makes roles and databases, as the owner",
}

# Reads through the plain manager, which the gate does not narrow (row-level security still does).
PLAIN_READS = {
    "liaison/tenancy/models.py": "the gate itself",
    "liaison/identity/auth.py": "the own appointments are read before any interval is known",
    "assessments/services/cycle.py": "locks the scheme of the acting jurisdiction, named by its own scope code",
}
# The demo year is played as the system over the whole nation: there is nothing to narrow.
DEMO = "reports/demo/"

# Only these read the clock; everything below is handed the time (architecture.md, "The clock").
CLOCK_ROOMS = ("views", "admin", "commands", "demo")
CLOCK_FILES = ("tasks.py", "api.py", "admin.py", "views.py", "middleware.py", "gates.py", "auth.py")
CLOCK = {
    "liaison/web/probing.py": "a middleware: each request is now",
    "liaison/apps.py": "what follows a migration is a part of the command",
    "liaison/identity/sessions.py": "a session runs out by the clock, as in Django's own store",
    "liaison/models/second_factors.py": "the code of an authenticator is the time itself",
    "liaison/web/pages.py": "saving a sent form is the end of a view",
    "liaison/web/admin_site.py": "the index page is a view",
    "liaison/web/forms.py": "the days a date box offers move with today",
    "liaison/templatetags/liaison_ui.py": "days left are shown as of the page",
}
_NOW = {"now", "localdate", "localtime", "today", "utcnow"}
_CLOCKS = {"timezone", "datetime", "date"}

# Who may set a state: services, which ask the transition table first.
STATES = {
    "liaison/messages/outbox.py": "the service of the outbox",
}

# What is cut in services and is no word of anybody.
CUT = {
    "deputies/services/people.py": "what a name is searched by",
}

# Who asks whether a word is made of digits.
DIGITS = {
    "liaison/words/text.py": "the one helper",
    "liaison/settings.py": "read before anything of ours can be imported",
}


# Where Chinese words are read to decide something: what people typed or what is only set in type.
WORDS_READ = {
    "deputies/roster/cells.py": "reads the cells of a sheet people filled in",
    "deputies/roster/file.py": "finds the head and the sums of a sheet people filled in",
    "stations/forms/reception_rules.py": "reads which week of a month somebody typed",
    "stations/rules/norm_sets.py": "does not say 每月 twice in one sentence",
    "liaison/words/text.py": "writes numbers in Chinese",
    "liaison/documents/pdf/titles.py": "breaks the lines of a title",
}
_READS = {"startswith", "endswith", "find", "index", "count", "partition", "removeprefix", "removesuffix"}


@cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    """Every module of ours, parsed once."""
    return tuple(_parsed())


def _parsed() -> Iterator[tuple[str, ast.Module]]:
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in name and "/launcher/" not in name:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def raw_sql(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = _dotted(node.func)
            if called.endswith("connection.cursor") or node.func.attr in ("raw", "extra"):
                yield f"{node.lineno}: {called}"
        if isinstance(node, ast.Name | ast.Attribute) and _dotted(node).split(".")[-1] in (
            "RawSQL",
            "_base_manager",
        ):
            yield f"{node.lineno}: {_dotted(node)}"


_PLAIN_WRITES = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}


def plain_reads(tree: ast.Module) -> Iterator[str]:
    """``Model._plain`` followed by anything but the writing of new rows."""
    writes = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _PLAIN_WRITES:
            writes.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "_plain" and id(node) not in writes:
            yield f"{node.lineno}: {_dotted(node)}"


def clock_reads(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _NOW:
            converts = node.func.attr in ("localtime", "localdate") and bool(node.args)
            if not converts and _dotted(node.func.value).split(".")[-1] in _CLOCKS:
                yield f"{node.lineno}: {_dotted(node.func)}"
        if isinstance(node, ast.Call) and _dotted(node.func) == "time.time":
            yield f"{node.lineno}: time.time"


def state_changes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        for target in node.targets if isinstance(node, ast.Assign) else []:
            if (
                isinstance(target, ast.Attribute)
                and target.attr == "state"
                and _dotted(target) != "self.state"
            ):
                yield f"{target.lineno}: {_dotted(target)} ="
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "update"
            and any(word.arg == "state" for word in node.keywords)
        ):
            yield f"{node.lineno}: update(state=…)"


def all_fields(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(_dotted(t) in ("fields", "exclude") for t in node.targets):
            name = _dotted(node.targets[0])
            if name == "exclude" or (isinstance(node.value, ast.Constant) and node.value.value == "__all__"):
                yield f"{node.lineno}: {name}"


def words_read(tree: ast.Module) -> Iterator[str]:
    """A Chinese word compared with, or looked for in, something: what a thing is stands in its kind."""
    for node in ast.walk(tree):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _READS:
            parts = node.args
        if isinstance(node, ast.expr) and any(_is_chinese(part) for part in parts):
            yield f"{node.lineno}: {ast.unparse(node)[:80]}"


def _is_chinese(node: ast.expr) -> bool:
    """A literal with a Chinese character; a word looked up in a table of words is no decision."""
    texts = [node, *getattr(node, "elts", [])]
    return any(
        isinstance(each, ast.Constant) and isinstance(each.value, str)
        and any("\u4e00" <= letter <= "\u9fff" for letter in each.value)
        for each in texts
    )  # fmt: skip


def loose_statuses(tree: ast.Module) -> Iterator[str]:
    """A test content with one of several statuses: it would pass when the answer changes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            asked = node.left
            is_status = isinstance(asked, ast.Attribute) and asked.attr in ("status", "status_code")
            listed = node.comparators[0]
            if is_status and isinstance(listed, ast.Tuple | ast.Set | ast.List):
                yield f"{node.lineno}: {ast.unparse(node)[:80]}"


def _tests() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


_DIGIT_TESTS = {"isdigit", "isdecimal", "isnumeric"}


def digit_tests(tree: ast.Module) -> Iterator[str]:
    """``"²".isdigit()`` is true and ``int("²")`` fails."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _DIGIT_TESTS:
            yield f"{node.lineno}: {_dotted(node)}"


def double_constants(tree: ast.Module) -> Iterator[str]:
    """A name of a module given a value twice: the first users take the second value."""
    seen: dict[str, int] = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Name) and target.id in seen:
                yield f"{node.lineno}: {target.id}, first on line {seen[target.id]}"
            elif isinstance(target, ast.Name):
                seen[target.id] = node.lineno


# Words that are never cut: everything but the keys and digests below.
_LONG = 12


def cut_words(tree: ast.Module) -> Iterator[str]:
    """``reason[:400]``: a slice from the beginning to a fixed length, of anything but a list of rows.

    A short slice (``names[:3]``) or one to a limit handed in (``rows[:limit]``) takes some of many.
    """
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)):
            continue
        upper, value = node.slice.upper, node.value
        if node.slice.lower is not None or upper is None or "hexdigest" in ast.unparse(value):
            continue
        is_text = isinstance(value, ast.JoinedStr) or ast.unparse(value).startswith("clean_")
        is_long = isinstance(upper, ast.Constant) and isinstance(upper.value, int) and upper.value >= _LONG
        is_length = isinstance(upper, ast.Name) and upper.id.endswith(("LENGTH", "CHARACTERS"))
        if is_text or is_long or is_length:
            yield f"{node.lineno}: {ast.unparse(node)}"


def plain_day_fields(tree: ast.Module) -> Iterator[str]:
    """A day's box without bounds and, in another format than the browser reads, without its value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _dotted(node) in ("forms.DateField", "forms.DateInput"):
            yield f"{node.lineno}: {_dotted(node)}"


def plain_text_boxes(tree: ast.Module) -> Iterator[str]:
    """A box of several lines that counts a line break twice."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _dotted(node) == "forms.Textarea":
            yield f"{node.lineno}: {_dotted(node)}"


# These three name the apps to Django and Celery.
WIRING = frozenset({"liaison/settings.py", "liaison/urls.py", "liaison/celery.py"})
_DOTTED = re.compile(rf"({'|'.join(FLOORS)})(\.(?!css$)[a-z_][a-z0-9_]*)+")


def floors_named(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """A module or function of the house named by string: ``(floor, name)``; ``app.Model`` is Django's own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = _DOTTED.fullmatch(node.value)
            if found:
                yield FLOORS.index(found[1]), node.value


def loaded_by_name(tree: ast.Module) -> Iterator[str]:
    """Code found by its dotted name at run time: no tool sees where it leads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            name = _dotted(node).rpartition(".")[2]
            if name in ("import_string", "import_module", "__import__"):
                yield f"{node.lineno}: {name}"


# The first parts of our own addresses (liaison/urls.py); /api/ and /static/ are asked about, never linked.
_OURS = re.compile(r"/(?:admin|deputies|stations|opinions|assessments|notifications|account|files|sign-in)/")


def written_addresses(tree: ast.Module) -> Iterator[str]:
    """An address of ours as text: it goes stale with the next change of a urls.py."""
    later = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values[1:]
    }
    for node in ast.walk(tree):
        is_words = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in later
        if is_words and _OURS.match(node.value):  # type: ignore[attr-defined]
            yield f"{node.lineno}: {node.value}"  # type: ignore[attr-defined]
        is_link = (
            isinstance(node, ast.keyword) and node.arg == "link" and isinstance(node.value, ast.Constant)
        )
        if is_link and node.value.value:  # type: ignore[attr-defined]
            yield ast.unparse(node)


def written_dispositions(tree: ast.Module) -> Iterator[str]:
    """How a file is handed out, by hand: a name in Chinese or with a quote in it is easily written wrong."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Assign) and "'Content-Disposition'" in ast.unparse(node.targets[0])):
            continue
        if not ast.unparse(node.value).startswith("content_disposition_header("):
            yield f"{node.lineno}: {ast.unparse(node.value)}"


def _found(rule: object, *, skip: tuple[str, ...] = ()) -> dict[str, list[str]]:
    found = {name: list(rule(tree)) for name, tree in sources() if not name.startswith(skip)}  # type: ignore[operator]
    return {name: lines for name, lines in found.items() if lines}


def _is_clock_room(name: str) -> bool:
    parts = name.split("/")
    return parts[-1] in CLOCK_FILES or any(part in CLOCK_ROOMS for part in parts[:-1])


class TestBans:
    def test_raw_sql(self) -> None:
        found = _found(raw_sql)
        assert {n: v for n, v in found.items() if n not in RAW_SQL} == {}, "use the ORM through access.py"
        assert set(RAW_SQL) - set(found) == set(), "stale exemptions"

    def test_reads_past_the_gate(self) -> None:
        found = _found(plain_reads, skip=(DEMO,))
        assert {n: v for n, v in found.items() if n not in PLAIN_READS} == {}, (
            "read through Model.scoped(actor)"
        )
        assert set(PLAIN_READS) - set(found) == set(), "stale exemptions"

    def test_clock_below_the_interfaces(self) -> None:
        found = {name: lines for name, lines in _found(clock_reads).items() if not _is_clock_room(name)}
        assert {n: v for n, v in found.items() if n not in CLOCK} == {}, "take now or today as an argument"
        assert set(CLOCK) - set(found) == set(), "stale exemptions"

    def test_states_outside_services(self) -> None:
        found = {n: v for n, v in _found(state_changes).items() if "/services" not in n}
        assert {n: v for n, v in found.items() if n not in STATES} == {}, "call the service"
        assert set(STATES) - set(found) == set(), "stale exemptions"

    def test_words_decide_nothing(self) -> None:
        found = _found(words_read, skip=(DEMO,))
        assert {n: v for n, v in found.items() if n not in WORDS_READ} == {}, (
            "ask its kind, or name a constant"
        )
        assert set(WORDS_READ) - set(found) == set(), "stale exemptions"

    def test_a_test_expects_one_status(self) -> None:
        found = {name: lines for name, tree in _tests() if (lines := list(loose_statuses(tree)))}
        assert found == {}

    def test_digits_read_in_many_ways(self) -> None:
        found = _found(digit_tests)
        assert {n: v for n, v in found.items() if n not in DIGITS} == {}, "use is_digits or read_digits"
        assert set(DIGITS) - set(found) == set(), "stale exemptions"

    def test_constants_defined_twice(self) -> None:
        assert _found(double_constants) == {}, "one name, one value"

    def test_words_cut_silently(self) -> None:
        found = {n: v for n, v in _found(cut_words).items() if "/services" in n}
        assert {n: v for n, v in found.items() if n not in CUT} == {}, "use liaison.words.limits.fitted"
        assert set(CUT) - set(found) == set(), "stale exemptions"

    def test_upper_floors_named_by_string(self) -> None:
        found = {
            name: [words for floor, words in floors_named(tree) if floor > FLOORS.index(name.split("/")[0])]
            for name, tree in sources()
            if name not in WIRING
        }
        assert {name: words for name, words in found.items() if words} == {}, "register in liaison.hooks"
        assert _found(loaded_by_name) == {}, "register in liaison.hooks"

    def test_addresses_and_file_names_by_hand(self) -> None:
        assert _found(written_addresses) == {}, "use reverse()"
        assert _found(written_dispositions) == {}, "use liaison.files.downloads"

    def test_days_and_boxes_of_their_own(self) -> None:
        for rule in (plain_day_fields, plain_text_boxes):
            assert set(_found(rule)) == {"liaison/web/forms.py"}, (
                "use DayField, text or WordsField of liaison.web.forms"
            )

    def test_all_fields_of_a_model(self) -> None:
        assert _found(all_fields) == {}, "name the fields"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (raw_sql, "with connection.cursor() as c: pass"),
        (raw_sql, "Mandate.objects.raw('select 1')"),
        (raw_sql, "Mandate._base_manager.all()"),
        (plain_reads, "Mandate._plain.filter(pk=1)"),
        (plain_reads, "rows = Mandate._plain"),
        (clock_reads, "timezone.now()"),
        (clock_reads, "datetime.now(tz=UTC)"),
        (clock_reads, "date.today()"),
        (state_changes, "opinion.state = 'closed'"),
        (state_changes, "rows.update(state='closed')"),
        (words_read, "route = VILLAGE if '村' in unit.name else TOWNSHIP"),
        (words_read, "unit.name.endswith('村')"),
        (words_read, "reason == '不在名单上'"),
        (loose_statuses, "assert answer.status_code in (200, 404)"),
        (loose_statuses, "assert cell.status not in {403, 404}"),
        (digit_tests, "'²'.isdigit()"),
        (digit_tests, "list(filter(str.isdecimal, words))"),
        (double_constants, "NAME = 1\nOTHER = 2\nNAME = 3"),
        (double_constants, "NAME: int = 1\nNAME: int = 3"),
        (floors_named, "GUARD = 'assessments.selectors.frozen.frozen_places'"),
        (loaded_by_name, "import_string(name)(actor)"),
        (loaded_by_name, "importlib.import_module(name)"),
        (written_addresses, "notify(link=f'/assessments/notices/{row.pk}/')"),
        (written_addresses, "notify(link='/')"),
        (written_dispositions, "response['Content-Disposition'] = f'inline; filename={name}'"),
        (cut_words, "row.reason = reason[:400]"),
        (cut_words, "row.note = f'{a}{b}'[:9]"),
        (cut_words, "clean_line(note)[:MOST]"),
        (cut_words, "row.text = text[:_TEXT_LENGTH]"),
        (plain_day_fields, "day = forms.DateField()"),
        (plain_day_fields, "forms.DateInput(attrs={})"),
        (plain_text_boxes, "forms.CharField(widget=forms.Textarea())"),
        (all_fields, "class Meta:\n    fields = '__all__'"),
        (all_fields, "class Meta:\n    exclude = ('state',)"),
    ],
)
def test_each_ban_bites(rule: object, code: str) -> None:
    assert list(rule(ast.parse(code)))  # type: ignore[operator]


def test_writing_new_rows_is_no_read() -> None:
    assert not list(plain_reads(ast.parse("Step._plain.create(a=1); Step._plain.bulk_create([])")))
