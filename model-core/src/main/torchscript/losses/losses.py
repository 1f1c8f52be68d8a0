  def sinkhorn(self: __torch__.Kernels, logits: Tensor, temp: float, iters: int) -> Tensor:
    Q = torch.t(torch.exp(torch.div(torch.to(logits, 6), temp)))
    B = torch.size(Q, 1)
    K = torch.size(Q, 0)
    Q = torch.div_(Q, torch.sum(Q))
    for i in range(iters):
      Q = torch.div_(Q, torch.sum(Q, [1], True))
      Q = torch.div_(Q, K)
      Q = torch.div_(Q, torch.sum(Q, [0], True))
      Q = torch.div_(Q, B)
    Q = torch.mul_(Q, B)
    return torch.t(Q)
  def dino_loss(self: __torch__.Kernels, s: Tensor, t: Tensor, ns: int, nt: int, nodiag: bool, pairs: int) -> Tensor:
    B = torch.floordiv(torch.size(s, 0), ns)
    ls = torch.reshape(torch.log_softmax(torch.div(torch.to(s, 6), 0.10000000000000001), -1), [ns, -1])
    m = torch.neg(torch.matmul(ls, torch.t(torch.reshape(t, [nt, -1]))))
    if nodiag:
      r = torch.div(torch.sub(torch.sum(m), torch.sum(torch.diagonal(m))), torch.mul(B, pairs))
    else:
      r = torch.div(torch.sum(m), torch.mul(torch.mul(B, ns), nt))
    return r
  def ibot_loss(self: __torch__.Kernels, s: Tensor, t: Tensor, w: Tensor, rows: int) -> Tensor:
    l = torch.sum(torch.mul(torch.to(t, 6), torch.log_softmax(torch.div(torch.to(s, 6), 0.10000000000000001), -1)), [-1])
    return torch.div(torch.neg(torch.sum(torch.mul(l, w))), rows)
  def koleo_rows(self: __torch__.Kernels, x0: Tensor, group: int, neighbours: int) -> Tensor:
    x = (self).normalize(torch.to(x0, 6), 1.0e-08)
    D = torch.size(x, 1)
    g = torch.reshape(x, [-1, group, D])
    h = torch.detach(g)
    d = torch.bmm(h, torch.transpose(h, 1, 2))
    _0 = torch.fill_(torch.diagonal(d, 0, 1, 2), -1)
    _1, i = torch.topk(d, neighbours, -1)
    i1 = torch.expand(torch.unsqueeze(torch.flatten(i, 1, 2), -1), [-1, -1, D])
    n = torch.reshape(torch.gather(g, 1, i1), [torch.size(x, 0), neighbours, D])
    dist = torch.norm(torch.add(torch.sub(torch.unsqueeze(x, 1), n), 1.0e-08), 2, [-1])
    return torch.neg(torch.mean(torch.log(torch.add(dist, 1.0e-08)), [1]))
  def koleo(self: __torch__.Kernels, x: Tensor, group: int, neighbours: int) -> Tensor:
    return torch.mean((self).koleo_rows(x, group, neighbours))
  def gram_loss(self: __torch__.Kernels, s0: Tensor, t0: Tensor, normalized: bool, img_level: bool, remove_neg: bool, remove_teacher_neg: bool) -> Tensor:
    s = torch.to(s0, 6)
    t = torch.to(t0, 6)
    if normalized:
      s1 = (self).normalize(s, 9.9999999999999998e-13)
      t1 = (self).normalize(t, 9.9999999999999998e-13)
    else:
      s1 = s
      t1 = t
    if img_level:
      s2 = s1
      t2 = t1
    else:
      s2 = torch.reshape(s1, [1, -1, torch.size(s1, -1)])
      t2 = torch.reshape(t1, [1, -1, torch.size(t1, -1)])
    gs = torch.matmul(s2, torch.transpose(s2, -1, -2))
    gt = torch.matmul(t2, torch.transpose(t2, -1, -2))
    if remove_neg:
      gs1 = torch.clamp_min(gs, 0.)
      gt1 = torch.clamp_min(gt, 0.)
    elif remove_teacher_neg:
      gs1 = gs
      gt1 = torch.clamp_min(gt, 0.)
    else:
      gs1 = gs
      gt1 = gt
    return torch.mse_loss(gs1, gt1)
  def contrastive_loss(self: __torch__.Kernels, image: Tensor, text: Tensor, log_scale: Tensor) -> Tensor:
    i = torch.to(image, 6)
    t = torch.to(text, 6)
    logits = torch.mul(torch.mm(i, torch.t(t)), torch.exp(log_scale))
    n = torch.arange(torch.size(logits, 0), dtype=4, layout=None, device=ops.prim.device(logits))
    a = torch.cross_entropy_loss(logits, n)
    b = torch.cross_entropy_loss(torch.t(logits), n)
    return torch.div(torch.add(a, b), 2)
