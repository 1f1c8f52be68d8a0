package io.dinoflow.ops.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.activity.run.CatalogRecipes;
import io.dinoflow.activity.run.ChampionStart;
import io.dinoflow.activity.run.RetrainReader;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Schedules;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.ShippedRecipes;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.WorkflowIds;
import io.dinoflow.workflow.activity.RetrainActivities.Champion;
import io.dinoflow.workflow.activity.RetrainActivities.From;
import io.dinoflow.workflow.activity.RetrainActivities.Survey;
import io.dinoflow.workflow.activity.RetrainActivities.Surveyed;
import io.dinoflow.workflow.api.RetrainWorkflow.RetrainRequest;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a schedule. */
@CommandLine.Command(
    name = "create",
    description = {
      "Make a schedule. With --dataset it retrains a model: each firing compares the dataset with"
          + " what the champion was trained on, trains on both together when enough is new, measures"
          + " both on the same pictures, and promotes through the gate or asks. --from champion goes"
          + " on from the champion's weights, where there is a champion.",
      "Without it a run starts if the dataset of --data dataset:NAME has a new version (other data,"
          + " or --always: at every firing), and nothing is promoted.",
      "A firing while the last one still goes on is skipped; one that falls into an outage is made"
          + " up for within an hour; a failed run leaves the schedule going. --overlap and"
          + " --catchup-window say otherwise."
    })
final class ScheduleCreateCommand extends Command {
  @Parameters(index = "0", paramLabel = "NAME", description = "Its runs are called NAME-TIME.")
  private String name = "";

  @Option(
      names = "--recipe",
      required = true,
      paramLabel = "R",
      description = "Name of a shipped recipe, or a YAML or JSON file.")
  private String recipe = "";

  @ArgGroup(multiplicity = "1")
  private When when = new When();

  /** Exactly one of the two. */
  static final class When {
    @Option(
        names = "--cron",
        paramLabel = "EXPR",
        description = "Five fields: minute hour day month weekday, such as \"0 3 * * *\".")
    private Optional<String> cron = Optional.empty();

    @Option(
        names = "--every",
        paramLabel = "SPAN",
        description = "An interval such as 30m, 6h or 1d.")
    private Optional<String> every = Optional.empty();
  }

  @Option(
      names = {"--time-zone", "--timezone"},
      paramLabel = "ZONE",
      description = "Of --cron, such as Europe/Berlin (default: UTC).")
  private Optional<String> zone = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "D",
      description = "dataset:NAME to run when it has a new version; or as for `dinoflow run`.")
  private Optional<String> data = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Override a field of the recipe; may be repeated.")
  private List<String> settings = List.of();

  @Option(names = "--always", description = "Start a run at every firing, new data or not.")
  private boolean always;

  @Option(
      names = "--dataset",
      paramLabel = "D",
      description = "Retrain a model on this folder, tar, named set or dataset:NAME.")
  private Optional<String> dataset = Optional.empty();

  @Option(
      names = "--model",
      paramLabel = "M",
      description = "The model whose champion is compared and replaced (default: NAME).")
  private Optional<String> model = Optional.empty();

  @Option(
      names = "--alias",
      paramLabel = "A",
      description = "What points at the champion (default: champion).")
  private Optional<String> alias = Optional.empty();

  @Option(
      names = "--subject",
      paramLabel = "STAGE[/STUDENT]",
      description = "What is the model (default: the last training stage that is evaluated).")
  private Optional<String> subject = Optional.empty();

  @Option(
      names = "--min-new-samples",
      paramLabel = "N",
      description = "Fewer new pictures start no run (default: 1).")
  private Optional<Long> minNewSamples = Optional.empty();

  @Option(
      names = "--gate",
      paramLabel = "G",
      description = "Such as \"knn10.top1 >= champion\", the default for the recipe's first k.")
  private Optional<String> gate = Optional.empty();

  @Option(
      names = "--promote",
      paramLabel = "auto|ask",
      description = "What happens to a challenger that passes (default: ask).")
  private Optional<String> promote = Optional.empty();

  @Option(
      names = "--ask-hours",
      paramLabel = "H",
      description = "An answer is waited for so long, then the champion stays (default: 168).")
  private Optional<Integer> askHours = Optional.empty();

  @Option(
      names = "--from",
      paramLabel = "champion|scratch",
      description =
          "What the first training stage begins with: the champion's weights, once there is a"
              + " champion with the recipe's networks, or what the recipe says (default: scratch).")
  private Optional<String> from = Optional.empty();

  @Option(
      names = "--overlap",
      paramLabel = "P",
      defaultValue = "skip",
      description =
          "What a firing does while the last one still goes on: skip, buffer-one, buffer-all,"
              + " cancel-other, terminate-other or allow-all (default: ${DEFAULT-VALUE}).")
  private String overlap = "";

  @Option(
      names = "--catchup-window",
      paramLabel = "SPAN",
      defaultValue = "1h",
      description =
          "Firings that fell into an outage are made up for so long (default: ${DEFAULT-VALUE}).")
  private String catchUp = "";

  @Option(
      names = "--jitter",
      paramLabel = "SPAN",
      description = "Each firing is late by up to so much, so that not all begin at once.")
  private Optional<String> jitter = Optional.empty();

  @Override
  protected ExitCode run() throws Exception {
    RunRequest request = RunRequest.of(recipe, settings, data, RunRequest.Reuse.ALLOWED);
    Schedules.Draft draft =
        new Schedules.Draft(
            ScheduleCommands.name(name),
            request.recipeName(),
            retrain(request.json()),
            ScheduleCommands.times(when.cron, when.every, zone),
            new Schedules.Policy(
                overlap(overlap),
                span("--catchup-window", catchUp),
                jitter.map(typed -> span("--jitter", typed)).orElse(Duration.ZERO)));
    Optional<Surveyed> retrained =
        dataset.isPresent() ? Optional.of(checked(draft.request())) : Optional.empty();
    if (retrained.isEmpty()) {
      RequestedRecipe.of(request, WorkflowIds.scheduled(name, Instant.now()));
    }
    try (Services services = services()) {
      retrained.ifPresent(read -> checkChampion(services, read));
      new Schedules(services.workflows()).create(draft);
    }
    Answers.print(
        printer(),
        asJson(),
        Map.of("schedule", name, "answer", "created", "when", draft.times().words()),
        "schedule %s fires %s%s; `dinoflow why %s` says what it did and will do"
            .formatted(
                name,
                draft.times().words(),
                retrained.map(ScheduleCreateCommand::policy).orElse(""),
                name));
    return ExitCode.OK;
  }

  private static String policy(Surveyed read) {
    return "; gate of %s: %s%s"
        .formatted(
            read.subject(),
            read.gate(),
            read.from() == From.CHAMPION
                ? "; goes on from the %s of %s".formatted(read.alias(), read.model())
                : "");
  }

  /** The firing would find it out too, but at night. */
  private static void checkChampion(Services services, Surveyed read) {
    if (read.from() == From.SCRATCH) {
      return;
    }
    Optional<Champion> champion =
        services
            .models()
            .find(read.model(), read.alias())
            .map(found -> new Champion(found.checkpoint(), found.version(), Optional.empty()));
    new ChampionStart(new CatalogRecipes(new ShippedRecipes()), services.lineage())
        .misfit(read.with(champion))
        .ifPresent(
            why -> {
              throw CliFailure.usage(
                  "the schedule cannot go on from the " + read.alias(),
                  why,
                  "give the recipe those networks with --set, or leave out --from");
            });
  }

  private RetrainRequest retrain(JsonNode pipeline) {
    if (dataset.isEmpty()) {
      refuse("--model", model);
      refuse("--alias", alias);
      refuse("--subject", subject);
      refuse("--min-new-samples", minNewSamples);
      refuse("--gate", gate);
      refuse("--promote", promote);
      refuse("--ask-hours", askHours);
      refuse("--from", from);
      return RetrainRequest.plain(name, pipeline, always);
    }
    if (data.isPresent() || always) {
      throw CliFailure.usage(
          (always ? "--always" : "--data") + " cannot be used with --dataset",
          "what is trained on, and when, follows from the dataset",
          "leave it out");
    }
    return new RetrainRequest(
        name,
        pipeline,
        false,
        dataset.map(RunRequest::absoluteIfFile),
        model,
        alias,
        subject,
        minNewSamples,
        gate,
        promote,
        askHours,
        from);
  }

  private static void refuse(String option, Optional<?> given) {
    if (given.isPresent()) {
      throw CliFailure.usage(
          option + " needs --dataset",
          "without a dataset the schedule only starts runs",
          "add --dataset D, or leave it out");
    }
  }

  /** As strictly as the firing would, so that a typing error is not found out at night. */
  private static Surveyed checked(RetrainRequest request) {
    try {
      return new RetrainReader(new CatalogRecipes(new ShippedRecipes()))
          .read(
              new Survey(
                  WorkflowIds.retrain(request.schedule()),
                  Instant.now().toEpochMilli(),
                  Payloads.mapper().valueToTree(request)));
    } catch (ApplicationFailure e) {
      throw CliFailure.usage(
          "the schedule cannot be made",
          e.getOriginalMessage().lines().skip(1).collect(Collectors.joining("\n       ")),
          "`dinoflow schedule create --help` shows what is possible");
    }
  }

  static ScheduleOverlapPolicy overlap(String typed) {
    return switch (typed) {
      case "skip" -> ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP;
      case "buffer-one" -> ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE;
      case "buffer-all" -> ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL;
      case "cancel-other" -> ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_CANCEL_OTHER;
      case "terminate-other" -> ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_TERMINATE_OTHER;
      case "allow-all" -> ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL;
      default ->
          throw CliFailure.usage(
              "--overlap " + typed + " cannot be used",
              "it must be skip, buffer-one, buffer-all, cancel-other, terminate-other or allow-all",
              "leave it out to skip");
    };
  }

  private static Duration span(String option, String typed) {
    return Spans.parse(typed)
        .orElseThrow(
            () ->
                CliFailure.usage(
                    "%s %s cannot be used".formatted(option, typed),
                    "it is no span of time",
                    "write it like 30s, 15m, 1h30m, 2d or 1w"));
  }
}
