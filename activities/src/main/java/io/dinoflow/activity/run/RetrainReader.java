package io.dinoflow.activity.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.gate.Gate;
import io.dinoflow.model.gate.GateProblemsException;
import io.dinoflow.model.recipe.GramTeacherRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.NearestName;
import io.dinoflow.workflow.WorkflowIds;
import io.dinoflow.workflow.activity.RetrainActivities.From;
import io.dinoflow.workflow.activity.RetrainActivities.Promote;
import io.dinoflow.workflow.activity.RetrainActivities.Survey;
import io.dinoflow.workflow.activity.RetrainActivities.Surveyed;
import io.dinoflow.workflow.activity.RunActivities.OpenRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a retraining schedule's input strictly: every problem of it in one failure. */
public final class RetrainReader {
  private static final List<String> FIELDS =
      List.of(
          "schedule",
          "pipeline",
          "always",
          "dataset",
          "model",
          "alias",
          "subject",
          "min_new_samples",
          "gate",
          "promote",
          "ask_hours",
          "from");
  private static final String MODEL = "[A-Za-z0-9][A-Za-z0-9._-]{0,79}";
  private static final String ALIAS = "[a-z0-9][a-z0-9._/-]{0,79}";
  private static final int WEEK_HOURS = 168;
  private static final int YEAR_HOURS = 8760;

  private final RequestReader requests;

  public RetrainReader(RecipeReader recipes) {
    this.requests = new RequestReader(recipes);
  }

  /** As the schedule's firing reads it; the champion is not looked for. */
  public Surveyed read(Survey survey) {
    return new Reading(survey).read();
  }

  /** One request and what is wrong with it. */
  private final class Reading {
    private final Survey survey;
    private final JsonNode request;
    private final List<String> problems = new ArrayList<>();

    Reading(Survey survey) {
      this.survey = survey;
      this.request = survey.request();
    }

    Surveyed read() {
      request
          .fieldNames()
          .forEachRemaining(
              name -> {
                if (!FIELDS.contains(name)) {
                  problems.add(
                      "%s: unknown field%s; known are %s"
                          .formatted(
                              name,
                              NearestName.of(name, FIELDS)
                                  .map(near -> ", did you mean \"" + near + "\"?")
                                  .orElse(""),
                              String.join(", ", FIELDS)));
                }
              });
      String schedule = text("schedule", "", "[A-Za-z0-9][A-Za-z0-9._-]{0,59}");
      String dataset = text("dataset", "", ".{1,1000}");
      String model = text("model", schedule, MODEL);
      String alias = text("alias", "champion", ALIAS);
      long newSamplesMin = number("min_new_samples", 1, 1, Long.MAX_VALUE);
      int askHours = (int) number("ask_hours", WEEK_HOURS, 1, YEAR_HOURS);
      Promote promote = promote();
      From from = from();
      Optional<RequestReader.Accepted> accepted = pipeline(schedule, dataset);
      if (accepted.isEmpty()) {
        throw RequestReader.rejected(problems);
      }
      PipelineRecipe recipe = accepted.get().recipe();
      String subject = subject(recipe);
      if (from == From.CHAMPION) {
        checkBeginning(recipe);
      }
      Optional<StageRecipe.Evaluate> evaluation = evaluation(recipe, subject);
      String gate = evaluation.map(this::gate).orElse("");
      if (!problems.isEmpty()) {
        throw RequestReader.rejected(problems);
      }
      return new Surveyed(
          survey.workflow(),
          survey.firedAtMillis(),
          schedule,
          accepted.get().run(),
          request.path("pipeline"),
          dataset,
          shardBytes(recipe),
          model,
          alias,
          subject,
          newSamplesMin,
          evaluation.orElseThrow().name(),
          gate,
          promote,
          askHours,
          from,
          Optional.empty());
    }

    private Optional<RequestReader.Accepted> pipeline(String schedule, String dataset) {
      RunId run =
          WorkflowIds.scheduled(
              schedule.isEmpty() ? "unnamed" : schedule,
              Instant.ofEpochMilli(survey.firedAtMillis()));
      if (!(request.path("pipeline") instanceof ObjectNode given)) {
        problems.add(
            "pipeline: is %s, must be an object such as {\"recipe\": \"demo\"}"
                .formatted(RequestReader.what(request.path("pipeline"))));
        return Optional.empty();
      }
      if (given.has("data")) {
        problems.add("pipeline.data: the pictures are those of the field dataset; leave it out");
      }
      ObjectNode whole = given.deepCopy();
      whole.put("data", dataset.isBlank() ? "auto" : dataset);
      return requests.read(new OpenRequest(run.value(), whole), problems);
    }

    private String text(String field, String otherwise, String form) {
      JsonNode given = request.path(field);
      if (given.isMissingNode() && !otherwise.isEmpty()) {
        return otherwise;
      }
      if (!given.isTextual() || !given.textValue().matches(form)) {
        problems.add(
            "%s: is %s, must be a text of the form %s"
                .formatted(field, RequestReader.what(given), form));
        return "";
      }
      return given.textValue();
    }

    private long number(String field, long otherwise, long min, long max) {
      JsonNode given = request.path(field);
      if (given.isMissingNode()) {
        return otherwise;
      }
      if (!given.canConvertToLong()
          || !given.isIntegralNumber()
          || given.longValue() < min
          || given.longValue() > max) {
        problems.add(
            "%s: is %s, must be a whole number from %d to %s"
                .formatted(
                    field,
                    RequestReader.what(given),
                    min,
                    max == Long.MAX_VALUE ? "any" : Long.toString(max)));
        return otherwise;
      }
      return given.longValue();
    }

    private Promote promote() {
      String given = text("promote", "ask", "auto|ask");
      return given.equals("auto") ? Promote.AUTO : Promote.ASK;
    }

    private From from() {
      String given = text("from", "scratch", "champion|scratch");
      return given.equals("champion") ? From.CHAMPION : From.SCRATCH;
    }

    private void checkBeginning(PipelineRecipe recipe) {
      Optional<StageRecipe.Train> first = ChampionStart.stage(recipe);
      if (first.isEmpty()) {
        problems.add("from: the recipe has no train stage that could begin with the champion");
      } else if (first.get().gram() instanceof GramTeacherRecipe.RefreshedEvery) {
        problems.add(
            "from: stage \"%s\" cannot begin with the champion, since its gram refreshed_every begins with the teacher of the stage it starts from"
                .formatted(first.get().name()));
      }
    }

    private String subject(PipelineRecipe recipe) {
      List<String> measured = measured(recipe);
      JsonNode given = request.path("subject");
      if (given.isMissingNode()) {
        return measured.stream()
            .filter(
                name -> recipe.stage(name).filter(StageRecipe.Train.class::isInstance).isPresent())
            .reduce((first, last) -> last)
            .orElseGet(() -> named("", measured));
      }
      return named(given.asText(), measured);
    }

    private String named(String subject, List<String> measured) {
      if (!measured.contains(subject)) {
        problems.add(
            "subject: \"%s\" is measured by no Evaluate stage of the recipe%s; measured are %s"
                .formatted(
                    subject,
                    NearestName.of(subject, measured)
                        .map(near -> ", did you mean \"" + near + "\"?")
                        .orElse(""),
                    measured));
      }
      return subject;
    }

    private Optional<StageRecipe.Evaluate> evaluation(PipelineRecipe recipe, String subject) {
      return recipe.stages().stream()
          .filter(StageRecipe.Evaluate.class::isInstance)
          .map(StageRecipe.Evaluate.class::cast)
          .filter(stage -> names(recipe, stage).contains(subject))
          .reduce((first, last) -> last);
    }

    private String gate(StageRecipe.Evaluate stage) {
      JsonNode given = request.path("gate");
      String text =
          given.isMissingNode()
              ? "knn%d.top1 >= champion".formatted(stage.knn().get(0))
              : given.isTextual() ? given.textValue() : given.toString();
      try {
        return Gate.parse(text, Gate.metrics(stage)).toString();
      } catch (GateProblemsException e) {
        e.problems().forEach(problem -> problems.add("gate: " + problem));
        return text;
      }
    }
  }

  private static long shardBytes(PipelineRecipe recipe) {
    return recipe.stages().stream()
        .filter(StageRecipe.Curate.class::isInstance)
        .map(stage -> ((StageRecipe.Curate) stage).shardBytes())
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("the recipe curates nothing, so it learns nothing"));
  }

  private static List<String> measured(PipelineRecipe recipe) {
    return recipe.stages().stream()
        .filter(StageRecipe.Evaluate.class::isInstance)
        .flatMap(stage -> names(recipe, (StageRecipe.Evaluate) stage).stream())
        .distinct()
        .toList();
  }

  /** What an evaluation measures, as references name it: {@code pretrain}, {@code distill/vit}. */
  private static List<String> names(PipelineRecipe recipe, StageRecipe.Evaluate evaluate) {
    List<String> names = new ArrayList<>();
    for (String subject : evaluate.subjects()) {
      StageRecipe stage = recipe.stage(subject).orElseThrow();
      if (stage instanceof StageRecipe.Distill distill) {
        distill.groups().stream()
            .flatMap(group -> group.students().stream())
            .forEach(student -> names.add(subject + "/" + student.name()));
      } else {
        names.add(subject);
      }
    }
    return names;
  }

  /** The gate of a firing as it was read. */
  static Gate gate(Surveyed firing, StageRecipe.Evaluate stage) {
    return Gate.parse(firing.gate(), Gate.metrics(stage));
  }
}
