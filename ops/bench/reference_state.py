"""What `dinoflow bench checkpoint` and `bench restore --against python` are held against.

The same tensors in files of the same names, written with safetensors' save_file and fsync, and read
with load_file and copied into tensors that are there. Driven over standard input and output, one
JSON object a line, so that two programs can take turns.

    python reference_state.py FOLDER_WITH_SAFETENSORS FOLDER_TO_WRITE_TO

Lines read: write, read, quit. Needs: pip install torch safetensors
"""

import json
import os
import pathlib
import sys
import time

import safetensors
import torch
from safetensors.torch import load_file, save_file


def main():
    source, target = (pathlib.Path(argument) for argument in sys.argv[1:3])
    parts = sorted(file.name for file in source.glob("*.safetensors"))
    state = {part: load_file(source / part) for part in parts}
    state = {part: {k: v.clone() for k, v in tensors.items()} for part, tensors in state.items()}
    target.mkdir(parents=True, exist_ok=True)
    answer({"ready": f"torch {torch.__version__}, safetensors {safetensors.__version__}"})
    for line in sys.stdin:
        command = line.strip()
        if command == "quit":
            return
        started = time.perf_counter()
        if command == "write":
            for part in parts:
                save_file(state[part], target / part, metadata={"format": "pt"})
                with open(target / part, "rb+") as written:
                    os.fsync(written.fileno())
        elif command == "read":
            for part in parts:
                for name, tensor in load_file(source / part).items():
                    state[part][name].copy_(tensor)
        else:
            raise ValueError(f"no such command: {command}")
        answer({"seconds": time.perf_counter() - started})


def answer(facts):
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    main()
