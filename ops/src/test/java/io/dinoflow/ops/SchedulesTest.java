package io.dinoflow.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.api.RetrainWorkflow.RetrainRequest;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import java.time.Duration;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class SchedulesTest {
  private static final JsonNode PIPELINE =
      new ObjectMapper().createObjectNode().put("recipe", "demo").put("data", "dataset:birds");

  @Test
  void startsTheRetrainWorkflowWithWhatRunWouldSubmit() {
    Schedule schedule =
        Schedules.of(
            draft(
                Schedules.Times.cron("0 3 * * *", ZoneId.of("Europe/Berlin")),
                Schedules.Decision.WHEN_DATA_IS_NEW));

    ScheduleActionStartWorkflow action = (ScheduleActionStartWorkflow) schedule.getAction();
    assertThat(action.getWorkflowType()).isEqualTo("RetrainWorkflow");
    assertThat(action.getOptions().getWorkflowId()).isEqualTo("retrain/nightly");
    assertThat(action.getOptions().getTaskQueue()).isEqualTo("pipeline");
    assertThat(action.getArguments().get(0, RetrainRequest.class))
        .isEqualTo(RetrainRequest.plain("nightly", PIPELINE, false));
    assertThat(schedule.getSpec().getCronExpressions()).containsExactly("0 3 * * *");
    assertThat(schedule.getSpec().getTimeZoneName()).isEqualTo("Europe/Berlin");
  }

  @Test
  void skipsAFiringWhileTheLastRunGoesOnAndMakesUpForAShortOutage() {
    Schedule schedule =
        Schedules.of(draft(Schedules.Times.every(Duration.ofHours(6)), Schedules.Decision.ALWAYS));

    assertThat(schedule.getPolicy().getOverlap())
        .isEqualTo(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP);
    assertThat(schedule.getPolicy().getCatchupWindow()).isEqualTo(Duration.ofHours(1));
    assertThat(schedule.getPolicy().isPauseOnFailure()).isFalse();
    assertThat(schedule.getSpec().getIntervals().get(0).getEvery()).isEqualTo(Duration.ofHours(6));
    ScheduleActionStartWorkflow action = (ScheduleActionStartWorkflow) schedule.getAction();
    assertThat(action.getArguments().get(0, RetrainRequest.class).always()).isTrue();
  }

  @Test
  void saysThatTheInMemoryTemporalHasNoSchedules() {
    try (TestWorkflowEnvironment environment =
        TestWorkflowEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(
                    WorkflowClientOptions.newBuilder()
                        .setDataConverter(Payloads.converter())
                        .build())
                .build())) {
      WorkflowClient client = environment.getWorkflowClient();
      Schedules schedules = new Schedules(client);

      assertThat(refused(schedules::list).kind()).isEqualTo(ScheduleFailure.Kind.UNSUPPORTED);
      assertThat(
              refused(
                      () ->
                          schedules.create(
                              draft(
                                  Schedules.Times.every(Duration.ofDays(1)),
                                  Schedules.Decision.ALWAYS)))
                  .kind())
          .isEqualTo(ScheduleFailure.Kind.UNSUPPORTED);
      assertThat(refused(() -> schedules.story("nightly")).schedule()).isEqualTo("nightly");
    }
  }

  private static ScheduleFailure refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(ScheduleFailure.class, call);
  }

  private static Schedules.Draft draft(Schedules.Times times, Schedules.Decision decision) {
    return Schedules.Draft.plain("nightly", "demo", PIPELINE, times, decision);
  }
}
