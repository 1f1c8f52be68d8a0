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
  def koleo(self: __torch__.Kernels, x0: Tensor) -> Tensor:
    x = (self).normalize(torch.to(x0, 6), 1.0e-08)
    d = torch.detach(torch.mm(x, torch.t(x)))
    d = torch.fill_diagonal_(d, -1)
    i = torch.argmax(d, 1)
    dist = torch.norm(torch.add(torch.sub(x, torch.index_select(x, 0, i)), 1.0e-08), 2, [-1])
    return torch.neg(torch.mean(torch.log(torch.add(dist, 1.0e-08))))
  def koleo_crops(self: __torch__.Kernels, x: Tensor, crops: int) -> Tensor:
    parts = torch.chunk(x, crops, 0)
    total = (self).koleo(parts[0])
    for i in range(torch.sub(crops, 1)):
      total = torch.add(total, (self).koleo(parts[torch.add(i, 1)]))
    return torch.div(total, crops)
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
    n = torch.arange(torch.size(logits, 0), dtype=4)
    a = torch.cross_entropy_loss(logits, n)
    b = torch.cross_entropy_loss(torch.t(logits), n)
    return torch.div(torch.add(a, b), 2)
