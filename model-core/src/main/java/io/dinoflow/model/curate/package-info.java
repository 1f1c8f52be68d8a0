/**
 * From many pictures to a balanced dataset: descriptors, duplicates, hierarchical clusters,
 * samples.
 *
 * <p>Plain Java on float vectors, without tensors, files or steps; depends on data and
 * SeededRandom. Everything is a function of its input and a seed. Follows "Automatic data curation
 * for self-supervised learning" (Vo et al. 2024, 2405.15613). Start at {@link
 * io.dinoflow.model.curate.Vectors}, then {@link io.dinoflow.model.curate.HierarchicalKMeans},
 * {@link io.dinoflow.model.curate.BalancedSampler}, {@link io.dinoflow.model.curate.Mixture}.
 */
package io.dinoflow.model.curate;
