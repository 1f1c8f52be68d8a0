package io.dinoflow.activity.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dinoflow.activity.testing.Bench;
import io.dinoflow.activity.testing.Chain;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.CachedImages;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.IngestActivities;
import io.dinoflow.workflow.activity.IngestActivities.IngestRequest;
import io.dinoflow.workflow.activity.IngestActivities.Ingested;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestActivitiesIT {
  @TempDir static Path folder;
  private static Bench bench;
  private static TestActivityEnvironment temporal;
  private static IngestActivities activities;

  @BeforeAll
  static void servers() {
    bench = Bench.in(folder);
    temporal =
        TestActivityEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(
                    WorkflowClientOptions.newBuilder()
                        .setDataConverter(Payloads.converter())
                        .build())
                .build());
    temporal.registerActivitiesImplementations(new IngestActivitiesImpl(bench.workbench()));
    activities = temporal.newActivityStub(IngestActivities.class, Bench.PATIENT);
  }

  @AfterAll
  static void close() {
    temporal.close();
    bench.close();
  }

  @Test
  void makesTheSameDatasetOfTheSamePicturesWhoeverAsks() throws Exception {
    Path pictures = pictures("birds", 6);
    Files.write(pictures.resolve("broken.png"), new byte[] {1, 2});
    Ingested first = ingest(pictures.toString());
    assertThat(ingest(pictures.toString()).source()).isEqualTo(first.source());
    assertThat(first.source().name()).isEqualTo("birds");
    assertThat(first.source().samples()).isEqualTo(6);
    assertThat(first.account()).contains("6 pictures, 1 quarantined");

    Dataset read = bench.workbench().datasets().open(first.source());
    CachedImages images = CachedImages.of(read);
    for (Sample sample : read.samples()) {
      assertThat(Sha256.of(images.bytes(sample))).isEqualTo(sample.sha256());
    }
    assertThat(ingest("dataset:birds").source()).isEqualTo(first.source());
    Files.write(pictures.resolve("another.png"), Pictures.png(99));
    assertThat(ingest(pictures.toString()).source()).isNotEqualTo(first.source());
  }

  @Test
  void failsForGoodWhereTryingAgainWouldFindTheSame() throws Exception {
    Path evil =
        new TarFiles()
            .add("a.png", Pictures.png(1))
            .special("b", TarConstants.LF_SYMLINK)
            .write(folder.resolve("evil.tar"));
    assertFails(evil.toString(), Failures.UNSAFE_ARCHIVE, "evil.tar", "b is a link");
    Path noGzip = Files.writeString(folder.resolve("no.tgz"), "no gzip");
    assertFails(noGzip.toString(), Failures.BAD_DATASET, "no.tgz", "no gzip file");
    Path cut = folder.resolve("cut.tar");
    Files.write(cut, Arrays.copyOf(new TarFiles().add("a.png", "x").bytes(), 1024));
    assertFails(cut.toString(), Failures.BAD_DATASET, "cut.tar", "truncated");
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertFails(empty.toString(), Failures.BAD_DATASET, "no picture");
    assertFails("dataset:nobody", Failures.BAD_DATASET, "no dataset \"nobody\"");
    assertFails("/no/such/place", Failures.BAD_DATASET, "/no/such/place");
  }

  private static void assertFails(String source, String type, String... words) {
    ActivityFailure failure = catchThrowableOfType(ActivityFailure.class, () -> ingest(source));
    assertThat(failure.getCause())
        .isInstanceOfSatisfying(
            ApplicationFailure.class,
            cause -> {
              assertThat(cause.getType()).isEqualTo(type);
              assertThat(cause.isNonRetryable()).isTrue();
              assertThat(cause.getOriginalMessage()).contains(words);
            });
  }

  private static Ingested ingest(String source) {
    PipelineRecipe recipe = Chain.with("data.source", source);
    RunId run = bench.open(recipe);
    return activities.ingest(
        new IngestRequest(run, "curate", Sha256.ofText(RecipeFormat.canonicalJson(recipe))));
  }

  private static Path pictures(String name, int count) throws IOException {
    Path pictures = Files.createDirectories(folder.resolve(name));
    for (int i = 0; i < count; i++) {
      Files.write(pictures.resolve(i + ".png"), Pictures.png(i));
    }
    return pictures;
  }
}
