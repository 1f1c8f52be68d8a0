  def norm(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor, eps: float) -> Tensor:
    if torch.eq(torch.numel(b), 0):
      f = torch.to(x, 6)
      r = torch.mul(torch.mul(f, torch.rsqrt(torch.add(torch.mean(torch.mul(f, f), [-1], True), eps))), w)
    else:
      r = torch.layer_norm(x, [torch.size(x, -1)], w, b, eps)
    return r
  def rope(self: __torch__.Kernels, x: Tensor, turn: Tensor) -> Tensor:
    pairs = torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), torch.size(x, 2), -1, 2])
    return torch.flatten(torch.view_as_real(torch.mul(torch.view_as_complex(pairs), turn)), 3, -1)
  def turn(self: __torch__.Kernels, sin: Tensor, cos: Tensor) -> Tensor:
    half = torch.floordiv(torch.size(sin, 1), 2)
    return torch.complex(torch.slice(cos, 1, 0, half), torch.slice(sin, 1, 0, half))
  def paired(self: __torch__.Kernels, w: Tensor, heads: int) -> Tensor:
    if torch.eq(torch.numel(w), 0):
      r = w
    else:
      rows = torch.floordiv(torch.size(w, 0), 3)
      parts = torch.split_with_sizes(torch.reshape(w, [torch.size(w, 0), -1]), [torch.mul(2, rows), rows])
      halves = torch.reshape(parts[0], [torch.mul(2, heads), 2, torch.floordiv(rows, torch.mul(2, heads)), -1])
      qk = torch.reshape(torch.transpose(halves, 1, 2), [torch.mul(2, rows), -1])
      r = torch.reshape(torch.cat([qk, parts[1]]), torch.size(w))
    return r
  def scaled(self: __torch__.Kernels, x: Tensor, gamma: Tensor) -> Tensor:
    if torch.eq(torch.numel(gamma), 0):
      r = x
    else:
      r = torch.mul(x, gamma)
    return r
  def added(self: __torch__.Kernels, x: Tensor, h: Tensor, w: Tensor, b: Tensor, gamma: Tensor) -> Tensor:
    plain = torch.eq(torch.numel(gamma), 0) and torch.ne(torch.numel(b), 0)
    if plain and torch.eq(ops.prim.dtype(w), 6) and torch.eq(ops.prim.dtype(x), 6):
      y = torch.add(torch.flatten(x, 0, 1), b)
      y = torch.addmm_(y, torch.flatten(h, 0, 1), torch.t(w))
      r = torch.reshape(y, torch.size(x))
    else:
      r = torch.add(x, (self).scaled(torch.linear(h, w, (self).opt(b)), gamma))
    return r
  def attended(self: __torch__.Kernels, x: Tensor, sin: Tensor, cos: Tensor, p: List[Tensor], heads: int, eps: float, causal: bool) -> Tensor:
    B = torch.size(x, 0)
    N = torch.size(x, 1)
    C = torch.size(x, 2)
    D = torch.floordiv(C, heads)
    h = torch.to((self).norm(x, p[0], p[1], eps), ops.prim.dtype(p[2]))
    if torch.eq(torch.numel(p[4]), 0):
      bias = p[3]
    else:
      bias = torch.mul(p[3], torch.to(p[4], ops.prim.dtype(p[3])))
    if torch.eq(torch.numel(sin), 0):
      qkv = torch.linear(h, p[2], (self).opt(bias))
    else:
      qkv = torch.linear(h, (self).paired(p[2], heads), (self).opt((self).paired(bias, heads)))
    parts = torch.unbind(torch.to(torch.reshape(qkv, [B, N, 3, heads, D]), 6), 2)
    q = torch.transpose(parts[0], 1, 2)
    k = torch.transpose(parts[1], 1, 2)
    v = torch.transpose(parts[2], 1, 2)
    if torch.eq(torch.numel(sin), 0):
      q1 = q
      k1 = k
      v1 = v
    else:
      turn = (self).turn(sin, cos)
      q1 = (self).rope(q, turn)
      k1 = (self).rope(k, turn)
      v1 = torch.contiguous(v)
    a = torch.scaled_dot_product_attention(q1, k1, v1, None, 0., causal)
    return torch.to(torch.reshape(torch.transpose(a, 1, 2), [B, N, C]), ops.prim.dtype(p[5]))
  def attention(self: __torch__.Kernels, x: Tensor, sin: Tensor, cos: Tensor, p: List[Tensor], heads: int, eps: float, causal: bool) -> Tensor:
    a = (self).attended(x, sin, cos, p, heads, eps, causal)
    return (self).scaled(torch.linear(a, p[5], (self).opt(p[6])), p[7])
  def hidden(self: __torch__.Kernels, x: Tensor, p: List[Tensor], eps: float) -> Tensor:
    h = torch.to((self).norm(x, p[8], p[9], eps), ops.prim.dtype(p[11]))
    if torch.eq(torch.len(p), 15):
      y = torch.gelu(torch.linear(h, p[11], (self).opt(p[12])))
    else:
      g = torch.silu(torch.linear(h, p[11], (self).opt(p[12])))
      y = torch.mul(g, torch.linear(h, p[13], (self).opt(p[14])))
    return y
  def feed_forward(self: __torch__.Kernels, x: Tensor, p: List[Tensor], eps: float) -> Tensor:
    y = (self).hidden(x, p, eps)
    return (self).scaled(torch.linear(y, p[-2], (self).opt(p[-1])), p[10])
  def block(self: __torch__.Kernels, x: Tensor, sin: Tensor, cos: Tensor, p: List[Tensor], heads: int, eps: float, causal: bool) -> Tensor:
    x1 = (self).added(x, (self).attended(x, sin, cos, p, heads, eps, causal), p[5], p[6], p[7])
    return (self).added(x1, (self).hidden(x1, p, eps), p[-2], p[-1], p[10])
  def block_rows(self: __torch__.Kernels, x: Tensor, sin: Tensor, cos: Tensor, p: List[Tensor], heads: int, eps: float, rows: Tensor) -> Tensor:
    a = (self).attended(x, sin, cos, p, heads, eps, False)
    x0 = torch.unsqueeze(torch.index_select(torch.flatten(x, 0, 1), 0, rows), 0)
    a0 = torch.unsqueeze(torch.index_select(torch.flatten(a, 0, 1), 0, rows), 0)
    x1 = (self).added(x0, a0, p[5], p[6], p[7])
    return torch.squeeze((self).added(x1, (self).hidden(x1, p, eps), p[-2], p[-1], p[10]), 0)
  def chosen_rows(self: __torch__.Kernels, samples: int, prefix: int, patches: int, index: Tensor) -> Tensor:
    tokens = torch.add(prefix, patches)
    first = torch.mul(torch.arange(samples, dtype=4, layout=None, device=ops.prim.device(index)), tokens)
    sample = torch.floor_divide(index, patches)
    patch = torch.add(torch.remainder(index, patches), prefix)
    return torch.cat([first, torch.add(torch.mul(sample, tokens), patch)])
  def block_subset(self: __torch__.Kernels, x: Tensor, sin: Tensor, cos: Tensor, p: List[Tensor], heads: int, eps: float, keep1: Tensor, scale1: float, keep2: Tensor, scale2: float) -> Tensor:
    a = (self).attention(torch.index_select(x, 0, keep1), sin, cos, p, heads, eps, False)
    x1 = torch.index_add(x, 0, keep1, torch.to(a, ops.prim.dtype(x)), alpha=scale1)
    f = (self).feed_forward(torch.index_select(x1, 0, keep2), p, eps)
    return torch.index_add(x1, 0, keep2, torch.to(f, ops.prim.dtype(x)), alpha=scale2)
  def embed(self: __torch__.Kernels, img: Tensor, w: Tensor, b: Tensor) -> Tensor:
    s = torch.size(w, 2)
    x = torch.conv2d(torch.to(img, ops.prim.dtype(w)), w, b, [s, s])
    return torch.transpose(torch.flatten(x, 2, -1), 1, 2)
  def with_prefix(self: __torch__.Kernels, x: Tensor, prefix: List[Tensor]) -> Tensor:
    parts = annotate(List[Tensor], [])
    for i in range(torch.len(prefix)):
      _0 = torch.append(parts, torch.expand(prefix[i], [torch.size(x, 0), -1, -1]))
    _1 = torch.append(parts, x)
    return torch.cat(parts, 1)
  def tokens(self: __torch__.Kernels, img: Tensor, w: Tensor, b: Tensor, prefix: List[Tensor]) -> Tensor:
    return (self).with_prefix((self).embed(img, w, b), prefix)
  def tokens_masked(self: __torch__.Kernels, img: Tensor, mask: Tensor, token: Tensor, w: Tensor, b: Tensor, prefix: List[Tensor]) -> Tensor:
    x = (self).embed(img, w, b)
    x = torch.where(torch.unsqueeze(mask, -1), torch.unsqueeze(torch.to(token, ops.prim.dtype(x)), 0), x)
    return (self).with_prefix(x, prefix)
  def text_tokens(self: __torch__.Kernels, ids: Tensor, embedding: Tensor, position: Tensor) -> Tensor:
    x = torch.embedding(embedding, ids)
    return torch.add(x, torch.slice(position, 0, 0, torch.size(ids, 1)))
