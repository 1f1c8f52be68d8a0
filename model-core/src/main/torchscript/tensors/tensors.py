  def opt(self: __torch__.Kernels, t: Tensor) -> Optional[Tensor]:
    if torch.eq(torch.numel(t), 0):
      r = annotate(Optional[Tensor], None)
    else:
      r = annotate(Optional[Tensor], t)
    return r
  def concat(self: __torch__.Kernels, a: Tensor, b: Tensor) -> Tensor:
    return torch.cat([a, b], 0)
  def concat_last(self: __torch__.Kernels, a: Tensor, b: Tensor) -> Tensor:
    return torch.cat([a, b], -1)
  def concat_tokens(self: __torch__.Kernels, x: List[Tensor]) -> Tensor:
    return torch.cat(x, 1)
  def with_class_token(self: __torch__.Kernels, cls: Tensor, storage: Tensor, patches: Tensor) -> Tensor:
    return torch.cat([torch.unsqueeze(cls, 1), storage, patches], 1)
  def rows(self: __torch__.Kernels, x: Tensor, start: int, stop: int) -> Tensor:
    return torch.slice(x, 0, start, stop)
  def rows_at(self: __torch__.Kernels, x: Tensor, index: Tensor) -> Tensor:
    return torch.index_select(x, 0, index)
  def tokens_between(self: __torch__.Kernels, x: Tensor, start: int, stop: int) -> Tensor:
    return torch.slice(x, 1, start, stop)
  def token(self: __torch__.Kernels, x: Tensor, index: int) -> Tensor:
    return torch.select(x, 1, index)
  def pick(self: __torch__.Kernels, x: Tensor, index: Tensor) -> Tensor:
    return torch.index_select(torch.flatten(x, 0, 1), 0, index)
  def pick_token(self: __torch__.Kernels, x: Tensor, index: Tensor) -> Tensor:
    n = torch.size(x, 1)
    rows = torch.arange(torch.size(x, 0), dtype=4, layout=None, device=ops.prim.device(x))
    return torch.index_select(torch.flatten(x, 0, 1), 0, torch.add(torch.mul(rows, n), index))
  def pick_rows(self: __torch__.Kernels, x: Tensor, index: Tensor) -> Tensor:
    return torch.index_select(x, 0, index)
  def max_tokens(self: __torch__.Kernels, x: Tensor) -> Tensor:
    values, positions = torch.max(x, 1)
    return values
  def mean_tokens(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.mean(x, [1])
  def weighted_sum(self: __torch__.Kernels, x: List[Tensor], w: Tensor) -> Tensor:
    return torch.sum(torch.mul(torch.stack(x), w))
  def normalize(self: __torch__.Kernels, x: Tensor, eps: float) -> Tensor:
    n = torch.clamp_min(torch.norm(x, 2, [-1], True), eps)
    return torch.div(x, torch.expand_as(n, x))
  def linear_nobias(self: __torch__.Kernels, x: Tensor, w: Tensor) -> Tensor:
    return torch.linear(torch.to(x, ops.prim.dtype(w)), w)
  def to_bf16(self: __torch__.Kernels, p: List[Tensor]) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for i in range(torch.len(p)):
      _0 = torch.append(out, torch.to(p[i], 15))
    return out
  def scaled_rows(self: __torch__.Kernels, w: List[Tensor], gamma: List[Tensor]) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for i in range(torch.len(w)):
      if torch.eq(torch.dim(w[i]), 1):
        y = torch.mul(w[i], gamma[i])
      else:
        y = torch.mul(w[i], torch.unsqueeze(gamma[i], 1))
      _0 = torch.append(out, y)
    return out
  def to_fp32(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.to(x, 6)
  def resize_bicubic(self: __torch__.Kernels, x: Tensor, h: int, w: int, oh: int, ow: int) -> Tensor:
    b = torch.size(x, 0)
    d = torch.size(x, 2)
    m = torch.reshape(torch.transpose(x, 1, 2), [b, d, h, w])
    m = torch.upsample_bicubic2d(torch.to(m, 6), [oh, ow], False, None, None)
    return torch.transpose(torch.flatten(m, 2, -1), 1, 2)
  def resize_bicubic_aa(self: __torch__.Kernels, x: Tensor, h: int, w: int, oh: int, ow: int) -> Tensor:
    b = torch.size(x, 0)
    d = torch.size(x, 2)
    m = torch.reshape(torch.transpose(x, 1, 2), [b, d, h, w])
    m = torch._upsample_bicubic2d_aa(torch.to(m, 6), [oh, ow], False, None, None)
    return torch.transpose(torch.flatten(m, 2, -1), 1, 2)
  def resize_bilinear_aa(self: __torch__.Kernels, x: Tensor, h: int, w: int, oh: int, ow: int) -> Tensor:
    b = torch.size(x, 0)
    d = torch.size(x, 2)
    m = torch.reshape(torch.transpose(x, 1, 2), [b, d, h, w])
    m = torch._upsample_bilinear2d_aa(torch.to(m, 6), [oh, ow], False, None, None)
    return torch.transpose(torch.flatten(m, 2, -1), 1, 2)
  def resize_picture(self: __torch__.Kernels, x: Tensor, h: int, w: int, oh: int, ow: int) -> Tensor:
    m = torch.reshape(torch.contiguous(torch.t(x)), [1, 3, h, w])
    m = torch.div(torch.to(m, 6), 255.)
    return torch.squeeze(torch._upsample_bilinear2d_aa(m, [oh, ow], False, None, None), 0)
  def mean_similarity_rows(self: __torch__.Kernels, x: Tensor) -> Tensor:
    y = (self).normalize(torch.to(x, 6), 1.0e-12)
    n = torch.size(y, 0)
    s = torch.sum(torch.mm(y, torch.t(y)))
    return torch.div(torch.sub(s, n), torch.mul(n, torch.sub(n, 1)))
  def mean_similarity_tokens(self: __torch__.Kernels, x: Tensor) -> Tensor:
    y = (self).normalize(torch.to(x, 6), 1.0e-12)
    b = torch.size(y, 0)
    n = torch.size(y, 1)
    s = torch.sum(torch.bmm(y, torch.transpose(y, 1, 2)))
    return torch.div(torch.sub(torch.div(s, b), n), torch.mul(n, torch.sub(n, 1)))
