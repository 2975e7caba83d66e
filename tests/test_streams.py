"""Streams: the same bits everywhere and for ever, and every tensor's its own."""

from pathlib import Path

import numpy as np

from backproof.cases import Case, catalogue, catalogue_hash
from backproof.cases.load import from_table, read_folder
from backproof.cases.streams import normal, order, stream, whole

CASE = """
question = "?"
because = "a test needs it"
upstream = { normal = [3, 2] }
[inputs]
x = { normal = [3, 4] }
[[network]]
op = "linear"
W = { normal = [4, 2] }
"""


def hexes(array: np.ndarray) -> list[str]:
    return [float(x).hex() for x in array.ravel()]


# Frozen: should one of these fail, then all expected values of the catalogue have changed. Do not adapt the test; find
# out why, and if it must be so, count HASH_VERSION up.
def test_normal_deviates_are_frozen() -> None:
    assert hexes(normal(stream("a/case", "x", "0"), (2, 2))) == [
        "0x1.303c2b3d46288p+0",
        "-0x1.c373ca482a360p-3",
        "-0x1.e2141819519c0p-3",
        "0x1.8de72e74735c8p-1",
    ]


def test_uniform_deviates_are_frozen() -> None:
    assert hexes(stream("a/case", "x", "0").random_sample(3)) == [
        "0x1.f798bb8be9ab9p-1",
        "0x1.6181cc7852cc5p-1",
        "0x1.3f83a1233aa14p-2",
    ]


def test_whole_numbers_and_orders_are_frozen() -> None:
    assert whole(stream("a/case", "target", "0"), (8,), -2, 3).tolist() == [-2, 1, 0, -2, -1, 2, -2, 2]
    assert order(stream("a/case", "epoch", "0", "0"), 9).tolist() == [4, 2, 7, 1, 8, 5, 3, 0, 6]


def test_a_catalogue_case_is_frozen() -> None:
    case = next(case for case in catalogue() if case.name == "basics/layers/linear")
    problem = case.problem("float64")
    assert problem.upstream is not None
    assert hexes(problem.inputs["x"][0]) == [
        "0x1.d1d38f4b63b94p+0",
        "0x1.8f743bbdae03cp+0",
        "0x1.a017531d1e858p+0",
        "0x1.56870a5ea8550p-1",
        "0x1.16e3e46431ca4p+0",
    ]
    assert hexes(problem.parameters["below.b"]) == [
        "-0x1.e689c734e0ee0p-3",
        "-0x1.4641105202364p+0",
        "0x1.9279956e4f130p-2",
        "-0x1.e300a50b2c060p-3",
    ]
    assert hexes(problem.upstream[0]) == ["0x1.a6ceadeaa1d78p-1", "0x1.77e2ef67c9448p-1", "0x1.243374c1d0648p+0"]


def test_low_precision_rounds_the_same_numbers() -> None:
    case = next(case for case in catalogue() if case.name == "basics/layers/linear")
    wide = case.problem("float64").inputs["x"]
    assert np.array_equal(case.problem("float32").inputs["x"], wide.astype(np.float32))
    assert case.problem("bfloat16").inputs["x"].dtype.name == "bfloat16"


def test_deviates_look_normal_and_fill_the_mantissa() -> None:
    x = normal(stream("test", "many", "0"), (40_000,))
    assert abs(x.mean()) < 0.02
    assert abs(x.var() - 1) < 0.03
    assert abs(x).max() < 6
    assert np.mean(x.astype(np.float32) == x) < 0.01


def test_streams_are_apart() -> None:
    names = [("a", "x", "0"), ("a", "x", "1"), ("a", "y", "0"), ("b", "x", "0"), ("ax", "", "0")]
    assert len({stream(*name).random_sample() for name in names}) == len(names)


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def numbers(case: Case) -> bytes:
    problem = case.problem("float64")
    assert problem.upstream is not None
    arrays = [*problem.inputs.values(), *problem.parameters.values(), problem.upstream]
    return b"".join(array.tobytes() for array in arrays)


def test_adding_a_case_moves_no_other(tmp_path: Path) -> None:
    write(tmp_path, "group/m.toml", CASE)
    before = list(read_folder(tmp_path))
    write(tmp_path, "group/a.toml", CASE)
    write(tmp_path, "another/m.toml", CASE)
    after = {case.name: case for case in read_folder(tmp_path)}
    assert len(after) == 3
    assert numbers(after["group/m"]) == numbers(before[0])
    assert after["group/m"].hash == before[0].hash
    assert len({numbers(case) for case in after.values()}) == 3


def test_choices_of_a_matrix_share_their_data(tmp_path: Path) -> None:
    write(tmp_path, "m.toml", CASE + '[[network]]\nop = "tanh"\n[matrix]\n"network.tanh.op" = ["tanh", "sigmoid"]\n')
    one, other = read_folder(tmp_path)
    assert numbers(one) == numbers(other)
    assert one.hash != other.hash


def test_a_seed_moves_every_stream(tmp_path: Path) -> None:
    write(tmp_path, "m.toml", CASE)
    (before,) = read_folder(tmp_path)
    write(tmp_path, "m.toml", "seed = 1\n" + CASE)
    (after,) = read_folder(tmp_path)
    one, other = before.problem("float64"), after.problem("float64")
    assert not np.isin(one.inputs["x"], other.inputs["x"]).any()
    assert not np.isin(one.parameters["linear.W"], other.parameters["linear.W"]).any()


def test_every_epoch_has_an_order_of_its_own() -> None:
    case = next(case for case in catalogue() if case.name.startswith("basics/networks/training:"))
    plan = case.problem("float64").training
    assert plan is not None
    epochs = [np.concatenate(batches) for batches in plan.batches]
    assert [len(batch) for batch in plan.batches[0]] == [4, 4, 2]
    assert all(sorted(rows) == list(range(10)) for rows in epochs)
    assert len({tuple(rows) for rows in epochs}) == len(epochs)


# ---------------------------------------------------------------- hashes
def only(text: str, folder: Path) -> Case:
    write(folder, "m.toml", text)
    (case,) = read_folder(folder)
    return case


def test_the_hash_is_pinned(tmp_path: Path) -> None:
    assert only(CASE, tmp_path).hash == "b06ec09d75b327e609495f3b43e005c41c50b94a53b63f50e9c047244b349a1a"


def test_the_hash_follows_the_numbers_and_nothing_else(tmp_path: Path) -> None:
    before = only(CASE, tmp_path).hash
    assert only("# a comment\n" + CASE, tmp_path).hash == before
    assert only(CASE.replace('"?"', '"Another question?"'), tmp_path).hash == before
    assert only('tags = ["edge"]\n' + CASE, tmp_path).hash == before
    assert only(CASE.replace("[3, 4]", "[5, 4]"), tmp_path).hash != before
    assert only(CASE.replace("normal = [4, 2]", "uniform = [4, 2]"), tmp_path).hash != before
    assert only("seed = 1\n" + CASE, tmp_path).hash != before
    assert only("exact = true\n" + CASE, tmp_path).hash != before


def test_the_hash_follows_files_beside_the_case(tmp_path: Path) -> None:
    text = CASE.replace("{ normal = [4, 2] }", '{ file = "w.npz", array = "W" }')
    np.savez(tmp_path / "w.npz", W=np.full((4, 2), 0.5))
    before = only(text, tmp_path).hash
    np.savez(tmp_path / "w.npz", W=np.full((4, 2), 0.25))
    assert only(text, tmp_path).hash != before


def test_the_order_of_inputs_counts() -> None:
    table = {"question": "?", "because": "a test", "inputs": {"x": 1.0, "y": 2.0}}
    turned = table | {"inputs": {"y": 2.0, "x": 1.0}}
    (one,), (other,) = (from_table(raw, Path("m.toml"), "m") for raw in (table, turned))
    assert one.hash != other.hash


def test_the_catalogue_hash_follows_every_case() -> None:
    cases = catalogue()
    whole_hash = catalogue_hash(cases)
    assert catalogue_hash(reversed(cases)) == whole_hash
    assert catalogue_hash(cases[1:]) != whole_hash
    assert catalogue_hash(catalogue()) == whole_hash
