package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;

/**
 * What a backbone says of pictures, after its final norm.
 *
 * @param cls_BD class tokens
 * @param storage_BSD storage tokens; S may be 0
 * @param patches_BND patch tokens, row-major
 * @param prenorm_BTD all tokens before the final norm
 */
public record Features(
    NDArray cls_BD, NDArray storage_BSD, NDArray patches_BND, NDArray prenorm_BTD) {}
