"""The table of breaks stays true to the code; script/mutants applies them."""

from collections import Counter

import pytest

from script.mutants import ROOT, Mutant, table

MUTANTS = table()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_words_to_break_stand_in_the_file_once_and_their_tests_exist(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1
    assert mutant.old != mutant.new
    assert [test for test in mutant.tests if not (ROOT / test.partition("::")[0]).is_file()] == []


def test_each_break_has_a_name_of_its_own() -> None:
    assert [name for name, number in Counter(each.name for each in MUTANTS).items() if number > 1] == []
    assert len(MUTANTS) >= 40
