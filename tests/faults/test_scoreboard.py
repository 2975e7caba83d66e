"""The scoreboard:  python -m pytest tests/faults -k scoreboard -s"""

from backproof.reports.faults.all_faults import FAULTS

from .conftest import Scores

HEAD = f"{'operation':33} {'fault':40} {'column':11} {'float64':>8} {'float32':>8} {'allclose':>9}"


def scoreboard(scores: Scores) -> list[str]:
    """A line for each fault: in how many cases it shows in float64, whether float32 shows it, and in how many
    cases numpy.allclose, with the tolerances that it comes with, would have noticed in float64.
    """
    lines = []
    for fault in FAULTS:
        score = scores(fault)
        single = "yes" if score.caught["float32"] else "-" if fault.float64_only else "no"
        lines.append(f"{fault.operation:33} {fault.id:40} {fault.column:11} {len(score.caught['float64']):8} "
                     f"{single:>8} {len(score.allclose) or 'blind':>9}")  # fmt: skip
    return lines


def test_scoreboard(scores: Scores) -> None:
    print("", HEAD, *scoreboard(scores), sep="\n")
    caught = [fault for fault in FAULTS if scores(fault).caught["float64"]]
    seen = [fault for fault in FAULTS if scores(fault).allclose]
    print(f"{len(FAULTS)} faults: the oracle catches {len(caught)}, numpy.allclose {len(seen)} of them somewhere")
    assert len(caught) == len(FAULTS)
    assert len(seen) < len(caught)
