  def norm(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor, eps: float) -> Tensor:
    if torch.eq(torch.numel(b), 0):
      f = torch.to(x, 6)
      r = torch.mul(torch.mul(f, torch.rsqrt(torch.add(torch.mean(torch.mul(f, f), [-1], True), eps))), w)
    else:
      r = torch.layer_norm(x, [torch.size(x, -1)], w, b, eps)
    return r
  def rope(self: __torch__.Kernels, q: Tensor, sin: Tensor, cos: Tensor) -> Tensor:
    x = torch.to(q, ops.prim.dtype(sin))
    c = torch.chunk(x, 2, -1)
    r = torch.cat([torch.neg(c[1]), c[0]], -1)
    return torch.to(torch.add(torch.mul(x, cos), torch.mul(r, sin)), ops.prim.dtype(q))
  def scaled(self: __torch__.Kernels, x: Tensor, gamma: Tensor) -> Tensor:
    if torch.eq(torch.numel(gamma), 0):
      r = x
    else:
      r = torch.mul(x, gamma)
    return r
  def attention(self: __torch__.Kernels, x: Tensor, sin: Tensor, cos: Tensor, p: List[Tensor], heads: int, eps: float, causal: bool) -> Tensor:
    B = torch.size(x, 0)
    N = torch.size(x, 1)
    C = torch.size(x, 2)
    D = torch.floordiv(C, heads)
    h = torch.to((self).norm(x, p[0], p[1], eps), ops.prim.dtype(p[2]))
    if torch.eq(torch.numel(p[4]), 0):
      bias = p[3]
    else:
      bias = torch.mul(p[3], torch.to(p[4], ops.prim.dtype(p[3])))
    qkv = torch.unbind(torch.reshape(torch.linear(h, p[2], (self).opt(bias)), [B, N, 3, heads, D]), 2)
    q = torch.transpose(qkv[0], 1, 2)
    k = torch.transpose(qkv[1], 1, 2)
    v = torch.transpose(qkv[2], 1, 2)
    if torch.ne(torch.numel(sin), 0):
      q1 = (self).rope(q, sin, cos)
      k1 = (self).rope(k, sin, cos)
    else:
      q1 = q
      k1 = k
    a = torch.scaled_dot_product_attention(q1, k1, v, None, 0., causal)
    a = torch.reshape(torch.transpose(a, 1, 2), [B, N, C])
    return (self).scaled(torch.linear(a, p[5], (self).opt(p[6])), p[7])
  def feed_forward(self: __torch__.Kernels, x: Tensor, p: List[Tensor], eps: float) -> Tensor:
    h = torch.to((self).norm(x, p[8], p[9], eps), ops.prim.dtype(p[11]))
    if torch.eq(torch.len(p), 15):
      y = torch.linear(torch.gelu(torch.linear(h, p[11], (self).opt(p[12]))), p[13], (self).opt(p[14]))
    else:
      g = torch.silu(torch.linear(h, p[11], (self).opt(p[12])))
      y = torch.linear(torch.mul(g, torch.linear(h, p[13], (self).opt(p[14]))), p[15], (self).opt(p[16]))
    return (self).scaled(y, p[10])
  def block(self: __torch__.Kernels, x: Tensor, sin: Tensor, cos: Tensor, p: List[Tensor], heads: int, eps: float, causal: bool) -> Tensor:
    x1 = torch.add(x, (self).attention(x, sin, cos, p, heads, eps, causal))
    return torch.add(x1, (self).feed_forward(x1, p, eps))
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
