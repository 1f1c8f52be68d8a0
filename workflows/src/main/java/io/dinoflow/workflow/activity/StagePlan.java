package io.dinoflow.workflow.activity;

import java.util.List;
import java.util.Optional;

/**
 * What workflows need of a stage's recipe: its order and its references to earlier stages. The
 * recipe itself is read by the activities, by digest.
 *
 * @param inputs earlier stages whose results it is made from, in the recipe's order
 * @param dataset the Curate stage whose dataset is trained on (for Evaluate: whose source images
 *     are measured); empty for a Curate stage
 * @param origin the stage whose checkpoint it starts from, is taught by, or is aligned with (for
 *     Evaluate: the tower that {@code text} is aligned with)
 * @param originStudent which student of {@code origin}, where that is a Distill stage
 * @param firstStep,lastStep the track's own count of steps before and after the stage; 0 where
 *     nothing is trained
 * @param text an Evaluate stage's AlignText stage
 */
public record StagePlan(
    String name,
    StageKind kind,
    List<String> inputs,
    String dataset,
    Optional<String> origin,
    Optional<String> originStudent,
    long firstStep,
    long lastStep,
    Optional<GramPlan> gram,
    List<GroupPlan> groups,
    List<String> subjects,
    Optional<String> text) {
  public StagePlan {
    inputs = List.copyOf(inputs);
    groups = List.copyOf(groups);
    subjects = List.copyOf(subjects);
  }

  /**
   * Which Gram teacher serves when.
   *
   * @param from the stage whose last checkpoint is the first Gram teacher
   * @param everySteps steps between refreshes; 0 keeps the first one
   * @param updatesMax refreshes at most; 0 for no limit
   */
  public record GramPlan(String from, long everySteps, int updatesMax) {}

  /** Students that share a teacher forward. */
  public record GroupPlan(String name, List<String> students) {
    public GroupPlan {
      students = List.copyOf(students);
    }
  }
}
