  def norm_channels(self: __torch__.Kernels, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    y = torch.layer_norm(torch.permute(x, [0, 2, 3, 1]), [torch.size(x, 1)], w, b, 9.9999999999999995e-07)
    return torch.permute(y, [0, 3, 1, 2])
  def convnext_stem(self: __torch__.Kernels, img: Tensor, p: List[Tensor]) -> Tensor:
    return (self).norm_channels(torch.conv2d(img, p[0], p[1], [4, 4]), p[2], p[3])
  def convnext_downsample(self: __torch__.Kernels, x: Tensor, p: List[Tensor]) -> Tensor:
    return torch.conv2d((self).norm_channels(x, p[0], p[1]), p[2], p[3], [2, 2])
  def convnext_branch(self: __torch__.Kernels, x: Tensor, p: List[Tensor]) -> Tensor:
    h = torch.conv2d(x, p[0], p[1], [1, 1], [3, 3], [1, 1], torch.size(x, 1))
    h = torch.permute(h, [0, 2, 3, 1])
    h = torch.layer_norm(h, [torch.size(h, 3)], p[2], p[3], 9.9999999999999995e-07)
    h = torch.linear(torch.gelu(torch.linear(torch.to(h, ops.prim.dtype(p[4])), p[4], p[5])), p[6], p[7])
    h = torch.mul(h, p[8])
    return torch.permute(h, [0, 3, 1, 2])
  def convnext_block(self: __torch__.Kernels, x: Tensor, p: List[Tensor]) -> Tensor:
    return torch.add(x, (self).convnext_branch(x, p))
  def convnext_block_subset(self: __torch__.Kernels, x: Tensor, p: List[Tensor], factor: Tensor) -> Tensor:
    return torch.add(x, torch.mul((self).convnext_branch(x, p), factor))
  def convnext_pool(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.mean(x, [2, 3])
  def map_to_tokens(self: __torch__.Kernels, x: Tensor) -> Tensor:
    return torch.transpose(torch.flatten(x, 2, -1), 1, 2)
