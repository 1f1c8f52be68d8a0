package io.dinoflow.model.recipe.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.dinoflow.model.recipe.PipelineRecipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Official DINOv3 configurations to one recipe: each file is a stage that goes on from the one
 * before it.
 *
 * <p>Nothing is dropped in silence: every key, and every official default that a file leaves out,
 * is reported with what became of it. An official run that goes on counts its steps from the first
 * run's beginning; so a file whose run ends later than the chain so far continues it, and any other
 * begins at step 0 with its teacher.
 */
public final class OfficialImport {
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .build());

  private final String name;
  private final int gpus;
  private final ArrayNode stages = JsonNodeFactory.instance.arrayNode();
  private final List<String> remarks = new ArrayList<>();

  /** The fresh start that the chain so far goes back to. */
  private Optional<ObjectNode> beginning = Optional.empty();

  private Optional<String> lastGram = Optional.empty();
  private String last = "";
  private long lastStep;

  private OfficialImport(String name, int gpus) {
    this.name = name;
    this.gpus = gpus;
  }

  /** One configuration; the name is for messages. */
  public record Source(String name, String text) {}

  /**
   * What the configurations became.
   *
   * @param yaml the recipe as it is to be kept, with a comment that says where it is from
   * @param keys every key of every file, in the files' order, then the defaults they leave out
   * @param remarks what else is not as in the official runs
   */
  public record Result(
      PipelineRecipe recipe, String yaml, List<OfficialKey> keys, List<String> remarks) {}

  /**
   * @param name of the recipe
   * @param sources in the order in which they were run
   * @param gpus processes of the official runs; each takes {@code train.batch_size_per_gpu}
   *     pictures
   * @throws RecipeProblemsException with everything that is wrong
   */
  public static Result of(String name, List<Source> sources, int gpus) {
    OfficialImport chain = new OfficialImport(name, gpus);
    List<OfficialStage> files = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    for (Source source : sources) {
      try {
        files.add(new OfficialStage(OfficialFile.of(source.name(), source.text()), gpus));
      } catch (RecipeProblemsException e) {
        e.problems()
            .forEach(
                p -> problems.add(p.path().isEmpty() ? Problem.of(source.name(), p.message()) : p));
      }
    }
    if (problems.isEmpty()) {
      files.forEach(chain::add);
    }
    files.forEach(file -> problems.addAll(file.file().problems()));
    if (!problems.isEmpty()) {
      throw new RecipeProblemsException(problems.stream().distinct().toList());
    }
    return chain.result(files);
  }

  private void add(OfficialStage file) {
    if (file.distills()) {
      distill(file);
    } else {
      train(file);
    }
  }

  private void train(OfficialStage file) {
    long begins = file.gramBegins();
    boolean alone = beginning.isEmpty();
    if (alone && ((file.gram() && (begins > 0 || !file.refreshes())) || file.raisesResolution())) {
      standIn(file, begins > 0 ? begins : OfficialTable.teacher().get("steps").asLong());
    }
    boolean fresh = beginning.isEmpty();
    boolean goesOn = !fresh && !file.raisesResolution() && file.steps() > lastStep;
    ObjectNode stage = JsonNodeFactory.instance.objectNode();
    stage.put("kind", "train").put("name", unique(word(file, fresh, goesOn)));
    if (fresh) {
      beginning = Optional.of(file.fresh());
      stage.set("start", beginning.orElseThrow());
    } else {
      sameNetwork(file);
      stage.putObject("start").put("kind", goesOn ? "continue" : "from_teacher").put("from", last);
    }
    long first = goesOn ? lastStep : 0;
    refreshesAsOfficially(file, first);
    stage.put("steps", file.steps() - first);
    file.common(stage);
    if (file.gram()) {
      stage.set("gram", file.gramTeacher(lastGram.orElse(last)));
    }
    file.optimizer(stage);
    added(stage, file.steps());
    if (file.gram()) {
      lastGram = Optional.of(last);
    }
  }

  private static String word(OfficialStage file, boolean fresh, boolean goesOn) {
    if (file.raisesResolution()) {
      return "highres";
    }
    return file.gram() && !fresh ? "gram" : (fresh || goesOn ? "pretrain" : "train");
  }

  /** Ours are counted from the stage's first step, the official ones from step 0. */
  private void refreshesAsOfficially(OfficialStage file, long first) {
    if (!file.refreshes()) {
      return;
    }
    OfficialFile keys = file.file();
    long every = keys.whole("gram.update_frequency");
    long official = Math.max(keys.whole("gram.it_first_update"), every);
    if (every < 1 || first % every != 0 || official != first + every) {
      keys.refuse(
          "gram.it_first_update",
          "the stage begins at step %d, so its first refresh is at %d"
              .formatted(first, first + every));
    }
  }

  private void distill(OfficialStage file) {
    if (beginning.isEmpty()) {
      standIn(file, OfficialTable.teacher().get("steps").asLong());
    }
    ObjectNode stage = JsonNodeFactory.instance.objectNode();
    stage.put("kind", "distill").put("name", unique("distill")).put("teacher", last);
    ObjectNode group = stage.putArray("groups").addObject().put("name", "students");
    group.set("students", file.students());
    sameHeads(file);
    stage.put("steps", file.steps());
    file.common(stage);
    file.optimizer(stage);
    stages.add(stage);
  }

  /** A stage for the run that a file goes on from and that was not given. */
  private void standIn(OfficialStage file, long steps) {
    ObjectNode stage = JsonNodeFactory.instance.objectNode();
    stage.put("kind", "train").put("name", unique("pretrain"));
    ObjectNode start = file.fresh();
    if (file.distills()) {
      start.set("student", OfficialTable.teacher().get("student"));
    }
    beginning = Optional.of(start);
    stage.set("start", start);
    stage.put("steps", steps);
    file.common(stage);
    for (JsonNode size : stage.at("/crops/sizes")) {
      ((ObjectNode) size).remove("gram");
    }
    file.optimizer(stage);
    added(stage, steps);
    remarks.add(
        "%s goes on from a run whose file was not given: stage \"%s\" stands for it, with this file's settings%s; import that run's file before this one"
            .formatted(
                file.file().name(), last, file.distills() ? " and the official 7B network" : ""));
  }

  private void added(ObjectNode stage, long step) {
    stages.add(stage);
    last = stage.get("name").asText();
    lastStep = step;
  }

  /** A stage that goes on has the network it goes on with, whatever its file says. */
  private void sameNetwork(OfficialStage file) {
    JsonNode own = file.fresh().get("student");
    JsonNode before = beginning.orElseThrow().get("student");
    before
        .properties()
        .forEach(
            e -> {
              if (!sameValue(e.getValue(), own.path(e.getKey()))) {
                file.file()
                    .refuse(
                        "student." + (e.getKey().equals("embed_dim") ? "arch" : e.getKey()),
                        "the network is the first stage's, where it is " + e.getValue());
              }
            });
    sameHeads(file);
  }

  private void sameHeads(OfficialStage file) {
    for (String head : List.of("dino", "ibot")) {
      JsonNode own = file.fresh().get(head + "_head");
      beginning
          .orElseThrow()
          .get(head + "_head")
          .properties()
          .forEach(
              e -> {
                if (!sameValue(e.getValue(), own.path(e.getKey()))) {
                  file.file()
                      .refuse(
                          head + ".head_" + e.getKey(),
                          "heads are the first stage's, where it is " + e.getValue());
                }
              });
    }
  }

  private static boolean sameValue(JsonNode a, JsonNode b) {
    return a.isNumber() && b.isNumber() ? a.asDouble() == b.asDouble() : a.equals(b);
  }

  private String unique(String wanted) {
    String free = wanted;
    for (int i = 2; taken(free); i++) {
      free = wanted + "-" + i;
    }
    return free;
  }

  private boolean taken(String candidate) {
    for (JsonNode stage : stages) {
      if (stage.get("name").asText().equals(candidate)) {
        return true;
      }
    }
    return false;
  }

  private Result result(List<OfficialStage> files) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("name", name);
    tree.put("description", "Imported from " + String.join(", ", names(files)));
    ObjectNode first = files.get(0).ofRecipe();
    tree.setAll(first);
    for (OfficialStage file : files) {
      ObjectNode own = file.ofRecipe();
      if (!own.get("seed").equals(first.get("seed"))) {
        file.file().refuse("train.seed", "a recipe has one seed, the first file's");
      }
      if (!own.get("compute").equals(first.get("compute"))) {
        file.file()
            .refuse(
                "compute_precision.param_dtype", "a recipe has one precision, the first file's");
      }
    }
    ArrayNode all = tree.putArray("stages");
    all.add(keepEverything());
    all.addAll(stages);
    String yaml = comment(files) + text(tree);
    List<OfficialKey> keys = new ArrayList<>();
    files.forEach(file -> keys.addAll(file.file().keys()));
    return new Result(RecipeFormat.parse(yaml), yaml, List.copyOf(keys), List.copyOf(remarks));
  }

  /** The official data sets are curated already. */
  private static ObjectNode keepEverything() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("kind", "curate")
        .put("name", "curate")
        .put("dedup_threshold", 2.0)
        .put("kmeans_iterations", 1)
        .set("n_clusters", JsonNodeFactory.instance.arrayNode().add(1));
  }

  private static List<String> names(List<OfficialStage> files) {
    return files.stream().map(file -> file.file().name()).toList();
  }

  private String comment(List<OfficialStage> files) {
    StringBuilder comment = new StringBuilder();
    comment.append(
        "# Imported from official DINOv3 configurations: %s; %d process%s.%n"
            .formatted(String.join(", ", names(files)), gpus, gpus == 1 ? "" : "es"));
    remarks.forEach(remark -> comment.append("# %s.%n".formatted(remark)));
    return comment.toString();
  }

  private static String text(ObjectNode tree) {
    try {
      return YAML.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write the recipe", e);
    }
  }
}
