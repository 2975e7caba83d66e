"""A case that is written is the case that is read."""

from pathlib import Path

import pytest

from backproof.cases import Case, catalogue, load
from backproof.cases.load import from_table
from backproof.writing import toml, write

from .good_case import TABLE, changed, made


def again(case: Case, folder: Path) -> Case:
    write(case, folder)
    (read,) = load(folder)
    return read


def test_the_whole_catalogue_survives(tmp_path: Path) -> None:
    cases = catalogue()
    for case in {case.stem: case for case in cases}.values():  # one choice of each matrix
        write(case, tmp_path)
    read = {case.stem: case for case in load(tmp_path)}
    for case in {case.stem: case for case in cases}.values():
        assert repr(read[case.stem].file) == repr(case.file), case.name  # by repr, since NaN is not itself
        assert read[case.stem].hash == case.hash, case.name


def test_the_choice_of_a_matrix_becomes_a_file_of_its_own(tmp_path: Path) -> None:
    _, case = from_table(TABLE | {"matrix": {"loss.reduction": ["mean", "sum"]}}, tmp_path / "x.toml", "my/case")
    read = again(case, tmp_path)
    assert (read.name, read.file.loss) == ("my/case", {"op": "cross_entropy", "reduction": "sum"})
    assert read.hash == case.hash


@pytest.mark.parametrize("words", ['a "quoted" \\ word?', "two\nlines\t?", "Größe ∂ 𝛁 ?", "\x7f\x00?", "'''"])
def test_any_words_survive(words: str, tmp_path: Path) -> None:
    case = made(changed("question", words))
    assert again(case, tmp_path).file == case.file


@pytest.mark.parametrize("number", [5e-324, 1e16, 0.1 + 0.2, -0.0, 1e-05, 2.0, 3])
def test_any_number_survives_to_the_last_bit(number: float, tmp_path: Path) -> None:
    case = made(changed("inputs.x", {"normal": [5, 4], "scale": number, "mean": number}))
    again_ = again(case, tmp_path).file.inputs["x"]
    assert repr(again_["scale"]) == repr(number)


def test_each_key_of_a_table_has_one_line() -> None:
    lines = toml(made(TABLE)).splitlines()
    at = lines.index("[inputs]")
    assert lines[at + 1 : at + 3] == ["x = { normal = [5, 4] }", "target = { integers = [5], below = 3 }"]


def test_archives_go_along(tmp_path: Path) -> None:
    (case, *_) = load("real/digits*")
    assert again(case, tmp_path).hash == case.hash


def test_names_with_dots_are_quoted(tmp_path: Path) -> None:
    case = made(changed("gradients", {"hidden.W": {"normal": [3, 4, 6]}}))
    assert '"hidden.W" = ' in toml(case)
    assert again(case, tmp_path).file == case.file
