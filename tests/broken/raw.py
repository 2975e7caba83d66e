"""Speaks the protocol by hand, as another language would, and goes wrong in the way named on its command line."""

import json
import sys

ZERO = {"loss": {"dtype": "float64", "shape": [], "values": [0.5]}}
LIES = {
    "honest": lambda id: {"kind": "trace", "id": id, "trace": ZERO},
    "other_id": lambda id: {"kind": "trace", "id": id - 1, "trace": ZERO},
    "wrong_kind": lambda id: {"kind": "description", "id": id, "protocol": 1, "name": "raw", "version": "0"},
    "wrong_shape": lambda id: {
        "kind": "trace",
        "id": id,
        "trace": {"loss": {"dtype": "float64", "shape": [2], "values": [0.5]}},
    },
}


def answer(request: dict) -> str:
    if request["kind"] == "describe":
        return json.dumps(LIES["wrong_kind"](request["id"]))
    way = sys.argv[1] if request["problem"]["case"] == "trigger" else "honest"
    if way == "garbage":
        return "Segmentation fault (not really)"
    if way == "long":
        return "x" * 5_000_000
    return json.dumps(LIES[way](request["id"]))


for line in sys.stdin:
    request = json.loads(line)
    if request["kind"] == "stop":
        break
    print(answer(request), flush=True)
