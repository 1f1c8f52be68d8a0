/**
 * Models as others keep them: Hugging Face directories and official state dicts, read strictly and
 * written so that they load as they are.
 *
 * <p>Depends on recipe, artifact, weights and the parameter tables of nn; computes nothing and
 * needs no engine. Start at {@link io.dinoflow.model.hub.ForeignModel}, then {@link
 * io.dinoflow.model.hub.HubDirectory} and {@link io.dinoflow.model.hub.HubConfig}.
 */
package io.dinoflow.model.hub;
