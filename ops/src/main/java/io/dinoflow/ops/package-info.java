/**
 * The program: wiring, configuration, exit codes.
 *
 * <p>ops knows every other room and is known by none. Reading order: {@link io.dinoflow.ops.Main},
 * {@link io.dinoflow.ops.OpsConfig} (where the services are), {@link io.dinoflow.ops.Services}
 * (open connections to them), {@link io.dinoflow.ops.Home} (the folder that holds the state). Start
 * at Main.
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.ops;
