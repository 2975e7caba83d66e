"""Every case earns its place: what it says that it kills, it kills; and who kills nothing is named."""

from collections import defaultdict

import pytest

from backproof.cases import catalogue
from backproof.reports.faults.all_faults import FAULTS

from .bench import SLOW, Bench
from .conftest import Scores

CLAIMED = {
    stem: file_kills
    for stem, file_kills in {case.stem: case.file.kills for case in catalogue()}.items()
    if file_kills and not stem.startswith(SLOW)
}


@pytest.mark.parametrize("stem", CLAIMED)
def test_a_file_kills_what_it_says(stem: str, scores: Scores) -> None:
    """A known mistake has several forms and a file several cases: one of them must catch one of those."""
    for kill in CLAIMED[stem]:
        forms = [fault for fault in FAULTS if kill in (fault.id, fault.family)]
        assert forms, f"{stem}: there is no fault {kill}"
        caught = {case.split(":")[0] for fault in forms for by in scores(fault).caught.values() for case in by}
        assert stem in caught, f"{stem} does not notice {kill}"


def test_who_kills_nothing(bench: Bench, scores: Scores) -> None:
    """No failure: a case may stand for a question of its own."""
    killers = defaultdict(set)
    for fault in FAULTS:
        for by in scores(fault).caught.values():
            for case in by:
                killers[case].add(fault.id)
    idle = sorted({case.stem for case in bench.cases} - {case.split(":")[0] for case in killers})
    print(f"\n{len(idle)} files catch no fault: {idle}")
    assert len(killers) > 200
