package io.dinoflow.ops.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What Prometheus is told here: this process's metrics, and where those of the others are.
 *
 * @param text this process's, in Prometheus' text format
 * @param others processes with an endpoint of their own
 */
public record Watched(Supplier<String> text, List<Target> others) {
  public Watched {
    others = List.copyOf(others);
  }

  /**
   * @param address {@code host:port}, where {@code /metrics} answers
   */
  public record Target(String address, String process) {}

  /** One entry of Prometheus' HTTP service discovery. */
  record Group(List<String> targets, Map<String, String> labels) {}

  /** All of them, as Prometheus' {@code http_sd_configs} reads them. */
  List<Group> groups(String own) {
    List<Group> groups = new ArrayList<>();
    groups.add(group(new Target(own.replaceFirst("^http://", ""), "page")));
    others.forEach(other -> groups.add(group(other)));
    return groups;
  }

  private static Group group(Target target) {
    return new Group(List.of(target.address()), Map.of("process", target.process()));
  }
}
