/**
 * The command line: one class a command, all listed in {@link io.dinoflow.ops.cli.Commands}.
 *
 * <p>May use every other package of ops. A command extends {@link io.dinoflow.ops.cli.Command},
 * prints its result with {@link io.dinoflow.ops.cli.Printer}, and says what went wrong by throwing
 * {@link io.dinoflow.ops.cli.CliFailure}; {@link io.dinoflow.ops.cli.ErrorReport} is the one place
 * that turns an exception into words and an exit code. Start at Command.
 */
@org.jspecify.annotations.NullMarked
package io.dinoflow.ops.cli;
