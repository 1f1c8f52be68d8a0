package io.dinoflow.ops.web;

import io.dinoflow.ops.FiringAccount;
import io.dinoflow.ops.Schedules;
import io.dinoflow.storage.registry.Firing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Schedules in memory: as Temporal tells them, or silent. */
final class FakeSchedules implements LiveSchedules {
  private final List<Schedules.Story> stories = new ArrayList<>();
  private Optional<String> silence = Optional.empty();

  void put(Schedules.Story story) {
    stories.add(story);
  }

  /** From now on nobody answers. */
  void silence(String why) {
    silence = Optional.of(why);
  }

  @Override
  public List<Schedules.Summary> list() {
    throwIfSilent();
    return stories.stream().map(Schedules.Story::schedule).toList();
  }

  @Override
  public Optional<Schedules.Story> story(String name, List<Firing> recorded, Instant now) {
    throwIfSilent();
    return stories.stream()
        .filter(story -> story.schedule().name().equals(name))
        .findFirst()
        .map(story -> story.with(FiringAccount.of(story.firings(), recorded, List.of(), now)));
  }

  private void throwIfSilent() {
    silence.ifPresent(
        why -> {
          throw new NoAnswerException(why);
        });
  }
}
