package io.dinoflow.model.data;

/** Multi-crop augmentation of one picture. */
public final class MultiCrop {}
