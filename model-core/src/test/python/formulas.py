"""The mathematics of DINOv3 in plain float64, one function a formula, written from the papers.

Nothing here is meant to be fast. Shapes: B images, N patches, T tokens, D width, K prototypes, R rows.
Sources: DINOv3 (arXiv 2508.10104), DINOv2 (2304.07193), iBOT (2111.07832), DINO (2104.14294), KoLeo (1806.03198),
RoFormer (2104.09864), GLU variants (2002.05202), ConvNeXt (2201.03545), CLIP (2103.00020), dino.txt (2412.16334).
"""

import math

import torch

F64 = torch.float64


# ---- elementary layers ----------------------------------------------------------------------------------------


def linear(x, weight, bias=None):
    y = x @ weight.T
    return y if bias is None else y + bias


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def silu(x):
    return x / (1 + torch.exp(-x))


def layer_norm(x, weight, bias, eps):
    centred = x - x.mean(-1, keepdim=True)
    return centred / torch.sqrt((centred**2).mean(-1, keepdim=True) + eps) * weight + bias


def rms_norm(x, weight, eps):
    return x / torch.sqrt((x**2).mean(-1, keepdim=True) + eps) * weight


def unit(x, eps=1e-12):
    return x / torch.clamp(torch.sqrt((x**2).sum(-1, keepdim=True)), min=eps)


def norm(w, name, x, kind):
    """kind: layernorm (eps 1e-6), layernormbf16 (1e-5) or rmsnorm (1e-5)."""
    if kind == "rmsnorm":
        return rms_norm(x, w[name + ".weight"], 1e-5)
    return layer_norm(x, w[name + ".weight"], w[name + ".bias"], 1e-6 if kind == "layernorm" else 1e-5)


def patches(images, weight, bias):
    """Images cut into squares that do not overlap, each mapped linearly: (B,3,H,W) to (B, H/p, W/p, D)."""
    p = weight.shape[-1]
    b, c, h, w = images.shape
    h, w = h // p, w // p
    cut = images[:, :, : h * p, : w * p].reshape(b, c, h, p, w, p).permute(0, 2, 4, 1, 3, 5)
    return linear(cut.reshape(b, h, w, c * p * p), weight.reshape(weight.shape[0], -1), bias)


# ---- rotary embedding -----------------------------------------------------------------------------------------


def periods(base, head_dim):
    return torch.tensor([base ** (2 * i / (head_dim / 2)) for i in range(head_dim // 4)], dtype=F64)


def periods_between(low, high, head_dim):
    n = head_dim // 4
    return torch.tensor([low * (high / low) ** (i / (n - 1)) for i in range(n)], dtype=F64)


def rope(height, width, periods_Q, extent="separate", shift=(0, 0), jitter=(1, 1), rescale=1):
    """Angles of the patch centres: sin and cos (height*width, head_dim), the second half as the first."""
    over = {"separate": (height, width), "max": (max(height, width),) * 2, "min": (min(height, width),) * 2}[extent]
    rows = []
    for i in range(height):
        for j in range(width):
            at = [2 * (i + 0.5) / over[0] - 1, 2 * (j + 0.5) / over[1] - 1]
            at = [(c + s) * m * rescale for c, s, m in zip(at, shift, jitter)]
            rows.append(torch.cat([2 * math.pi * c / periods_Q for c in at]))
    angles = torch.stack(rows)
    angles = torch.cat([angles, angles], -1)
    return torch.sin(angles), torch.cos(angles)


def rotated(x, table, prefix):
    """Pairs (i, i + head_dim/2) of every token after the prefix turned by their angle."""
    sin, cos = table
    head, body = x[..., :prefix, :], x[..., prefix:, :]
    first, second = body.chunk(2, -1)
    return torch.cat([head, body * cos + torch.cat([-second, first], -1) * sin], -2)


# ---- transformer ----------------------------------------------------------------------------------------------


def attention(w, x, heads, table=None, prefix=0, causal=False):
    b, t, d = x.shape
    bias = w.get("qkv.bias")
    if bias is not None and "qkv.bias_mask" in w:
        bias = bias * w["qkv.bias_mask"]
    qkv = linear(x, w["qkv.weight"], bias).reshape(b, t, 3, heads, d // heads).permute(2, 0, 3, 1, 4)
    q, k, v = qkv[0], qkv[1], qkv[2]
    if table is not None:
        q, k = rotated(q, table, prefix), rotated(k, table, prefix)
    scores = q @ k.transpose(-1, -2) / math.sqrt(d // heads)
    if causal:
        later = torch.ones(t, t).triu(1).bool()
        scores = scores.masked_fill(later, -math.inf)
    mixed = torch.softmax(scores, -1) @ v
    return linear(mixed.transpose(1, 2).reshape(b, t, d), w["proj.weight"], w["proj.bias"])


def feed_forward(w, x):
    if "w1.weight" in w:
        gate = silu(linear(x, w["w1.weight"], w["w1.bias"]))
        return linear(gate * linear(x, w["w2.weight"], w["w2.bias"]), w["w3.weight"], w["w3.bias"])
    return linear(gelu(linear(x, w["fc1.weight"], w["fc1.bias"])), w["fc2.weight"], w["fc2.bias"])


def swiglu_hidden(dim, ratio, align):
    return -(-int(int(dim * ratio) * 2 / 3) // align) * align


def under(w, prefix):
    return {k[len(prefix) :]: v for k, v in w.items() if k.startswith(prefix)}


def branches(w, kind, heads, table, prefix, causal):
    """The two residual branches of a block, layer scale included."""

    def attn(x):
        y = attention(under(w, "attn."), norm(w, "norm1", x, kind), heads, table, prefix, causal)
        return y * w.get("ls1.gamma", 1)

    def ffn(x):
        return feed_forward(under(w, "mlp."), norm(w, "norm2", x, kind)) * w.get("ls2.gamma", 1)

    return attn, ffn


def block(w, x, kind, heads, table=None, prefix=0, causal=False):
    for branch in branches(w, kind, heads, table, prefix, causal):
        x = x + branch(x)
    return x


def kept(samples, drop):
    return max(int(samples * (1 - drop)), 1)


def block_of_some(w, x, kind, heads, table, prefix, kept_by_branch):
    """Stochastic depth: a branch is added for the kept samples only, times samples over kept."""
    for branch, keep in zip(branches(w, kind, heads, table, prefix, False), kept_by_branch):
        share = torch.zeros(x.shape[0], dtype=F64)
        share[keep] = x.shape[0] / len(keep)
        x = x + branch(x) * share[:, None, None]
    return x


def vit(w, config, images, mask=None, crops="eval", taken=None):
    """Tokens by name; with `taken`, those after each of the named blocks.

    crops: "eval", or "global" / "local" for a training forward of that list.
    """
    x_BHWD = patches(images, w["patch_embed.proj.weight"], w["patch_embed.proj.bias"])
    b, h, wd, d = x_BHWD.shape
    x = x_BHWD.reshape(b, h * wd, d)
    if mask is not None:
        x = torch.where(mask.bool()[:, :, None], w["mask_token"].reshape(1, 1, d), x)
    storage = config["n_storage_tokens"]
    x = torch.cat([w["cls_token"].expand(b, 1, d), w["storage_tokens"].expand(b, storage, d), x], 1)
    heads = config["num_heads"]
    table = rope(h, wd, w["rope_embed.periods"])
    after = []
    for i in range(config["depth"]):
        x = block(under(w, f"blocks.{i}."), x, config["norm_layer"], heads, table, 1 + storage)
        after.append(x)
    if taken is not None:
        return [vit_output(w, config, after[i], crops) for i in taken]
    return vit_output(w, config, x, crops)


def vit_output(w, config, x, crops):
    kind, prefix = config["norm_layer"], 1 + config["n_storage_tokens"]
    first = "norm"
    if config["untie_cls_and_patch_norms"]:
        first = "cls_norm"
    if config["untie_global_and_local_cls_norm"] and crops == "local":
        first = "local_cls_norm"
    head = norm(w, first, x[:, :prefix], kind)
    return {
        "x_norm_clstoken": head[:, 0],
        "x_storage_tokens": head[:, 1:],
        "x_norm_patchtokens": norm(w, "norm", x[:, prefix:], kind),
        "x_prenorm": x,
    }


# ---- ConvNeXt -------------------------------------------------------------------------------------------------


def channels_last(x):
    return x.permute(0, 2, 3, 1)


def convnext(w, depths, images, eps=1e-6):
    """Maps (B,H,W,D) after each stage; names are those of the official state dict."""
    x = images
    maps = []
    for stage, depth in enumerate(depths):
        down = under(w, f"downsample_layers.{stage}.")
        # The stem reduces and normalises; later stages normalise and reduce.
        if stage == 0:
            x = layer_norm(patches(x, down["0.weight"], down["0.bias"]), down["1.weight"], down["1.bias"], eps)
        else:
            x = layer_norm(x, down["0.weight"], down["0.bias"], eps).permute(0, 3, 1, 2)
            x = patches(x, down["1.weight"], down["1.bias"])
        for i in range(depth):
            p = under(w, f"stages.{stage}.{i}.")
            y = depthwise(x, p["dwconv.weight"], p["dwconv.bias"])
            y = layer_norm(y, p["norm.weight"], p["norm.bias"], eps)
            y = gelu(linear(y, p["pwconv1.weight"], p["pwconv1.bias"]))
            x = x + p["gamma"] * linear(y, p["pwconv2.weight"], p["pwconv2.bias"])
        maps.append(x)
    return maps


def depthwise(x_BHWD, weight, bias):
    """Each channel with its own k x k filter, zeros around."""
    k = weight.shape[-1]
    r = k // 2
    b, h, w, d = x_BHWD.shape
    padded = torch.zeros(b, h + 2 * r, w + 2 * r, d, dtype=F64)
    padded[:, r : r + h, r : r + w] = x_BHWD
    y = bias.expand(b, h, w, d)
    for i in range(k):
        for j in range(k):
            y = y + padded[:, i : i + h, j : j + w] * weight[:, 0, i, j]
    return y


def convnext_output(w, last_BHWD, eps=1e-6):
    b, h, wd, d = last_BHWD.shape
    flat = last_BHWD.reshape(b, h * wd, d)
    return (
        layer_norm(flat.mean(1), w["norm.weight"], w["norm.bias"], eps),
        layer_norm(flat, w["norm.weight"], w["norm.bias"], eps),
    )


# ---- resizing -------------------------------------------------------------------------------------------------


def cubic(t, a):
    """Keys' cubic convolution kernel."""
    t = abs(t)
    if t < 1:
        return (a + 2) * t**3 - (a + 3) * t**2 + 1
    return a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a if t < 2 else 0.0


def triangle(t, _a):
    return max(0.0, 1 - abs(t))


def resampling(source, target, kernel, radius, a, antialias):
    """Matrix (target, source) of weights; pixel centres at half integers.

    Without antialias a tap outside repeats the border; with it the kernel grows with the step and is cut at the border.
    """
    m = torch.zeros(target, source, dtype=F64)
    step = source / target
    for i in range(target):
        centre = (i + 0.5) * step
        if antialias:
            scale = max(step, 1.0)
            low = max(int(centre - radius * scale + 0.5), 0)
            high = min(int(centre + radius * scale + 0.5), source)
            taps = {j: kernel((j - centre + 0.5) / scale, a) for j in range(low, high)}
            total = sum(taps.values())
            for j, t in taps.items():
                m[i, j] += t / total
        else:
            first = math.floor(centre - 0.5)
            for j in range(first - radius + 1, first + radius + 1):
                m[i, min(max(j, 0), source - 1)] += kernel(centre - 0.5 - j, a)
    return m


def resized(x_BHWD, height, width, method, antialias):
    """bicubic has a = -0.75 without antialias and -0.5 with it, as in image libraries; bilinear is the triangle."""
    kernel, radius = (cubic, 2) if method == "bicubic" else (triangle, 1)
    a = -0.5 if antialias else -0.75
    rows = resampling(x_BHWD.shape[1], height, kernel, radius, a, antialias)
    columns = resampling(x_BHWD.shape[2], width, kernel, radius, a, antialias)
    return torch.einsum("ih,jw,bhwd->bijd", rows, columns, x_BHWD)


# ---- heads and losses -----------------------------------------------------------------------------------------


def head_bottleneck(w, x, nlayers):
    if nlayers == 1:
        return unit(linear(x, w["mlp.weight"], w["mlp.bias"]))
    for i in range(nlayers):
        x = linear(x, w[f"mlp.{2 * i}.weight"], w[f"mlp.{2 * i}.bias"])
        x = gelu(x) if i < nlayers - 1 else x
    return unit(x)


def head(w, x, nlayers):
    return linear(head_bottleneck(w, x, nlayers), w["last_layer.weight"])


def sinkhorn(logits_RK, temperature, iterations=3):
    """Assignments whose rows sum to 1 and whose columns are about equally used."""
    q = torch.exp(logits_RK / temperature)
    q = q / q.sum()
    r, k = q.shape
    for _ in range(iterations):
        q = q / q.sum(0, keepdim=True) / k
        q = q / q.sum(1, keepdim=True) / r
    return q * r


def log_softmax(x):
    return x - torch.logsumexp(x, -1, keepdim=True)


def dino_loss(student_SBK, teacher_TBK, ignore_diagonal=False, temperature=0.1):
    """Mean cross-entropy over pairs of crops and samples."""
    log_p = log_softmax(student_SBK / temperature)
    terms = []
    for s in range(student_SBK.shape[0]):
        for t in range(teacher_TBK.shape[0]):
            if not (ignore_diagonal and s == t):
                terms.append(-(teacher_TBK[t] * log_p[s]).sum(-1))
    return torch.cat(terms).mean()


def ibot_loss(student_MK, teacher_MK, weights_M, rows, temperature=0.1):
    cross = -(teacher_MK * log_softmax(student_MK / temperature)).sum(-1)
    return (cross * weights_M).sum() / rows


def koleo_rows(x_RD, group, neighbours=1, eps=1e-8):
    """Each row's part (R, neighbours), and its neighbours within its group of consecutive rows."""
    x = unit(x_RD, eps)
    parts, chosen = [], []
    for start in range(0, x.shape[0], group):
        g = x[start : start + group]
        similar = (g @ g.T).detach()
        similar.fill_diagonal_(-1)
        nearest = similar.topk(neighbours, -1).indices
        distance = torch.sqrt(((g[:, None] - g[nearest] + eps) ** 2).sum(-1))
        parts.append(-torch.log(distance + eps))
        chosen.append(nearest + start)
    return torch.cat(parts), torch.cat(chosen)


def koleo_loss(x_RD, group=None, neighbours=1):
    return koleo_rows(x_RD, group or x_RD.shape[0], neighbours)[0].mean()


def gram_loss(student_BND, teacher_BND, normalized=True, img_level=True, remove_neg=False, remove_only_teacher_neg=False):
    """Mean squared difference of the similarities between patches."""
    grams = []
    for x in (student_BND, teacher_BND):
        x = unit(x) if normalized else x
        x = x if img_level else x.reshape(1, -1, x.shape[-1])
        grams.append(x @ x.transpose(-1, -2))
    s, t = grams
    if remove_neg:
        s, t = torch.clamp(s, min=0), torch.clamp(t, min=0)
    elif remove_only_teacher_neg:
        t = torch.clamp(t, min=0)
    return ((s - t) ** 2).mean()


def contrastive_loss(image_BE, text_BE, scale):
    logits = scale * image_BE @ text_BE.T
    return -(log_softmax(logits).diagonal().mean() + log_softmax(logits.T).diagonal().mean()) / 2


# ---- schedules ------------------------------------------------------------------------------------------------


def schedule(start, peak, end, warmup, cosine, step):
    """Linear to the peak, which is reached at step `warmup`; a half cosine that includes both ends; then constant."""
    if step < warmup:
        return start + (peak - start) * step / warmup
    i = step - warmup
    if i >= cosine:
        return end
    return end + (peak - end) * (1 + math.cos(math.pi * i / max(cosine - 1, 1))) / 2
