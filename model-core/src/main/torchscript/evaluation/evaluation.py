  def cls_and_mean_patch(self: __torch__.Kernels, cls: Tensor, patches: Tensor) -> Tensor:
    return torch.cat([torch.to(cls, 6), torch.mean(torch.to(patches, 6), [1])], 1)
  def nearest(self: __torch__.Kernels, queries: Tensor, bank: Tensor, k: int) -> List[Tensor]:
    similarity, index = torch.topk(torch.mm(queries, torch.t(bank)), k, 1, True, True)
    return [similarity, index]
  def neighbour_votes(self: __torch__.Kernels, similarity: Tensor, labels: Tensor, k: int, temperature: float, classes: int) -> Tensor:
    w = torch.softmax(torch.div(similarity, temperature), 1)
    votes = torch.zeros([torch.size(labels, 0), classes], dtype=6, layout=None, device=ops.prim.device(w))
    return torch.scatter_add(votes, 1, torch.slice(labels, 1, 0, k), torch.slice(w, 1, 0, k))
  def labels_of(self: __torch__.Kernels, labels: Tensor, index: Tensor) -> Tensor:
    return torch.reshape(torch.index_select(labels, 0, torch.flatten(index)), torch.size(index))
  def most_voted(self: __torch__.Kernels, votes: Tensor) -> Tensor:
    return torch.argmax(votes, -1)
  def probe_logits(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    l = torch.size(w, 0)
    c = torch.size(w, 1)
    y = torch.mm(x, torch.t(torch.flatten(w, 0, 1)))
    return torch.add(torch.reshape(y, [-1, l, c]), b)
  def probe_step_(self: __torch__.Kernels, w: Tensor, b: Tensor, vw: Tensor, vb: Tensor, x0: Tensor, labels0: Tensor, index: Tensor, lr: Tensor, momentum: float) -> Tensor:
    x = torch.index_select(x0, 0, index)
    n = torch.size(x, 0)
    l = torch.size(w, 0)
    logits = (self).probe_logits(x, w, b)
    at = torch.expand(torch.reshape(torch.index_select(labels0, 0, index), [-1, 1, 1]), [n, l, 1])
    logp = torch.log_softmax(logits, -1)
    losses = torch.neg(torch.mean(torch.squeeze(torch.gather(logp, 2, at), 2), [0]))
    p = torch.exp(logp)
    g = torch.div(torch.sub(p, torch.scatter(torch.zeros_like(p), 2, at, 1.)), n)
    gw = torch.reshape(torch.mm(torch.t(torch.flatten(g, 1, 2)), x), torch.size(w))
    _0 = torch.add_(torch.mul_(vw, momentum), gw)
    _1 = torch.add_(torch.mul_(vb, momentum), torch.sum(g, [0]))
    _2 = torch.sub_(w, torch.mul(vw, torch.reshape(lr, [l, 1, 1])))
    _3 = torch.sub_(b, torch.mul(vb, torch.reshape(lr, [l, 1])))
    return losses
  def principal_components(self: __torch__.Kernels, x0: Tensor, k: int) -> List[Tensor]:
    x = torch.to(x0, 7)
    x = torch.sub(x, torch.mean(x, [0], True))
    d = torch.size(x, 1)
    values, vectors = torch.linalg_eigh(torch.div(torch.mm(torch.t(x), x), torch.size(x, 0)))
    v = torch.flip(torch.slice(vectors, 1, torch.sub(d, k), d), [1])
    largest = torch.argmax(torch.abs(v), 0, True)
    v = torch.mul(v, torch.sign(torch.gather(v, 0, largest)))
    p = torch.mm(x, v)
    return [torch.to(p, 6), torch.to(torch.sqrt(torch.mean(torch.mul(p, p), [0])), 6)]
