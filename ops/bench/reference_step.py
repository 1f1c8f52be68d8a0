"""The step that `dinoflow bench step --against python` is held against.

A plain PyTorch training step of the same network on the same weights and batch: fused qkv, scaled
dot-product attention, AdamW(fused=True), foreach clipping and EMA; bf16 by autocast. Driven over
standard input and output, one JSON object a line, so that two programs can take turns. On a GPU a
phase ends when its work was handed over, and a step when it was done.

    python reference_step.py CASE.safetensors '{"precision": "fp32", "device": "cpu", "threads": 2, ...}'

Lines read: step, memory, quit. Needs: pip install torch transformers safetensors
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

EPSILON = 1e-5
STUDENT_TEMPERATURE = 0.1
MODULES = ("backbone", "dino_head", "ibot_head")


class Clock:
    """Wall seconds of the phases of one step."""

    def __init__(self):
        self.phases = {}
        self.since = time.perf_counter()

    def lap(self, phase):
        now = time.perf_counter()
        self.phases[phase] = self.phases.get(phase, 0.0) + now - self.since
        self.since = now


def rope_table(grid, prefix, periods):
    """Sine and cosine over all tokens; prefix tokens are not turned."""
    centres = 2 * (torch.arange(grid, dtype=torch.float32) + 0.5) / grid - 1
    ys, xs = torch.meshgrid(centres, centres, indexing="ij")
    at = torch.stack([ys.flatten(), xs.flatten()], 1)
    angles = (2 * torch.pi * at[:, :, None].to(periods.device) / periods).flatten(1).tile(2)
    still = angles.new_zeros(prefix, angles.shape[1])
    return torch.cat([still, angles]).sin(), torch.cat([still, angles]).cos()


def rotated(x, sin, cos):
    wide = x.to(sin.dtype)
    first, second = wide.chunk(2, -1)
    return (wide * cos + torch.cat([-second, first], -1) * sin).to(x.dtype)


class Model:
    """A backbone and two heads as dictionaries of tensors under the official names."""

    def __init__(self, tensors, config, trained):
        self.config = config
        self.weights = {}
        for module in MODULES:
            own = {n[len(module) + 1 :]: t for n, t in tensors.items() if n.startswith(module + ".")}
            self.weights[module] = {
                n: t.clone().requires_grad_(trained)
                for n, t in own.items()
                if not n.startswith("rope_embed") and not n.endswith("bias_mask")
            }
        self.bias_mask = tensors["backbone.blocks.0.attn.qkv.bias_mask"].clone()
        self.periods = tensors["backbone.rope_embed.periods"].clone()
        self.tables = {}

    def backbone(self, images, masks=None):
        w, c = self.weights["backbone"], self.config
        x = F.conv2d(images, w["patch_embed.proj.weight"], w["patch_embed.proj.bias"], c["patch"])
        grid = x.shape[-1]
        x = x.flatten(2).transpose(1, 2)
        if masks is not None:
            x = torch.where(masks.unsqueeze(-1), w["mask_token"].to(x.dtype).unsqueeze(0), x)
        rows = x.shape[0]
        prefix = [w["cls_token"].expand(rows, -1, -1), w["storage_tokens"].expand(rows, -1, -1)]
        x = torch.cat([*prefix, x], 1)
        kept = 1 + w["storage_tokens"].shape[1]
        if grid not in self.tables:
            self.tables[grid] = rope_table(grid, kept, self.periods)
        for i in range(c["depth"]):
            x = self.block(x, f"blocks.{i}.", *self.tables[grid])
        x = F.layer_norm(x, x.shape[-1:], w["norm.weight"], w["norm.bias"], EPSILON)
        return x[:, 0], x[:, kept:]

    def block(self, x, at, sin, cos):
        w, heads = self.weights["backbone"], self.config["heads"]
        rows, tokens, width = x.shape
        h = F.layer_norm(x, (width,), w[at + "norm1.weight"], w[at + "norm1.bias"], EPSILON)
        bias = w[at + "attn.qkv.bias"] * self.bias_mask
        qkv = F.linear(h, w[at + "attn.qkv.weight"], bias).view(rows, tokens, 3, heads, -1)
        q, k, v = (part.transpose(1, 2) for part in qkv.unbind(2))
        a = F.scaled_dot_product_attention(rotated(q, sin, cos), rotated(k, sin, cos), v)
        a = a.transpose(1, 2).reshape(rows, tokens, width)
        a = F.linear(a, w[at + "attn.proj.weight"], w[at + "attn.proj.bias"])
        x = x + a * w[at + "ls1.gamma"]
        h = F.layer_norm(x, (width,), w[at + "norm2.weight"], w[at + "norm2.bias"], EPSILON)
        h = F.gelu(F.linear(h, w[at + "mlp.fc1.weight"], w[at + "mlp.fc1.bias"]))
        return x + F.linear(h, w[at + "mlp.fc2.weight"], w[at + "mlp.fc2.bias"]) * w[at + "ls2.gamma"]

    def head(self, name, x):
        w = self.weights[name]
        layers = sum(n.startswith("mlp.") and n.endswith(".weight") for n in w)
        for i in range(layers):
            x = F.linear(x, w[f"mlp.{2 * i}.weight"], w[f"mlp.{2 * i}.bias"])
            if i < layers - 1:
                x = F.gelu(x)
        return F.linear(F.normalize(x, dim=-1, eps=1e-12), w["last_layer.weight"])


def sinkhorn(logits, temperature):
    q = (logits.float() / temperature).exp_().t()
    prototypes, rows = q.shape
    q /= q.sum()
    for _ in range(3):
        q /= q.sum(1, keepdim=True)
        q /= prototypes
        q /= q.sum(0, keepdim=True)
        q /= rows
    return q.mul_(rows).t()


def dino(student, teacher, student_crops, teacher_crops, same_crop_counts):
    rows = student.shape[0] // student_crops
    log_p = F.log_softmax(student.float() / STUDENT_TEMPERATURE, -1).view(student_crops, -1)
    m = -(log_p @ teacher.reshape(teacher_crops, -1).t())
    if same_crop_counts:
        return m.sum() / (rows * student_crops * teacher_crops)
    pairs = student_crops * teacher_crops - min(student_crops, teacher_crops)
    return (m.sum() - m.diagonal().sum()) / (rows * pairs)


def ibot(student, teacher, weight, rows):
    log_p = F.log_softmax(student.float() / STUDENT_TEMPERATURE, -1)
    return -((teacher * log_p).sum(-1) * weight).sum() / rows


def koleo(cls, crops):
    x = F.normalize(cls.float(), dim=-1, eps=1e-8)
    groups = x.view(crops, -1, x.shape[-1])
    with torch.no_grad():
        near = groups @ groups.transpose(1, 2)
        near.diagonal(dim1=1, dim2=2).fill_(-1)
        index = near.argmax(-1)
    nearest = groups.gather(1, index.unsqueeze(-1).expand(-1, -1, x.shape[-1]))
    distance = (groups - nearest + 1e-8).norm(dim=-1)
    return -(distance + 1e-8).log().mean()


def layer(name, blocks):
    if name.startswith("blocks."):
        return int(name.split(".")[1]) + 1
    first = ("patch_embed", "cls_token", "storage_tokens", "mask_token")
    return 0 if name.startswith(first) else blocks + 1


def parameter_groups(weights, config):
    """Parameters of equal multipliers together."""
    groups = []
    for module in MODULES:
        blocks = config["depth"] if module == "backbone" else 0
        own = {}
        for name, tensor in weights[module].items():
            rate = config["layer_decay"] ** (blocks + 1 - layer(name, blocks)) if blocks else 1.0
            if "patch_embed" in name:
                rate *= config["patch_embed_lr_mult"]
            free = name.endswith("bias") or "norm" in name or "gamma" in name
            own.setdefault((rate, 0.0 if free else 1.0), []).append(tensor)
        for (rate, decay), tensors in own.items():
            groups.append(
                {
                    "params": tensors,
                    "lr": config["lr"] * rate,
                    "weight_decay": config["weight_decay"] * decay,
                }
            )
    return groups


class Trainer:
    def __init__(self, tensors, config):
        self.config = config
        self.student = Model(tensors, config, trained=True)
        self.teacher = Model(tensors, config, trained=False)
        # clones, so that the file's mapping does not count as memory
        self.batch = {n[6:]: t.clone() for n, t in tensors.items() if n.startswith("batch.")}
        self.batch["masks"] = self.batch["masks"].bool()
        self.batch["mask_indices"] = self.batch["mask_indices"].long()
        self.optimizer = torch.optim.AdamW(
            parameter_groups(self.student.weights, config),
            betas=(config["beta1"], config["beta2"]),
            eps=1e-8,
            fused=True,
        )

    def autocast(self):
        kind = self.config["device"].split(":")[0]
        return torch.autocast(kind, torch.bfloat16, enabled=self.config["precision"] == "bf16")

    def step(self):
        clock, b, c = Clock(), self.batch, self.config
        with torch.no_grad(), self.autocast():
            cls, patches = self.teacher.backbone(b["globals"])
            masked = patches.flatten(0, 1).index_select(0, b["mask_indices"])
            dino_logits = self.teacher.head("dino_head", cls)
            ibot_logits = self.teacher.head("ibot_head", masked)
        with torch.no_grad():
            dino_target = sinkhorn(dino_logits, c["teacher_temp"])
            ibot_target = sinkhorn(ibot_logits, c["teacher_temp"])
        clock.lap("teacher_forward")

        with self.autocast():
            cls, patches = self.student.backbone(b["globals"], b["masks"])
            masked = patches.flatten(0, 1).index_select(0, b["mask_indices"])
            ibot_logits = self.student.head("ibot_head", masked)
            local_cls, _ = self.student.backbone(b["locals"])
            logits = self.student.head("dino_head", torch.cat([cls, local_cls]))
        clock.lap("student_forward")

        rows, local_crops = cls.shape[0], c["local_crops"]
        pairs = 2 + 2 * local_crops
        loss = (
            (2 * local_crops / pairs) * dino(logits[rows:], dino_target, local_crops, 2, True)
            + (2 / pairs) * dino(logits[:rows], dino_target, 2, 2, False)
            + 2 * c["koleo_weight"] * koleo(cls, 2)
            + ibot(ibot_logits, ibot_target, b["masks_weight"], rows)
        )
        clock.lap("losses")

        loss.backward()
        clock.lap("backward")

        norms = [
            torch.nn.utils.clip_grad_norm_(self.student.weights[m].values(), c["clip"], foreach=True)
            for m in MODULES
        ]
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        clock.lap("optimizer")
        with torch.no_grad():
            for module in MODULES:
                averages = list(self.teacher.weights[module].values())
                torch._foreach_mul_(averages, c["momentum"])
                values = list(self.student.weights[module].values())
                torch._foreach_add_(averages, values, alpha=1 - c["momentum"])
        clock.lap("ema")
        return loss.item(), [n.item() for n in norms], clock.phases


def memory():
    facts = {}
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            name, _, value = line.partition(":")
            if name in ("VmHWM", "VmRSS"):
                facts[name] = int(value.split()[0]) * 1024
    return {"peakBytes": facts["VmHWM"], "residentBytes": facts["VmRSS"]}


def main():
    config = json.loads(sys.argv[2])
    torch.set_num_threads(config["threads"])
    torch.manual_seed(0)
    trainer = Trainer(load_file(sys.argv[1], device=config["device"]), config)
    print(json.dumps({"ready": f"torch {torch.__version__.split('+')[0]}"}), flush=True)
    for line in sys.stdin:
        command = line.strip()
        if command == "step":
            cpu, wall = time.process_time(), time.perf_counter()
            loss, norms, phases = trainer.step()
            answer = {
                "loss": loss,
                "seconds": time.perf_counter() - wall,
                "cpuSeconds": time.process_time() - cpu,
                "phases": phases,
                "norms": norms,
            }
        elif command == "memory":
            answer = memory()
        elif command == "quit":
            return
        else:
            raise SystemExit(f"no such command: {command}")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
