package io.dinoflow.activity.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.storage.lineage.Event;
import io.dinoflow.workflow.activity.SegmentResult;
import io.dinoflow.workflow.activity.SegmentResult.End;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The steps that somebody asked to be recorded. */
class ProfiledSegmentIT extends SegmentTrial {
  @Test
  void recordsTheStepsThatWereAskedForAndTheCheckpointBehindThem() throws Exception {
    profileSteps = 4;
    train(0, 11);

    List<Profiles.Stored> stored = bench.workbench().profiles().of(run);
    assertThat(stored).hasSize(1);
    StepProfile profile = stored.get(0).profile();
    assertThat(profile.scope()).isEqualTo("pretrain");
    assertThat(profile.steps()).containsExactly(1L, 2L, 3L, 4L);
    assertThat(profile.parts())
        .extracting(StepProfile.Part::phase)
        .containsExactly("data_wait", "student_forward", "backward", "checkpoint");
    assertThat(bench.lineage().events(run))
        .filteredOn(event -> event.kind().equals("profiled"))
        .singleElement()
        .extracting(Event::text)
        .isEqualTo("steps 1 to 4: " + stored.get(0).file());
  }

  @Test
  void aSegmentThatEndsBeforeTheStepsThatWereAskedForLeavesWhatItHas() throws Exception {
    profileSteps = 1000;
    train(0, 5);

    StepProfile profile = bench.workbench().profiles().of(run).get(0).profile();
    assertThat(profile.steps()).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(profile.spans())
        .filteredOn(span -> span.lane() == StepProfile.Lane.COMMIT)
        .extracting(StepProfile.Span::step)
        .containsExactly(4L, 5L);
  }

  @Test
  void aProfileThatCannotBeWrittenIsToldAndTrainingGoesOn() throws Exception {
    profileSteps = 2;
    Path blocked = folder.resolve("profiles").resolve(run.value() + "@pretrain.json");
    Files.createDirectories(blocked.resolve("full"));

    SegmentResult result = train(0, 5);

    assertThat(result.end()).isEqualTo(End.REACHED);
    assertThat(bench.lineage().events(run))
        .filteredOn(event -> event.kind().equals("not_profiled"))
        .singleElement()
        .extracting(Event::text)
        .asString()
        .contains(blocked.toString());
  }

  @Test
  void nothingIsRecordedUnasked() throws Exception {
    train(0, 5);
    assertThat(bench.workbench().profiles().of(run)).isEmpty();
  }
}
