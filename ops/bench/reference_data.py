"""The augmentation that `dinoflow bench data --against python` is held against.

Multi-crop of DINOv3 with torchvision's v2 transforms on PIL pictures, on one thread: decode, random
resized crop (bicubic, antialiased), flip, colour jitter, greyscale, blur, solarize, normalise, with
the official probabilities. The pictures lie in memory; crops are not gathered into a batch. Driven
over standard input and output, one JSON object a line, so that two programs can take turns.

    python reference_data.py FOLDER '{"global": 112, "local": 48, "locals": 8}'

Lines read: whole SIDE, make N, quit. Needs: pip install torch torchvision
"""

import base64
import io
import json
import pathlib
import sys
import time

import PIL
import torch
import torchvision
from PIL import Image
from torchvision.transforms import InterpolationMode, v2

GLOBAL_SCALE = (0.32, 1.0)
LOCAL_SCALE = (0.05, 0.32)
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
BLUR_SECOND_GLOBAL = 0.9
BLUR_LOCAL = 0.5
SOLARIZE = 0.2


def view(side, scale, blur, solarize):
    steps = [
        v2.RandomResizedCrop(
            side, scale=scale, interpolation=InterpolationMode.BICUBIC, antialias=True
        ),
        v2.RandomHorizontalFlip(0.5),
        v2.RandomApply([v2.ColorJitter(0.4, 0.4, 0.2, 0.1)], p=0.8),
        v2.RandomGrayscale(0.2),
    ]
    if blur > 0:
        steps.append(v2.RandomApply([v2.GaussianBlur(9, (0.1, 2.0))], p=blur))
    if solarize > 0:
        steps.append(v2.RandomSolarize(128, p=solarize))
    steps += [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]
    return v2.Compose(steps)


class MultiCrop:
    def __init__(self, config):
        side, small = config["global"], config["local"]
        self.globals = [
            view(side, GLOBAL_SCALE, 0, 0),
            view(side, GLOBAL_SCALE, BLUR_SECOND_GLOBAL, SOLARIZE),
        ]
        self.local = view(small, LOCAL_SCALE, BLUR_LOCAL, 0)
        self.locals = config["locals"]

    def __call__(self, picture):
        crops = [transform(picture) for transform in self.globals]
        return crops + [self.local(picture) for _ in range(self.locals)]


def decoded(jpeg):
    return Image.open(io.BytesIO(jpeg)).convert("RGB")


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    folder, config = pathlib.Path(sys.argv[1]), json.loads(sys.argv[2])
    pictures = [path.read_bytes() for path in sorted(folder.glob("*.jpeg"))]
    crops = MultiCrop(config)
    say({"ready": f"torchvision {torchvision.__version__}, PIL {PIL.__version__}"})
    made = 0
    for line in sys.stdin:
        command, *argument = line.split()
        if command == "whole":
            side = int(argument[0])
            whole = decoded(pictures[0]).resize((side, side), Image.Resampling.BICUBIC)
            say({"rgb": base64.b64encode(whole.tobytes()).decode("ascii")})
        elif command == "make":
            began, cpu = time.perf_counter(), time.process_time()
            for _ in range(int(argument[0])):
                crops(decoded(pictures[made % len(pictures)]))
                made += 1
            say(
                {
                    "seconds": time.perf_counter() - began,
                    "cpuSeconds": time.process_time() - cpu,
                }
            )
        elif command == "quit":
            return
        else:
            raise ValueError(f"no command: {line!r}")


def say(facts):
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    main()
