"""Writes the project's own goldens: fixtures computed in float64 from formulas.py.

    python own_goldens.py FOLDER [--seed N]

Needs numpy, torch and safetensors. Every number and every size is a function of the seed; the set that is kept in the tree
(model-core/src/test/resources/golden) is that of seed 0. Each fixture is NAME.json and NAME.safetensors, in the form in which
the tests read all goldens: `tensors` lists types and shapes, `values` and `config` what is no tensor, `tolerance_abs` the limit.
The file PARTIAL says that the set need not hold every fixture that some test could read.
"""

import argparse
import json
import math
import pathlib

import numpy
import torch
from safetensors.torch import save_file

import formulas as f

F64 = torch.float64
PARTIAL = "Made by own_goldens.py: a set of its own, which need not hold every fixture that some test could read.\n"


class Maker:
    """Seeded numbers, and the folder they go to."""

    def __init__(self, folder, seed):
        self.folder, self.seed = folder, seed

    def fixture(self, name):
        # A stream of its own, so that a fixture does not depend on those before it.
        self.random = numpy.random.RandomState([self.seed, *name.encode()])
        self.name = name
        return self

    def size(self, *choices):
        return int(choices[self.random.randint(len(choices))])

    def normal(self, *shape, scale=1.0, mean=0.0):
        """As float32 holds them, so that the file's values are the ones computed with."""
        values = self.random.standard_normal(shape) * scale + mean
        return torch.from_numpy(numpy.asarray(values, dtype=numpy.float32)).double()

    def uniform(self, low, high, *shape):
        return torch.from_numpy(self.random.uniform(low, high, shape).astype(numpy.float32)).double()

    def masks(self, rows, patches):
        """Half of the rows masked, each differently much."""
        mask = torch.zeros(rows, patches, dtype=torch.uint8)
        for row in self.random.permutation(rows)[: max(rows // 2, 1)]:
            count = self.random.randint(1, patches // 2 + 1)
            mask[row, self.random.permutation(patches)[:count]] = 1
        return mask

    def write(self, tensors, limit, path="", **json_fields):
        stored = {}
        for key, value in sorted(tensors.items()):
            value = torch.as_tensor(value).detach()
            stored[key] = (value.float() if value.is_floating_point() else value).contiguous().clone()
        path = path or self.name
        target = self.folder / (path + ".json")
        target.parent.mkdir(parents=True, exist_ok=True)
        types = {torch.float32: "float32", torch.int64: "int64", torch.uint8: "uint8"}
        document = {
            "fixture": self.name,
            "source": "own_goldens.py --seed %d, float64" % self.seed,
            "tolerance_abs": limit,
            **json_fields,
            "file": target.with_suffix(".safetensors").name,
            "tensors": {k: [types[v.dtype], list(v.shape)] for k, v in stored.items()},
        }
        save_file(stored, str(target.with_suffix(".safetensors")))
        target.write_text(text(document) + "\n")


def text(document):
    """JSON with one line an entry of each of its objects."""

    def entries(value, deeper):
        lines = ",\n".join(" " * (2 - deeper) + json.dumps(k) + ": " + shown(v, deeper) for k, v in value.items())
        return "{\n" + lines + "\n" + " " * (1 - deeper) + "}"

    def shown(value, deeper):
        return entries(value, deeper - 1) if deeper and isinstance(value, dict) and value else json.dumps(value)

    return entries(document, 1)


def gradients(loss, leaves):
    """By name; zero where the loss does not depend on a leaf."""
    found = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True, retain_graph=True)
    return {n: torch.zeros_like(v) if g is None else g for (n, v), g in zip(leaves.items(), found)}


def learning(weights):
    return {name: value.requires_grad_() for name, value in weights.items() if value.is_floating_point()}


def named(prefix, tensors):
    return {prefix + name: value for name, value in tensors.items()}


# ---- weights --------------------------------------------------------------------------------------------------


def linear_weights(m, out, into, bias=True):
    w = {"weight": m.normal(out, into, scale=into**-0.5)}
    return {**w, "bias": m.normal(out, scale=0.1)} if bias else w


def norm_weights(m, dim, kind="layernorm"):
    w = {"weight": m.normal(dim, scale=0.2, mean=1.0)}
    return w if kind == "rmsnorm" else {**w, "bias": m.normal(dim, scale=0.1)}


def attention_weights(m, dim, qkv_bias, mask_k_bias):
    w = {**named("qkv.", linear_weights(m, 3 * dim, dim, qkv_bias)), **named("proj.", linear_weights(m, dim, dim))}
    if qkv_bias and mask_k_bias:
        w["qkv.bias_mask"] = torch.cat([torch.ones(dim), torch.zeros(dim), torch.ones(dim)]).double()
    return w


def ffn_weights(m, dim, layer, ratio):
    if layer == "mlp":
        hidden = int(dim * ratio)
        return {**named("fc1.", linear_weights(m, hidden, dim)), **named("fc2.", linear_weights(m, dim, hidden))}
    hidden = f.swiglu_hidden(dim, ratio, int(layer[len("swiglu") :] or 8))
    return {
        **named("w1.", linear_weights(m, hidden, dim)),
        **named("w2.", linear_weights(m, hidden, dim)),
        **named("w3.", linear_weights(m, dim, hidden)),
    }


def block_weights(m, dim, layer, ratio, kind, qkv_bias=True, mask_k_bias=True, scale=0.3):
    w = {
        **named("norm1.", norm_weights(m, dim, kind)),
        **named("attn.", attention_weights(m, dim, qkv_bias, mask_k_bias)),
        **named("norm2.", norm_weights(m, dim, kind)),
        **named("mlp.", ffn_weights(m, dim, layer, ratio)),
    }
    if scale:
        w["ls1.gamma"], w["ls2.gamma"] = m.normal(dim, scale=scale), m.normal(dim, scale=scale)
    return w


def vit_weights(m, c):
    dim, kind = c["embed_dim"], c["norm_layer"]
    w = {
        "cls_token": m.normal(1, 1, dim),
        "storage_tokens": m.normal(1, c["n_storage_tokens"], dim),
        "mask_token": m.normal(1, dim),
        "patch_embed.proj.weight": m.normal(dim, 3, c["patch_size"], c["patch_size"], scale=0.2),
        "patch_embed.proj.bias": m.normal(dim, scale=0.1),
        "rope_embed.periods": f.periods(c["pos_embed_rope_base"], dim // c["num_heads"]).float().double(),
        **named("norm.", norm_weights(m, dim, kind)),
    }
    for i in range(c["depth"]):
        weights = block_weights(
            m, dim, c["ffn_layer"], c["ffn_ratio"], kind, c["qkv_bias"], c["mask_k_bias"]
        )
        w.update(named(f"blocks.{i}.", weights))
    if c["untie_cls_and_patch_norms"]:
        w.update(named("cls_norm.", norm_weights(m, dim, kind)))
    if c["untie_global_and_local_cls_norm"]:
        w.update(named("local_cls_norm.", norm_weights(m, dim, kind)))
    return w


def head_weights(m, c):
    sizes = [c["in_dim"]] + [c["hidden_dim"]] * (c["nlayers"] - 1) + [c["bottleneck_dim"]]
    # Small enough for the exponentials of logits over the lowest temperature.
    w = {"last_layer.weight": m.normal(c["out_dim"], c["bottleneck_dim"], scale=0.3)}
    for i, (into, out) in enumerate(zip(sizes, sizes[1:])):
        w.update(named("mlp." if c["nlayers"] == 1 else f"mlp.{2 * i}.", linear_weights(m, out, into)))
    return w


BUFFERS = ("bias_mask", "periods")


def parameters(weights):
    return {k: v for k, v in weights.items() if not k.endswith(BUFFERS)}


# ---- losses ---------------------------------------------------------------------------------------------------


def dino_loss(m):
    m.fixture("dino_loss")
    b, k, local, iterations = m.size(3, 4, 5), m.size(24, 32, 40), m.size(2, 3), 3
    temps, at = (0.04, 0.055, 0.07), 0.07
    t = {
        "in.teacher_logits": m.normal(2 * b, k, scale=0.3),
        "in.teacher_logits_big": m.normal(4 * b, 3 * k, scale=0.3),
        "in.student_global": m.normal(2, b, k, scale=0.3).requires_grad_(),
        "in.student_local": m.normal(local, b, k, scale=0.3).requires_grad_(),
    }
    for temp in temps:
        t[f"out.sinkhorn_temp{temp}"] = f.sinkhorn(t["in.teacher_logits"], temp, iterations)
    t[f"out.sinkhorn_temp{at}_iters1"] = f.sinkhorn(t["in.teacher_logits"], at, 1)
    t["out.sinkhorn_big_temp0.05"] = f.sinkhorn(t["in.teacher_logits_big"], 0.05, iterations)
    targets = t[f"out.sinkhorn_temp{at}"].reshape(2, b, k)
    meaning = {}
    for name, crops, ignore in (
        ("global_all", "in.student_global", False),
        ("global_ignore_diag", "in.student_global", True),
        ("local", "in.student_local", False),
        ("local_ignore_diag", "in.student_local", True),
    ):
        loss = f.dino_loss(t[crops], targets, ignore)
        t["out.loss_" + name] = loss
        t["grad." + name] = gradients(loss, {"x": t[crops]})["x"]
        meaning["grad." + name] = f"by the student's logits; targets = sinkhorn at temp {at}"
    m.write(t, 2e-6, config={"n_iterations": iterations, "teacher_crops": 2}, meaning=meaning)


def ibot_loss(m):
    m.fixture("ibot_loss")
    rows, n, k = m.size(6, 8), m.size(16, 25), m.size(24, 32, 40)
    masks = m.masks(rows, n)
    index = masks.flatten().nonzero().flatten()
    per_row = masks.sum(1)
    weights = (1 / per_row[index // n].float()).double()
    count = len(index)
    t = {
        "in.masks": masks,
        "in.mask_indices_list": index,
        "in.masks_weight": weights,
        "in.teacher_logits": m.normal(count, k, scale=0.3),
        "in.student_logits": m.normal(count, k, scale=0.3).requires_grad_(),
    }
    for temp in (0.04, 0.07):
        t[f"out.sinkhorn_temp{temp}"] = f.sinkhorn(t["in.teacher_logits"], temp)
    targets, student = t["out.sinkhorn_temp0.07"], t["in.student_logits"]
    loss = f.ibot_loss(student, targets, weights, rows)
    t["out.loss"] = t["out.loss_weights_derived"] = loss
    t["grad.student_logits"] = gradients(loss, {"x": student})["x"]
    t["out.loss_first_M_minus_5"] = f.ibot_loss(student[:-5], targets[:-5], weights[:-5], rows)
    m.write(t, 2e-6, config={"n_iterations": 3})


def koleo_loss(m):
    m.fixture("koleo_loss")
    x = m.normal(m.size(6, 8, 9), m.size(16, 24, 32)).requires_grad_()
    t = {"in.x": x}
    loss = f.koleo_loss(x)
    t["out.loss"], t["grad.x"] = loss, gradients(loss, {"x": x})["x"]
    t["out.nn_index"] = f.koleo_rows(x, len(x))[1][:, 0]
    for k in (1, 2, 3):
        loss = f.koleo_loss(x, neighbours=k)
        t[f"out.dist_topk{k}"], t[f"grad.dist_topk{k}"] = loss, gradients(loss, {"x": x})["x"]
    m.write(t, 5e-6)


def koleo_groups(m):
    m.fixture("koleo_distributed_4ranks")
    ranks, local = m.size(3, 4), m.size(3, 4)
    x = m.normal(ranks * local, m.size(12, 16, 20)).requires_grad_()
    t, cases = {"in.x": x}, []
    # A group of two processes' rows needs an even number of them.
    for group, k in ((None, 1), (local, 1), (local, 2), (None, 2), *(((2 * local, 1),) if ranks % 2 == 0 else ())):
        parts = f.koleo_rows(x, group or len(x), k)[0]
        losses = parts.reshape(ranks, -1).mean(1)
        t[f"case{len(cases)}.grad"] = gradients(losses.sum(), {"x": x})["x"]
        cases.append({"case": len(cases), "loss_group_size": group, "topk": k, "loss_per_rank": losses.tolist()})
    m.write(t, 1e-5, values={"cases": cases})


def gram_loss(m):
    m.fixture("gram_loss")
    b, n, d = m.size(2, 3), m.size(9, 16), m.size(12, 16)
    student, teacher = m.normal(b, n, d).requires_grad_(), m.normal(b, n, d)
    masks = torch.zeros(b, n, dtype=torch.uint8)
    masks[:, m.random.permutation(n)[: n // 3]] = 1
    t, cases = {"in.student": student, "in.teacher": teacher, "in.masks": masks}, []
    for normalized in (True, False):
        for img_level in (True, False):
            for remove in (None, "remove_neg", "remove_only_teacher_neg"):
                options = {"normalized": normalized, "img_level": img_level}
                options.update({r: r == remove for r in ("remove_neg", "remove_only_teacher_neg")})
                loss = f.gram_loss(student, teacher, **options)
                name = f"case{len(cases)}"
                t[name + ".loss"], t[name + ".grad"] = loss, gradients(loss, {"x": student})["x"]
                cases.append({"case": len(cases), **options, "loss": loss.item()})
    for name, value in (("masked", 1), ("unmasked", 0)):
        chosen = masks == value
        t["out.tokens_" + name] = f.gram_loss(student[chosen][None], teacher[chosen][None], img_level=False)
    to = m.size(5, 6)
    for name, side in (("x2", 2 * to), ("x1_5", to + to // 2)):
        given = m.normal(2, side * side, 4)
        t[f"resize.{name}.in"] = given
        for antialias in (True, False):
            small = f.resized(given.reshape(2, side, side, 4), to, to, "bicubic", antialias)
            t[f"resize.{name}.out_antialias_{antialias}"] = small.reshape(2, to * to, 4)
    # Dot products of wide vectors are large: float32 keeps six digits of them.
    largest = max(abs(t[name]).max().item() for name in t if name.startswith("case"))
    m.write(t, 2e-6 if largest < 2 else largest * 1e-6, values={"cases": cases})


# ---- layers ---------------------------------------------------------------------------------------------------


def rope(m):
    m.fixture("rope")
    dim, heads = m.size(32, 48), 4
    shared = {"embed_dim": dim, "num_heads": heads, "base": 100.0, "normalize_coords": "separate"}
    a, b = m.size(4, 5, 6), m.size(7, 8)
    cases = [
        {"H": a, "W": a},
        {"H": a, "W": b},
        {"H": 1, "W": 3},
        {"H": b, "W": a, "normalize_coords": "min"},
        {"H": b, "W": a, "normalize_coords": "max"},
        {"H": a, "W": b, "min_period": 0.5, "max_period": 90.0},
        {"H": a, "W": b, "mode": "train", "shift_coords": 0.3},
        {"H": a, "W": b, "mode": "train", "jitter_coords": 1.7},
        {"H": a, "W": b, "mode": "train", "rescale_coords": 2.0},
        {"H": a, "W": b, "mode": "train", "shift_coords": 0.2, "jitter_coords": 1.3, "rescale_coords": 2.0},
    ]
    t = {}
    for number, case in enumerate(cases):
        case.update({k: v for k, v in shared.items() if k not in case})
        case["case"] = number
        case.setdefault("mode", "eval")
        if "min_period" in case:
            del case["base"]
            periods = f.periods_between(case["min_period"], case["max_period"], dim // heads)
        else:
            periods = f.periods(case["base"], dim // heads)
        draws = {}
        for key, name, argument, count in (
            ("shift_coords", "shift_hw", "shift", 2),
            ("jitter_coords", "jitter_hw_factor", "jitter", 2),
            ("rescale_coords", "rescale_factor", "rescale", 1),
        ):
            if key in case:
                limit = case[key] if key == "shift_coords" else math.log(case[key])
                drawn = m.uniform(-limit, limit, count)
                drawn = (drawn if key == "shift_coords" else torch.exp(drawn)).float().double()
                t[f"case{number}.{name}"] = drawn
                draws[argument] = drawn.tolist() if count == 2 else drawn.item()
        sin, cos = f.rope(case["H"], case["W"], periods, case["normalize_coords"], **draws)
        t[f"case{number}.sin"], t[f"case{number}.cos"] = sin, cos
    t[f"periods.base100_headdim{dim // heads}"] = f.periods(100.0, dim // heads)
    t["periods.base50_headdim20"] = f.periods(50.0, 20)
    t["periods.min0.5_max90_headdim16"] = f.periods_between(0.5, 90.0, 16)
    m.write(t, 1e-5, values={"cases": cases})


def heads(m):
    for nlayers in (1, 2, 3):
        m.fixture(f"dino_head_n{nlayers}")
        c = {
            "in_dim": m.size(16, 24),
            "out_dim": m.size(20, 28),
            "nlayers": nlayers,
            "hidden_dim": m.size(12, 20),
            "bottleneck_dim": m.size(8, 10),
        }
        leaves = learning({"in.x": m.normal(m.size(4, 6), c["in_dim"]), **named("w.", head_weights(m, c))})
        coef = m.normal(len(leaves["in.x"]), c["out_dim"])
        w = f.under(leaves, "w.")
        logits = f.head(w, leaves["in.x"], nlayers)
        loss = (logits * coef).sum()
        t = {
            **leaves,
            "coef": coef,
            "out.logits": logits,
            "out.no_last_layer": f.head_bottleneck(w, leaves["in.x"], nlayers),
            "grad.loss": loss,
            **named("grad.", gradients(loss, leaves)),
        }
        m.write(t, 1e-5, config=c)


def drop_path(m):
    m.fixture("block_drop_path")
    c = {"dim": m.size(16, 24), "num_heads": 2, "ffn_ratio": 2.0, "layerscale": 0.3, "drop_path": 0.4}
    c.update(mask_k_bias=True, grids=[[m.size(3, 4), 4], [2, m.size(2, 3)]])
    w = block_weights(m, c["dim"], "mlp", c["ffn_ratio"], "layernormbf16")
    t = named("w.", w)
    for i, (height, width) in enumerate(c["grids"]):
        x = m.normal(5 - 2 * i, 1 + height * width, c["dim"])
        table = f.rope(height, width, f.periods(100.0, c["dim"] // c["num_heads"]))
        t[f"in.x{i}"] = x
        t[f"out.eval{i}"] = f.block(w, x, "layernormbf16", c["num_heads"], table, 1)
        keep = [
            torch.from_numpy(numpy.sort(m.random.permutation(len(x))[: f.kept(len(x), c["drop_path"])]))
            for _ in range(2)
        ]
        t[f"draw.attn{i}.kept"], t[f"draw.ffn{i}.kept"] = keep
        t[f"out.train{i}"] = f.block_of_some(w, x, "layernormbf16", c["num_heads"], table, 1, keep)
    m.write(t, 2e-5, config=c)


OUTPUTS = ("x_norm_clstoken", "x_storage_tokens", "x_norm_patchtokens")


def vits(m):
    for name, options in {
        "vit_a_mlp": {"ffn_layer": "mlp", "ffn_ratio": 4, "norm_layer": "layernormbf16"},
        "vit_b_swiglu": {"ffn_layer": "swiglu", "ffn_ratio": 3, "norm_layer": "layernorm", "untie_cls_and_patch_norms": True},
        "vit_c_swiglu64_7blike": {
            "ffn_layer": "swiglu64",
            "ffn_ratio": 3,
            "norm_layer": "layernormbf16",
            "qkv_bias": False,
            "untie_global_and_local_cls_norm": True,
        },
        "vit_d_untied_both": {
            "ffn_layer": "mlp",
            "ffn_ratio": 2,
            "norm_layer": "rmsnorm",
            "untie_cls_and_patch_norms": True,
            "untie_global_and_local_cls_norm": True,
        },
    }.items():
        vit(m.fixture(name), options)


def vit(m, options):
    heads_, patch = m.size(2, 3), m.size(3, 4)
    c = {
        "patch_size": patch,
        "embed_dim": heads_ * 8,
        "num_heads": heads_,
        "depth": m.size(1, 2),
        "n_storage_tokens": m.size(2, 4),
        "pos_embed_rope_base": 100.0,
        "pos_embed_rope_normalize_coords": "separate",
        "drop_path_rate": 0.0,
        "layerscale_init": 0.3,
        "qkv_bias": True,
        "mask_k_bias": True,
        "untie_cls_and_patch_norms": False,
        "untie_global_and_local_cls_norm": False,
        **options,
    }
    weights = vit_weights(m, c)
    b, grid = 2, 4
    images = {
        "in.global": m.normal(b, 3, grid * patch, grid * patch),
        "in.local": m.normal(b + 1, 3, 2 * patch, 2 * patch),
        # One row of pixels is no whole patch and is left out.
        "in.rect": m.normal(1, 3, 5 * patch + 1, 3 * patch),
    }
    mask = m.masks(b, grid * grid)
    leaves = {**learning(named("w.", parameters(weights))), **learning({k: images[k] for k in ("in.global", "in.local")})}
    w = {**weights, **f.under(leaves, "w.")}
    t = {**named("w.", w), **images, "in.masks": mask}

    def put(case, output, *names):
        for name in names or OUTPUTS:
            t[f"{case}.{name}"] = output[name]

    plain = f.vit(w, c, images["in.global"])
    put("eval_nomask", plain)
    t["eval_head"] = plain["x_norm_clstoken"]
    put("eval_masked", f.vit(w, c, images["in.global"], mask), *OUTPUTS, "x_prenorm")
    put("eval_list0", f.vit(w, c, images["in.global"], mask), "x_norm_clstoken")
    put("eval_list1", f.vit(w, c, images["in.local"]))
    put("eval_rect", f.vit(w, c, images["in.rect"]))
    taken = list(range(c["depth"]))
    for i, out in enumerate(f.vit(w, c, images["in.rect"], taken=taken)):
        t[f"inter{i}.cls"], t[f"inter{i}.extra"] = out["x_norm_clstoken"], out["x_storage_tokens"]
        t[f"inter{i}.patches_bchw"] = out["x_norm_patchtokens"].reshape(1, 5, 3, -1).permute(0, 3, 1, 2)
        t["inter_last_nonorm.patches"] = out["x_prenorm"][:, 1 + c["n_storage_tokens"] :]
    loss = 0
    for i, (name, crops, given) in enumerate((("in.global", "global", mask), ("in.local", "local", None))):
        out = f.vit(w, c, images[name], given, crops)
        put(f"train_list{i}", out)
        for output in OUTPUTS:
            t[f"coef.list{i}.{output}"] = m.normal(*out[output].shape, scale=0.5)
            loss = loss + (out[output] * t[f"coef.list{i}.{output}"]).sum()
    t["grad.loss"] = loss
    t.update(named("grad.", gradients(loss, leaves)))
    # Gradients are sums over all patches of all crops.
    m.write(t, 3e-5, config=c, meaning={"inter*": f"blocks n={taken} on in.rect, normed"})


def convnext(m):
    m.fixture("hf_convnext")
    depths, dims = [1, 1, m.size(1, 2), 1], [m.size(4, 6), 8, m.size(10, 12), 16]
    w, into = {**named("norm.", norm_weights(m, dims[3]))}, 3
    for stage, dim in enumerate(dims):
        reduce, normed = ("0.", "1.") if stage == 0 else ("1.", "0.")
        side = 4 if stage == 0 else 2
        down = f"downsample_layers.{stage}."
        w[down + reduce + "weight"] = m.normal(dim, into, side, side, scale=(into * side * side) ** -0.5)
        w[down + reduce + "bias"] = m.normal(dim, scale=0.1)
        w.update(named(down + normed, norm_weights(m, dim if stage == 0 else into)))
        for i in range(depths[stage]):
            p = f"stages.{stage}.{i}."
            w[p + "dwconv.weight"], w[p + "dwconv.bias"] = m.normal(dim, 1, 7, 7, scale=0.2), m.normal(dim, scale=0.1)
            w.update(named(p + "norm.", norm_weights(m, dim)))
            w.update(named(p + "pwconv1.", linear_weights(m, 4 * dim, dim)))
            w.update(named(p + "pwconv2.", linear_weights(m, dim, 4 * dim)))
            w[p + "gamma"] = m.normal(dim, scale=0.3)
        into = dim
    leaves = learning(w)
    t = {"square.pixel_values": m.normal(1, 3, 64, 64), "rect.pixel_values": m.normal(1, 3, 64, 32)}
    for name in ("square", "rect"):
        maps = f.convnext(leaves, depths, t[name + ".pixel_values"])
        cls, tokens = f.convnext_output(leaves, maps[-1])
        t[name + ".last_hidden_state"], t[name + ".pooler_output"] = torch.cat([cls[:, None], tokens], 1), cls
        if name == "square":
            coef = m.normal(*cls.shape)
            loss = (cls * coef).sum()
            t["grad.coef"], t["grad.loss"] = coef, loss
            t.update(named("grad.official.", gradients(loss, leaves)))
            continue
        for stage, x in enumerate(maps):
            # Only the last stage has a norm, which follows pooling and resizing.
            last = stage == len(maps) - 1
            t[f"rect.stage{stage}.cls"] = cls if last else x.mean((1, 2))
            small = f.resized(x, 64 // 16, 32 // 16, "bilinear", True)
            small = f.layer_norm(small, leaves["norm.weight"], leaves["norm.bias"], 1e-6) if last else small
            t[f"rect.stage{stage}.map_resized_to_p16"] = small.permute(0, 3, 1, 2)
    there = {hugging_face(name): value for name, value in leaves.items()}
    save_file({k: v.detach().float().contiguous() for k, v in sorted(there.items())}, weights_file(m))
    names = {"names_in_model.safetensors": sorted(there), "official_state_dict_names": sorted([*w, "norms.3.weight", "norms.3.bias"])}
    m.write(t, 3e-5, "hf_convnext/expected", values=names)
    config = {"model_type": "dinov3_convnext", "depths": depths, "hidden_sizes": dims, "drop_path_rate": 0.0}
    config.update(layer_scale_init_value=0.1, layer_norm_eps=1e-6)
    (m.folder / "hf_convnext" / "config.json").write_text(json.dumps(config, indent=1) + "\n")


def weights_file(m):
    (m.folder / "hf_convnext").mkdir(parents=True, exist_ok=True)
    return str(m.folder / "hf_convnext" / "model.safetensors")


def hugging_face(name):
    """The name under which Hugging Face stores a ConvNeXt's tensor."""
    part = name.split(".")
    if part[0] == "norm":
        return "layer_norm." + part[1]
    if part[0] == "downsample_layers":
        return f"stages.{part[1]}.downsample_layers.{part[2]}.{part[3]}"
    layer = {"dwconv": "depthwise_conv", "norm": "layer_norm", "pwconv1": "pointwise_conv1", "pwconv2": "pointwise_conv2"}
    rest = ".".join([layer.get(part[3], part[3]), *part[4:]])
    return f"stages.{part[1]}.layers.{part[2]}.{rest}"


# ---- text alignment -------------------------------------------------------------------------------------------


def dinotxt(m, variant):
    m.fixture("dinotxt_variant" if variant else "dinotxt")
    dim, heads_, width, text_heads = 16, 2, 16, 2
    embed = 2 * dim if not variant else m.size(20, 24)
    vision = {"embed_dim": dim, "depth": 2, "heads": heads_, "ffn": "swiglu", "ffn_ratio": 2, "patch": 4, "storage": 2, "eps": 1e-5}
    text = {"context_length": 12, "vocab_size": m.size(30, 40), "dim": width, "heads": text_heads, "layers": 2}
    text.update(ffn_ratio=2.0, causal=not variant)
    blocks = 1 if variant else 2
    config = {
        "embed_dim": embed,
        "vision_model_num_head_blocks": blocks,
        "vision_model_patch_tokens_pooler_type": "max" if variant else "mean",
        "vision_model_patch_token_layer": 2 if variant else 1,
        "text_model_num_head_blocks": 1 if variant else 0,
        "text_model_tokens_pooler_type": "first" if variant else "argmax",
    }
    c = {"patch_size": 4, "embed_dim": dim, "num_heads": heads_, "depth": 2, "n_storage_tokens": 2, "ffn_layer": "swiglu"}
    c.update(ffn_ratio=2, norm_layer="layernormbf16", qkv_bias=True, mask_k_bias=True, pos_embed_rope_base=100.0)
    c.update(untie_cls_and_patch_norms=False, untie_global_and_local_cls_norm=False)
    backbone = vit_weights(m, c)
    w = {"logit_scale": m.normal(1, scale=0.1, mean=2.5), **vision_head_weights(m, dim, blocks, embed)}
    w.update(text_weights(m, text, config["text_model_num_head_blocks"], embed))
    count, length = m.size(4, 5), 10
    t = {"in.images": m.normal(count, 3, 24, 24), "in.token_ids": token_ids(m, count, length, text["vocab_size"])}
    leaves = learning(w)
    t.update(named("w.", leaves))
    t.update(named("w.visual_model.backbone.", backbone))

    out = f.vit(backbone, c, t["in.images"], taken=[0, 1])
    first, last = out[2 - config["vision_model_patch_token_layer"]], out[1]
    tokens = torch.cat([last["x_norm_clstoken"][:, None], first["x_storage_tokens"], first["x_norm_patchtokens"]], 1)
    x = tokens
    head = f.under(leaves, "visual_model.head.")
    for i in range(blocks):
        x = f.block(f.under(head, f"blocks.{i}."), x, "layernormbf16", heads_)
    x = f.norm(head, "ln_final", x, "layernormbf16")
    refined = x[:, 1 + c["n_storage_tokens"] :]
    if "linear_projection.weight" in head:
        x = f.linear(x, head["linear_projection.weight"])
    pooled = x[:, 1 + c["n_storage_tokens"] :]
    pooled = pooled.max(1).values if variant else pooled.mean(1)
    image = torch.cat([x[:, 0], pooled], -1)
    words = text_tower(leaves, text, t["in.token_ids"], variant)
    normed = (f.unit(image), f.unit(words))
    scale = torch.exp(leaves["logit_scale"])
    loss = f.contrastive_loss(*normed, scale)
    t["out.image_features_raw"], t["out.text_features_raw"] = image, words
    t["out.image_features_normed"], t["out.text_features_normed"] = normed
    t["out.logit_scale_exp"], t["clip.loss"] = scale, loss
    found = gradients(loss, {"image_features": normed[0], "text_features": normed[1], "logit_scale_exp": scale})
    t.update(named("clip.grad_", found))
    t.update(named("end_to_end_grad.", gradients(loss, leaves)))
    if not variant:
        t["out.backbone_patch_tokens"] = first["x_norm_patchtokens"][:2]
        t["out.patch_tokens"] = refined[:2]
        t["gram.patch_tokens"], t["gram.backbone_patch_tokens"] = m.normal(2, 9, 6), m.normal(2, 9, 8)
        t["gram.loss"] = f.gram_loss(t["gram.patch_tokens"], t["gram.backbone_patch_tokens"])
    m.write(t, 2e-5, config=config, text_backbone=text, vision_backbone=vision, values={"official_forward_agrees": loss.item()})


def vision_head_weights(m, dim, blocks, embed):
    w = named("visual_model.head.ln_final.", norm_weights(m, dim))
    for i in range(blocks):
        p = f"visual_model.head.blocks.{i}."
        w.update(named(p, block_weights(m, dim, "swiglu64", 4, "layernormbf16", qkv_bias=False)))
    if 2 * dim != embed:
        w["visual_model.head.linear_projection.weight"] = m.normal(embed // 2, dim, scale=dim**-0.5)
    return w


def text_weights(m, text, head_blocks, embed):
    width = text["dim"]
    w = {
        "text_model.backbone.token_embedding.weight": m.normal(text["vocab_size"], width),
        "text_model.backbone.positional_embedding": m.normal(text["context_length"], width),
        **named("text_model.backbone.ln_final.", norm_weights(m, width)),
        "text_model.head.linear_projection.weight": m.normal(embed, width, scale=width**-0.5),
    }
    for place, count, ratio in (("backbone", text["layers"], text["ffn_ratio"]), ("head", head_blocks, 4)):
        for i in range(count):
            weights = block_weights(m, width, "mlp", ratio, "layernormbf16", qkv_bias=False, scale=0)
            w.update({f"text_model.{place}.blocks.{i}.{official_text(k)}": v for k, v in weights.items()})
    if head_blocks:
        w.update(named("text_model.head.ln_final.", norm_weights(m, width)))
    return w


TEXT_NAMES = (("norm1", "attention_norm"), ("norm2", "ffn_norm"), ("attn.", "attention."), ("mlp.", "feed_forward."))


def official_text(name):
    for ours, theirs in TEXT_NAMES:
        name = name.replace(ours, theirs)
    return name


def ours_text(name):
    for ours, theirs in TEXT_NAMES:
        name = name.replace(theirs, ours)
    return name


def token_ids(m, count, length, vocabulary):
    """Start, words, end (the largest id), zeros."""
    ids = torch.zeros(count, length, dtype=torch.int64)
    for row in ids:
        words = m.random.randint(2, length - 2)
        row[0], row[words + 1] = vocabulary - 2, vocabulary - 1
        row[1 : words + 1] = torch.from_numpy(m.random.randint(1, vocabulary - 2, words))
    return ids


def text_tower(leaves, text, ids, variant):
    w = {ours_text(k): v for k, v in f.under(leaves, "text_model.").items()}
    x = w["backbone.token_embedding.weight"][ids] + w["backbone.positional_embedding"][: ids.shape[1]]
    for i in range(text["layers"]):
        x = f.block(f.under(w, f"backbone.blocks.{i}."), x, "layernormbf16", text["heads"], causal=text["causal"])
    x = f.norm(w, "backbone.ln_final", x, "layernormbf16")
    if variant:
        x = f.block(f.under(w, "head.blocks.0."), x, "layernormbf16", text["heads"], causal=True)
        x = f.norm(w, "head.ln_final", x, "layernormbf16")
    x = f.linear(x, w["head.linear_projection.weight"])
    chosen = torch.zeros(len(ids), dtype=torch.int64) if variant else ids.argmax(-1)
    return x[torch.arange(len(ids)), chosen]


# ---- training -------------------------------------------------------------------------------------------------


def train_pretrain(m):
    """Some steps of self-distillation: losses, norms, rates, and the weights after them."""
    m.fixture("train_pretrain")
    b, local, epoch, epochs = m.size(3, 4), m.size(2, 3), 2, 5
    dim = m.size(16, 24)
    backbone = {
        "patch_size": 4,
        "ffn_layer": "swiglu",
        "ffn_ratio": 2,
        "norm_layer": "layernormbf16",
        "n_storage_tokens": 2,
        "layerscale": 0.1,
        "drop_path_rate": 0.0,
        "qkv_bias": True,
        "mask_k_bias": True,
        "untie_cls_and_patch_norms": False,
        "untie_global_and_local_cls_norm": True,
        "pos_embed_rope_base": 100.0,
    }
    arch = {"embed_dim": dim, "depth": 2, "num_heads": 2, "ffn_ratio": 2}
    heads_ = {"dino": m.size(24, 32), "ibot": m.size(20, 28)}
    head = {"head_bottleneck_dim": 8, "head_nlayers": 3, "head_hidden_dim": 16}
    schedules = {
        "lr": {"start": 2e-4, "peak": 1e-3, "end": 5e-4, "warmup_epochs": 2, "freeze_last_layer_epochs": 1},
        "weight_decay": {"start": 0.04, "peak": 0.2, "end": 0.2, "warmup_epochs": 1},
        "momentum": {"start": 0.9, "peak": 0.9, "end": 1.0, "warmup_epochs": 0},
        "teacher_temp": {"start": 0.04, "peak": 0.07, "end": 0.07, "warmup_epochs": 2},
    }
    config = {
        "dino": {"loss_weight": 1.0, "global_ignore_diagonal": True, "koleo_loss_weight": 0.1, **head},
        "ibot": {"loss_weight": 1.0, "mask_sample_probability": 0.5, "mask_ratio_min_max": [0.1, 0.5], **head},
        "gram": {"use_loss": False},
        "student": backbone,
        "optim": {"epochs": epochs, "clip_grad": 3.0, "layerwise_decay": 0.9, "patch_embed_lr_mult": 0.2},
        "crops": {
            "global_crops_size": 16,
            "local_crops_size": 8,
            "gram_teacher_crops_size": None,
            "global_crops_scale": [0.32, 1.0],
            "local_crops_number": local,
            "local_crops_scale": [0.05, 0.32],
            "horizontal_flips": True,
            "gram_teacher_no_distortions": False,
            "rgb_mean": [0.485, 0.456, 0.406],
            "rgb_std": [0.229, 0.224, 0.225],
        },
        "schedules": schedules,
        "train": {"batch_size_per_gpu": b, "OFFICIAL_EPOCH_LENGTH": epoch},
    }
    config["dino"].update(koleo_loss_distributed=False, reweight_dino_local_loss=False)
    config["dino"]["head_n_prototypes"], config["ibot"]["head_n_prototypes"] = heads_["dino"], heads_["ibot"]
    config["optim"].update(adamw_beta1=0.9, adamw_beta2=0.99)
    c = {**backbone, **arch}

    modules = {"backbone": vit_weights(m, c)}
    for name, k in heads_.items():
        modules[name + "_head"] = head_weights(
            m, {"in_dim": dim, "out_dim": k, "nlayers": 3, "hidden_dim": 16, "bottleneck_dim": 8}
        )
    init = {f"{module}.{k}": v for module, w in modules.items() for k, v in w.items()}
    batches = [training_batch(m, b, local) for _ in range(2)]
    t = named("init.", init)
    for i, batch in enumerate(batches):
        t.update(named(f"batch{i}.", batch))

    student = {k: v.clone() for k, v in parameters(init).items()}
    buffers = {k: v for k, v in init.items() if k.endswith(BUFFERS)}
    teacher = {k: v.clone() for k, v in student.items()}
    moments = {k: (torch.zeros_like(v), torch.zeros_like(v)) for k, v in student.items()}
    steps = []
    for it in range(5):
        rates = rates_at(schedules, epoch, epochs, it)
        leaves = {k: v.detach().requires_grad_() for k, v in student.items()}
        total, losses = self_distillation(
            {**leaves, **buffers}, {**teacher, **buffers}, c, batches[it % 2], b, local, rates["teacher_temp"], config
        )
        found = gradients(total, leaves)
        norms = clip(found, config["optim"]["clip_grad"], modules)
        adamw(student, found, moments, it + 1, rates, config["optim"], arch["depth"])
        for k in teacher:
            teacher[k] = rates["momentum"] * teacher[k] + (1 - rates["momentum"]) * student[k]
        steps.append(
            {
                "iteration": it,
                "batch": it % 2,
                **rates,
                "total_loss": total.item(),
                **{k: v.item() for k, v in losses.items()},
                "dino_local_loss_weight": 1.0,
                **{f"{k}_grad_norm_before_clip": v.item() for k, v in norms.items()},
            }
        )
    t.update(named("final_student.", student))
    t.update(named("final_teacher.", teacher))
    tolerance = {"losses_abs": 2e-5, "grad_norm_rel": 1e-4, "final_weights_abs": 2e-5}
    m.write(t, 2e-5, config=config, arch=arch, tolerance=tolerance, values={"steps": steps})


def training_batch(m, b, local):
    masks = m.masks(2 * b, 16)
    index = masks.flatten().nonzero().flatten()
    return {
        "collated_global_crops": m.normal(2 * b, 3, 16, 16),
        "collated_local_crops": m.normal(local * b, 3, 8, 8),
        "collated_masks": masks,
        "mask_indices_list": index,
        "masks_weight": (1 / masks.sum(1)[index // 16].float()).double(),
    }


def rates_at(schedules, epoch, epochs, it):
    """A cosine fills what the warm-up leaves of the run."""
    rates = {}
    for name, s in schedules.items():
        warmup = s["warmup_epochs"] * epoch
        rates[name] = f.schedule(s["start"], s["peak"], s["end"], warmup, epochs * epoch - warmup, it)
    frozen = it < schedules["lr"]["freeze_last_layer_epochs"] * epoch
    rates["last_layer_lr"] = 0.0 if frozen else rates["lr"]
    return rates


def self_distillation(student, teacher, c, batch, b, local, temp, config):
    globals_, masks, index = batch["collated_global_crops"], batch["collated_masks"], batch["mask_indices_list"]
    with torch.no_grad():
        seen = f.vit(f.under(teacher, "backbone."), c, globals_)
        cls = f.head(f.under(teacher, "dino_head."), seen["x_norm_clstoken"], 3)
        dino_targets = f.sinkhorn(cls, temp).reshape(2, b, -1)
        patches = seen["x_norm_patchtokens"].flatten(0, 1)[index]
        ibot_targets = f.sinkhorn(f.head(f.under(teacher, "ibot_head."), patches, 3), temp)
    body, dino, ibot = (f.under(student, p) for p in ("backbone.", "dino_head.", "ibot_head."))
    large = f.vit(body, c, globals_, masks, "global")
    small = f.vit(body, c, batch["collated_local_crops"], None, "local")
    masked = f.head(ibot, large["x_norm_patchtokens"].flatten(0, 1)[index], 3)
    cls = large["x_norm_clstoken"]
    losses = {
        "dino_local_crops_loss": f.dino_loss(f.head(dino, small["x_norm_clstoken"], 3).reshape(local, b, -1), dino_targets),
        "dino_global_crops_loss": f.dino_loss(f.head(dino, cls, 3).reshape(2, b, -1), dino_targets, ignore_diagonal=True),
        "koleo_loss": (f.koleo_loss(cls[:b]) + f.koleo_loss(cls[b:])) / 2,
        "ibot_loss": f.ibot_loss(masked, ibot_targets, batch["masks_weight"], 2 * b),
    }
    # Pairs of crops: two global ones without the diagonal, and each local with both global ones.
    pairs = 2 + 2 * local
    total = (
        config["dino"]["loss_weight"] * (2 * local / pairs) * losses["dino_local_crops_loss"]
        + config["dino"]["loss_weight"] * (2 / pairs) * losses["dino_global_crops_loss"]
        + 2 * config["dino"]["koleo_loss_weight"] * losses["koleo_loss"]
        + config["ibot"]["loss_weight"] * losses["ibot_loss"]
    )
    return total, losses


def clip(found, limit, modules):
    """Each sub-module to its own norm, in place; the norms before."""
    norms = {}
    for module in modules:
        names = [k for k in found if k.startswith(module + ".")]
        norms[module] = torch.sqrt(sum((found[k] ** 2).sum() for k in names))
        factor = min(limit / (norms[module].item() + 1e-6), 1.0)
        for k in names:
            found[k] = found[k] * factor
    return norms


def multipliers(name, depth, optim):
    """Of the learning rate and of the weight decay; names start with the sub-module's."""
    module, rest = name.split(".", 1)
    layer = depth + 1
    if module == "backbone":
        if rest.startswith("patch_embed.") or rest in ("cls_token", "storage_tokens", "mask_token"):
            layer = 0
        elif rest.startswith("blocks."):
            layer = int(rest.split(".")[1]) + 1
    rate = optim["layerwise_decay"] ** (depth + 1 - layer)
    if rest.startswith("patch_embed."):
        rate *= optim["patch_embed_lr_mult"]
    spared = rest.endswith("bias") or any(part in rest for part in ("norm", "gamma"))
    return rate, 0.0 if spared else 1.0


def adamw(student, found, moments, count, rates, optim, depth):
    """Decoupled decay, then Adam with bias correction."""
    b1, b2 = optim["adamw_beta1"], optim["adamw_beta2"]
    for name, p in student.items():
        rate, decay = multipliers(name, depth, optim)
        lr = rate * rates["last_layer_lr" if "last_layer" in name else "lr"]
        g, (first, second) = found[name], moments[name]
        first.mul_(b1).add_(g * (1 - b1))
        second.mul_(b2).add_(g**2 * (1 - b2))
        p = p * (1 - lr * decay * rates["weight_decay"])
        step = (first / (1 - b1**count)) / (torch.sqrt(second / (1 - b2**count)) + 1e-8)
        student[name] = (p - lr * step).detach()


# ---- evaluations ----------------------------------------------------------------------------------------------


def knn(m):
    m.fixture("knn")
    classes, d, train, test = m.size(4, 5), m.size(8, 12), m.size(50, 60), m.size(15, 20)
    centres = m.normal(classes, d)
    labels = {"train": torch.from_numpy(m.random.randint(0, classes, train)), "test": torch.from_numpy(m.random.randint(0, classes, test))}
    features = {k: centres[v] + m.normal(len(v), d) for k, v in labels.items()}
    features = {k: v.float().double() for k, v in features.items()}
    ks, temperature = [3, 5, 10], 0.07
    bank = f.unit(features["train"])

    def votes(queries, skip):
        similar, nearest = (queries @ bank.T).topk(ks[-1] + skip, -1)
        weight = torch.softmax(similar[:, skip:] / temperature, -1)
        one_hot = torch.eye(classes, dtype=F64)[labels["train"][nearest[:, skip:]]]
        return {k: (weight[:, :k, None] * one_hot[:, :k]).sum(1) for k in ks}

    t, values = {}, {}
    for k in labels:
        t[f"in.{k}_features"], t[f"in.{k}_labels"] = features[k], labels[k]
    for k, vote in votes(f.unit(features["test"]), 0).items():
        predicted = vote.argmax(-1)
        right = (predicted == labels["test"]).double()
        per_class = [right[labels["test"] == c].mean().item() for c in range(classes) if (labels["test"] == c).any()]
        t[f"out.probas_k{k}"], t[f"out.pred_k{k}"] = vote, predicted
        values[f"accuracy_k{k}"] = {
            "mean_accuracy": {"top-1": right.mean().item()},
            "mean_per_class_accuracy": {"top-1": sum(per_class) / len(per_class)},
        }
    for k, vote in votes(bank[: test // 2], 1).items():
        t[f"out.skip_first_probas_k{k}"] = vote
    m.write(t, 1e-5, config={"ks": ks, "T": temperature, "num_classes": classes}, values=values)


ALL = (
    dino_loss, ibot_loss, koleo_loss, koleo_groups, gram_loss, rope, heads, drop_path, vits, convnext,
    lambda m: dinotxt(m, False), lambda m: dinotxt(m, True), train_pretrain, knn,
)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.folder.mkdir(parents=True, exist_ok=True)
    (given.folder / "PARTIAL").write_text(PARTIAL)
    maker = Maker(given.folder, given.seed)
    for fixture in ALL:
        fixture(maker)


if __name__ == "__main__":
    main()
