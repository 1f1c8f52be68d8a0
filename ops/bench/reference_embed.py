"""What `dinoflow bench embed --against python` is held against.

transformers' DINOv3 of a Hugging Face directory over a folder of JPEGs: PIL decodes, torchvision
resizes and normalises as the model's processor says, the model runs in inference mode with scaled
dot-product attention, and the features go to a safetensors file. For bf16 all of the model is bf16.
Driven over standard input and output, one JSON object a line, so that two programs can take turns.

    python reference_embed.py MODEL PICTURES '{"precision": "fp32", "threads": 2, "batch": 16}'

Lines read: embed FILE, memory, quit. Needs: pip install torch torchvision transformers safetensors
"""

import json
import pathlib
import sys
import time

import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from torchvision.transforms.v2 import functional as tv


class Embedder:
    def __init__(self, folder, config):
        self.config = config
        self.type = torch.bfloat16 if config["precision"] == "bf16" else torch.float32
        self.model = transformers.AutoModel.from_pretrained(
            folder, dtype=self.type, attn_implementation="sdpa"
        ).eval()
        processor = json.loads((pathlib.Path(folder) / "preprocessor_config.json").read_text())
        self.size = [processor["size"]["height"], processor["size"]["width"]]
        self.mean, self.std = processor["image_mean"], processor["image_std"]
        self.storage = self.model.config.num_register_tokens

    def pixels(self, path):
        with Image.open(path) as picture:
            levels = tv.pil_to_tensor(picture.convert("RGB"))
        unit = tv.to_dtype(levels, torch.float32, scale=True)
        shrunk = tv.resize(unit, self.size, tv.InterpolationMode.BILINEAR, antialias=True)
        return tv.normalize(shrunk, self.mean, self.std)

    @torch.inference_mode()
    def embed(self, paths, file):
        parts, waited = [], 0.0
        for at in range(0, len(paths), self.config["batch"]):
            began = time.perf_counter()
            batch = torch.stack([self.pixels(p) for p in paths[at : at + self.config["batch"]]])
            waited += time.perf_counter() - began
            parts.append(self.model(pixel_values=batch.to(self.type)).last_hidden_state.float())
        tokens = torch.cat(parts)
        first = 1 + self.storage
        features = {
            "cls": tokens[:, 0].contiguous(),
            "storage": tokens[:, 1:first].contiguous(),
            "patches": tokens[:, first:].contiguous(),
        }
        save_file(features, file)
        return len(tokens), waited


def memory():
    facts = {}
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            name, _, value = line.partition(":")
            if name in ("VmHWM", "VmRSS"):
                facts[name] = int(value.split()[0]) * 1024
    return {"peakBytes": facts["VmHWM"], "residentBytes": facts["VmRSS"]}


def say(facts):
    print(json.dumps(facts), flush=True)


def main():
    model, pictures, config = sys.argv[1], pathlib.Path(sys.argv[2]), json.loads(sys.argv[3])
    torch.set_num_threads(config["threads"])
    paths = sorted(pictures.glob("*.jpeg"))
    embedder = Embedder(model, config)
    torch_version = torch.__version__.split("+")[0]
    say({"ready": f"transformers {transformers.__version__} on torch {torch_version}"})
    for line in sys.stdin:
        command, *argument = line.strip().split(" ", 1)
        if command == "embed":
            began, cpu = time.perf_counter(), time.process_time()
            rows, waited = embedder.embed(paths, argument[0])
            say(
                {
                    "rows": rows,
                    "seconds": time.perf_counter() - began,
                    "cpuSeconds": time.process_time() - cpu,
                    "waitSeconds": waited,
                }
            )
        elif command == "memory":
            say(memory())
        elif command == "quit":
            return
        else:
            raise SystemExit(f"no such command: {command}")


if __name__ == "__main__":
    main()
