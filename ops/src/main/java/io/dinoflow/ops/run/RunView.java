package io.dinoflow.ops.run;

/** Shows a run while it goes on; called about once a second by one thread. */
public interface RunView extends AutoCloseable {
  /** Shows a new state; most calls differ little from the one before. */
  void show(RunSnapshot snapshot);

  /** Says something that is no state of the run, such as a server that does not answer. */
  void note(String text);

  /** Leaves the screen in order. */
  @Override
  void close();
}
