  def head_bottleneck(self: __torch__.Kernels, x: Tensor, p: List[Tensor]) -> Tensor:
    h = torch.to(x, ops.prim.dtype(p[0]))
    layers = torch.floordiv(torch.len(p), 2)
    for i in range(layers):
      h = torch.linear(h, p[torch.mul(2, i)], p[torch.add(torch.mul(2, i), 1)])
      if torch.lt(i, torch.sub(layers, 1)):
        h = torch.gelu(h)
    n = torch.expand_as(torch.clamp_min(torch.norm(h, 2, [-1], True), 9.9999999999999998e-13), h)
    return torch.div(h, n)
  def head(self: __torch__.Kernels, x: Tensor, p: List[Tensor], last: Tensor) -> Tensor:
    return torch.linear(torch.to((self).head_bottleneck(x, p), ops.prim.dtype(last)), last)
