package io.dinoflow.ops;

import io.dinoflow.activity.support.HeartbeatPolicy;
import io.dinoflow.workflow.impl.FlowOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How long an installation waits before it takes something for dead: {@value
 * OpsConfig#PROFILE_VARIABLE}.
 *
 * <p>Only waiting differs, never a result: a run may go on under another profile than it began
 * with. All workers of an installation should have the same.
 */
public enum Profile {
  /** Many machines: the Temporal server may be away for 80 s, and nothing is begun again. */
  PRODUCTION(
      FlowOptions.production(),
      HeartbeatPolicy.production(),
      Duration.ofSeconds(10),
      Duration.ofSeconds(30)),
  /** One machine under one supervisor: a killed worker is missed after 15 s. */
  EMBEDDED(
      FlowOptions.embedded(),
      HeartbeatPolicy.embedded(),
      Duration.ofSeconds(2),
      Duration.ofSeconds(30)),
  /** Tests that kill: a killed worker is missed after 3 s, and one that lived as long is well. */
  TEST(FlowOptions.test(), HeartbeatPolicy.test(), Duration.ofMillis(500), Duration.ofSeconds(3));

  private final FlowOptions flow;
  private final HeartbeatPolicy heartbeat;
  private final Duration heartbeatThrottle;
  private final Duration healthyAfter;

  Profile(
      FlowOptions flow,
      HeartbeatPolicy heartbeat,
      Duration heartbeatThrottle,
      Duration healthyAfter) {
    this.flow = flow;
    this.heartbeat = heartbeat;
    this.heartbeatThrottle = heartbeatThrottle;
    this.healthyAfter = healthyAfter;
  }

  /** The profile of this name; empty where there is none. */
  public static Optional<Profile> ofWord(String word) {
    return Arrays.stream(values()).filter(p -> p.word().equals(word)).findFirst();
  }

  /** All names, as a sentence has them. */
  static String words() {
    return Arrays.stream(values()).map(Profile::word).collect(Collectors.joining(", "));
  }

  /** As the environment spells it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Deadlines that workflows give to long activities. */
  public FlowOptions flow() {
    return flow;
  }

  /** How often long activities beat. */
  public HeartbeatPolicy heartbeat() {
    return heartbeat;
  }

  /** Of a cancelled or finished heartbeat, this much reaches the activity late at most. */
  public Duration heartbeatThrottle() {
    return heartbeatThrottle;
  }

  /** A child that lived so long is started again without a longer pause. */
  public Duration healthyAfter() {
    return healthyAfter;
  }
}
