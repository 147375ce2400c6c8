"""Listens to the simulated receipt computer with the `websockets` package; one JSON line for each frame, until a bill is told."""

import json
import sys

from websockets.sync.client import connect

with connect(f"ws://{sys.argv[1]}/ws", additional_headers={"X-GINBEE-TENANT-ID": "1"}) as line:
    for event in ("patient_account", "*"):
        line.send(json.dumps({"command": "subscribe", "req.id": event, "event": event}))
        print(line.recv(timeout=30), flush=True)
    line.send("{")
    print(line.recv(timeout=30), flush=True)
    while True:
        frame = line.recv(timeout=60)
        print(frame, flush=True)
        if json.loads(frame)["data"]["event"] == "patient_account":
            break
