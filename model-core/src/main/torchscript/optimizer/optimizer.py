  def grads(self: __torch__.Kernels, y: Tensor, p: List[Tensor]) -> List[Tensor]:
    g = torch.grad([y], p, None, None, False, True)
    out = annotate(List[Tensor], [])
    for i in range(torch.len(g)):
      gi = g[i]
      if gi is None:
        _0 = torch.append(out, torch.zeros_like(p[i]))
      else:
        _1 = torch.append(out, gi)
    return out
  def clip_(self: __torch__.Kernels, g: List[Tensor], maxn: float) -> Tensor:
    n = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g, 2)), 2)
    c = torch.mul(torch.reciprocal(torch.add(n, 9.9999999999999995e-07)), maxn)
    if bool(torch.lt(c, 1.)):
      torch._foreach_mul_(g, c)
    return n
  def adamw_(self: __torch__.Kernels, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], step: Tensor, lr: float, wd: float, beta1: float, beta2: float) -> Tensor:
    steps = annotate(List[Tensor], [])
    for i in range(torch.len(p)):
      _0 = torch.append(steps, step)
    torch._fused_adamw_(p, g, m, v, annotate(List[Tensor], []), steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=wd, eps=1.0e-08, amsgrad=False, maximize=False)
    return step
  def ema_(self: __torch__.Kernels, t: List[Tensor], s: List[Tensor], m: float) -> Tensor:
    torch._foreach_lerp_(t, s, torch.sub(1., m))
    return t[0]
  def clamp_(self: __torch__.Kernels, t: Tensor, low: float, high: float) -> Tensor:
    return torch.clamp_(t, low, high)
  def copy_lists_(self: __torch__.Kernels, t: List[Tensor], s: List[Tensor]) -> Tensor:
    torch._foreach_copy_(t, s)
    return t[0]
  def copy_(self: __torch__.Kernels, t: Tensor, s: Tensor) -> Tensor:
    return torch.copy_(t, s)
