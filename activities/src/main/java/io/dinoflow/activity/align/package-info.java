/**
 * Text towers on frozen vision towers.
 *
 * <p>Depends on support; only ops constructs it. Start at {@link
 * io.dinoflow.activity.align.AlignActivitiesImpl}.
 */
package io.dinoflow.activity.align;
