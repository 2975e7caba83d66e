"""Speaks the protocol by hand, and rightly, but for the one way named on its command line, on the case "trigger"."""

import base64
import json
import os
import struct
import subprocess
import sys
import time

WAY = sys.argv[1]
HOSTILE = "../../etc/passwd\n<script>alert(1)</script> \x1b[31m\x00\x07 ]]> |`=cmd` [red]x[/red] \u202e\u2028 \"'"


def floats(array: dict) -> list[float]:
    data = base64.b64decode(array["data"])
    return list(struct.unpack(f"<{len(data) // 8}d", data))


def honest(request: dict) -> dict:
    """The answer to a relu of x with a given upstream gradient."""
    x, dy = request["problem"]["inputs"]["x"], floats(request["problem"]["upstream"])
    numbers = {
        "output.relu": [max(v, 0.0) for v in floats(x)],
        "gradient.relu": dy,
        "gradient.x": [d if v > 0 else 0.0 for v, d in zip(floats(x), dy, strict=True)],
    }
    trace = {name: {"dtype": "float64", "shape": x["shape"], "values": values} for name, values in numbers.items()}
    return {"kind": "trace", "id": request["id"], "trace": trace}


def write(text: str | bytes) -> None:
    sys.stdout.buffer.write(text if isinstance(text, bytes) else text.encode())
    sys.stdout.buffer.flush()


def reply(request: dict, **changes: object) -> None:
    write(json.dumps(honest(request) | changes) + "\n")


def raw(request: dict, array: str) -> None:
    """An answer whose first array is written as it stands."""
    write(f'{{"kind":"trace","id":{request["id"]},"trace":{{"output.relu":{array}}}}}\n')


def with_array(request: dict, name: str = "output.relu", **changes: object) -> None:
    answer = honest(request)
    answer["trace"][name] = answer["trace"].get(name, {}) | changes
    write(json.dumps(answer) + "\n")


def endless(piece: bytes) -> None:
    for _ in range(10_000):  # of a megabyte
        write(piece)


def leave_child(**how: bool) -> None:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)"], **how)
    os._exit(3)


def million(request: dict, many: int) -> None:
    array = '{"dtype":"float64","shape":[],"values":[1]}'
    more = ",".join(f'"t{i}":{array}' for i in range(many))
    write(json.dumps(honest(request))[:-2] + "," + more + "}}\n")


def half(request: dict) -> None:
    write(json.dumps(honest(request))[:40])
    os._exit(0)


def twice(request: dict) -> None:
    write(json.dumps(honest(request)).replace('"trace": {', '"trace": {}, "trace": {', 1) + "\n")


def refuse(request: dict, reason: str, kind: str = "unsupported") -> None:
    write(json.dumps({"kind": kind, "id": request["id"], "reason": reason}) + "\n")


before: list[dict] = []
WAYS = {
    "honest": reply,
    "garbage_before": lambda r: (write("loading the model\n"), reply(r)),
    "garbage_after": lambda r: (reply(r), write("done\n")),
    "later_id": lambda r: reply(r, id=r["id"] + 1),
    "other_case": lambda r: write(json.dumps(before[-1] | {"id": r["id"]}) + "\n"),
    "endless_line": lambda _: endless(b"x" * 2**20),
    "endless_lines": lambda r: (reply(r), endless(b"x" * (2**19 - 1) + b"\n")),
    "drips": lambda _: [(write("."), time.sleep(0.05)) for _ in range(10_000)],
    "floods_stderr": lambda r: (sys.stderr.write("x" * 20_000_000), reply(r)),
    "hangs": lambda _: time.sleep(600),
    "dies": lambda _: os._exit(3),
    "dies_in_a_line": half,
    "aborts": lambda _: os.abort(),
    "closes_stdout": lambda _: (os.close(1), time.sleep(600)),
    "leaves_child": lambda _: leave_child(),
    "leaves_daemon": lambda _: leave_child(start_new_session=True),
    "nan": lambda r: with_array(r, values=["NaN"] * 6),
    "hostile_reason": lambda r: refuse(r, HOSTILE),
    "hostile_error": lambda r: refuse(r, HOSTILE, "error"),
    "long_reason": lambda r: refuse(r, "no, " * 100_000),
    "hostile_tensor": lambda r: with_array(r, HOSTILE, dtype="float64", shape=[], values=[1.0]),
    "huge_shape": lambda r: with_array(r, shape=[10**12]),
    "huge_lengths": lambda r: with_array(r, shape=[10**18, 10**18, 10**18]),
    "huge_and_empty": lambda r: with_array(r, shape=[0, 10**12], values=[]),
    "many_axes": lambda r: with_array(r, shape=[1] * 99, values=[1]),
    "negative_shape": lambda r: with_array(r, shape=[-2, -3]),
    "short_values": lambda r: with_array(r, values=[1.0]),
    "short_data": lambda r: raw(r, '{"dtype":"float64","shape":[2,3],"data":"AAAAAAAA8D8="}'),
    "no_base64": lambda r: raw(r, '{"dtype":"float64","shape":[2,3],"data":"\\u00e9\\u00e9"}'),
    "neither": lambda r: raw(r, '{"dtype":"float64","shape":[2,3]}'),
    "deep": lambda r: raw(r, "[" * 100_000 + "]" * 100_000),
    "too_large": lambda r: raw(r, '{"dtype":"float64","shape":[],"values":[1e999]}'),
    "huge_integer": lambda r: raw(r, '{"dtype":"float64","shape":[],"values":[1%s]}' % ("0" * 400)),
    "huge_int64": lambda r: raw(r, '{"dtype":"int64","shape":[],"values":[1%s]}' % ("0" * 30)),
    "twice": twice,
    "float32": lambda r: with_array(r, dtype="float32"),
    "complex": lambda r: with_array(r, dtype="complex128"),
    "booleans": lambda r: with_array(r, values=[True] * 6),
    "many_tensors": lambda r: million(r, int(sys.argv[2])),
    "bad_utf8": lambda r: write(b'{"kind":"unsupported","id":%d,"reason":"\xff\xfe"}\n' % r["id"]),
    "surrogate": lambda r: write(b'{"kind":"unsupported","id":%d,"reason":"\\ud800"}\n' % r["id"]),
    "nul": lambda r: write(b'{"kind":"unsupported","id":%d,"reason":"\0"}\n' % r["id"]),
    "endless_seconds": lambda r: reply(r, seconds=1e308),
    "unknown_field": lambda r: reply(r, hint="from a later version"),
    "null": lambda _: write("null\n"),
    "blank": lambda _: write("\n"),
    "unknown_kind": lambda r: reply(r, kind="guess"),
}

ME = {"kind": "description", "protocol": 1, "name": "neighbour", "version": "1"}
if WAY.startswith("hostile"):
    ME |= {"version": HOSTILE, "flags": {HOSTILE: HOSTILE}, "name": HOSTILE}

for line in sys.stdin:
    request = json.loads(line)
    if request["kind"] == "stop":
        break
    if request["kind"] == "describe":
        write(json.dumps(ME | {"id": request["id"]}) + "\n")
        if WAY == "never_reads":
            time.sleep(600)
    elif request["problem"]["case"] == "trigger":
        WAYS[WAY](request)
    else:
        before.append(honest(request))
        reply(request, **({"seconds": 1e308} if WAY == "endless_seconds" else {}))
