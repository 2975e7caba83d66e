"""Every change of the reference's source that changes its numbers is noticed.

python -m pytest tests/faults -k "mutant and tanh" -s          prints how many of tanh's were killed

There are many thousands. With ONE_MUTANT_IN=4 in the environment a quarter of them is asked, always the same ones;
`make mutants` asks them all.
"""

import os
import zlib

import pytest

from backproof.reports.faults.mutants import NAMES, SHARED, Mutant, mutants
from backproof.reports.record import BROKE, DIFFERS

from .bench import Bench, Question, ask, judged
from .equivalent import EQUIVALENT

ONE_IN = int(os.environ.get("ONE_MUTANT_IN", "1"))
PATIENCE = 5  # answers that a mutant may fail to give before it counts as broken


def asked(name: str, bench: Bench) -> list[Question]:
    """What the mutants of a module are asked: first the cases that bear its operation's name."""
    users = SHARED.get(name, (name,))
    return sorted(bench.questions(*users), key=lambda q: not any(user in q.case.stem for user in users))


def verdict(mutant: Mutant, questions: list[Question]) -> str:
    """killed: an answer differs. broke: it raises, which everybody notices. Else it survived.

    The question that kills is put first, since it is likely to kill the next one too.
    """
    broken = 0
    for place, question in enumerate(questions):
        for check in question.problem.checks:
            rows = judged(question, ask(mutant.patches, question, check))
            if any(row.verdict in DIFFERS for row in rows):
                questions.insert(0, questions.pop(place))
                return "killed"
            broken += any(row.verdict in BROKE for row in rows)
            if broken >= PATIENCE:
                return "broke"
    return "broke" if broken else "survived"


def _chosen(id: str) -> bool:
    return zlib.crc32(id.encode()) % ONE_IN == 0


@pytest.mark.parametrize("name", NAMES)
def test_every_mutant_is_killed(name: str, bench: Bench) -> None:
    questions = asked(name, bench)
    chosen = [mutant for mutant in mutants(name) if _chosen(mutant.id)]
    verdicts = {mutant.id: verdict(mutant, questions) for mutant in chosen}
    counts = {v: list(verdicts.values()).count(v) for v in ("killed", "broke", "survived")}
    print(f"\n{len(verdicts)} mutants: {counts}")
    survivors = {id for id, v in verdicts.items() if v == "survived"}
    excused = {id for id in EQUIVALENT if id.partition(".")[0] == name and _chosen(id)}
    assert counts["killed"] >= 3 or ONE_IN > 1
    assert not sorted(survivors - excused), "nothing in the catalogue shows these mistakes"
    assert not sorted(excused - survivors), "these do not survive: take them out of equivalent/"


def test_there_is_an_operation_for_every_excuse() -> None:
    assert {id.partition(".")[0] for id in EQUIVALENT} <= set(NAMES)
