package io.dinoflow.model.recipe;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.TrackId;
import java.util.ArrayList;
import java.util.List;

/** One stage of a run; its result is a reference that later stages name. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = StageRecipe.Curate.class, name = "curate"),
  @JsonSubTypes.Type(value = StageRecipe.Train.class, name = "train"),
  @JsonSubTypes.Type(value = StageRecipe.Distill.class, name = "distill"),
  @JsonSubTypes.Type(value = StageRecipe.AlignText.class, name = "align_text"),
  @JsonSubTypes.Type(value = StageRecipe.Evaluate.class, name = "evaluate"),
  @JsonSubTypes.Type(value = StageRecipe.Import.class, name = "import")
})
public sealed interface StageRecipe {
  String name();

  /** Names of the earlier stages it refers to. */
  @JsonIgnore
  List<String> needs();

  <R> R match(Cases<R> cases);

  /**
   * Source images to a balanced dataset of shards.
   *
   * @param embedder {@code starter}: a fixed descriptor of colour and gradients
   * @param dedupThreshold cosine similarity from which two pictures count as one; above 1 turns it
   *     off
   * @param nClusters clusters of each level of hierarchical k-means, finest first
   * @param targetSize samples wanted from balanced sampling; 0 takes all
   * @param retrievalSize samples added by nearest neighbours of the seed set
   * @param seedSize samples drawn as the retrieval's seed set
   * @param shardBytes size at which a shard is closed
   * @param imageSize longest side to which pictures are stored; 0 keeps them
   */
  record Curate(
      String name,
      String embedder,
      double dedupThreshold,
      List<Integer> nClusters,
      int kmeansIterations,
      int targetSize,
      int retrievalSize,
      int seedSize,
      long shardBytes,
      int imageSize)
      implements StageRecipe {
    public Curate {
      Check.name("name", name);
      nClusters = List.copyOf(nClusters);
      if (nClusters.isEmpty()) {
        throw new IllegalArgumentException("n_clusters is empty, must name at least one level");
      }
      for (int i = 0; i < nClusters.size(); i++) {
        Check.within(
            "n_clusters[" + i + "]", nClusters.get(i), 1, i == 0 ? 1e8 : nClusters.get(i - 1));
      }
      Check.within("dedup_threshold", dedupThreshold, 0, 2);
      Check.within("kmeans_iterations", kmeansIterations, 1, 1000);
      Check.atLeast("target_size", targetSize, 0);
      Check.atLeast("retrieval_size", retrievalSize, 0);
      Check.atLeast("seed_size", seedSize, 0);
      Check.atLeast("shard_bytes", shardBytes, 4096);
      Check.atLeast("image_size", imageSize, 0);
    }

    @Override
    public List<String> needs() {
      return List.of();
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.curate(this);
    }
  }

  /**
   * Self-supervised training: pre-training, Gram anchoring and resolution scaling differ only in
   * their settings.
   *
   * @param dataset the Curate stage whose result is trained on
   * @param steps training steps of this stage
   * @param gram which Gram teacher, if any
   */
  record Train(
      String name,
      String dataset,
      Start start,
      long steps,
      int batchSize,
      CropRecipe crops,
      LossRecipe losses,
      GramTeacherRecipe gram,
      OptimizerRecipe optim,
      MemoryRecipe memory,
      CheckpointPolicy checkpointing,
      HealthRecipe health)
      implements StageRecipe {
    public Train {
      Check.name("name", name);
      Check.atLeast("steps", steps, 1);
      Check.within("batch_size", batchSize, 2, 65536);
      losses.checkBatch("batch_size", batchSize);
      memory.checkBatch(batchSize, losses);
      if (memory.microBatch(batchSize) < batchSize
          && GramTeacherRecipe.comparesWholeBatches(gram)) {
        throw new IllegalArgumentException(
            "memory.micro_batch_size is %d and gram.loss.img_level false: that loss compares the patches of the whole batch"
                .formatted(memory.microBatchSize()));
      }
    }

    @Override
    public List<String> needs() {
      List<String> needs = new ArrayList<>(List.of(dataset));
      if (start instanceof Start.Continue from) {
        needs.add(from.from());
      } else if (start instanceof Start.FromTeacher from) {
        needs.add(from.from());
      }
      if (gram instanceof GramTeacherRecipe.FromCheckpoint from) {
        needs.add(from.from());
      }
      return needs;
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.train(this);
    }
  }

  /**
   * Students that learn in parallel from one frozen teacher.
   *
   * @param teacher the Train stage whose EMA teacher and heads are distilled
   * @param groups each group shares one teacher forward a batch and runs as a child of its own
   */
  record Distill(
      String name,
      String dataset,
      String teacher,
      List<Group> groups,
      long steps,
      int batchSize,
      CropRecipe crops,
      LossRecipe losses,
      OptimizerRecipe optim,
      MemoryRecipe memory,
      CheckpointPolicy checkpointing,
      HealthRecipe health)
      implements StageRecipe {

    /** Students that share a teacher forward. */
    public record Group(String name, List<StudentRecipe> students) {
      public Group {
        Check.name("groups.name", name);
        students = List.copyOf(students);
        if (students.isEmpty()) {
          throw new IllegalArgumentException("group \"%s\" has no students".formatted(name));
        }
      }
    }

    public Distill {
      Check.name("name", name);
      Check.atLeast("steps", steps, 1);
      Check.within("batch_size", batchSize, 2, 65536);
      losses.checkBatch("batch_size", batchSize);
      memory.checkBatch(batchSize, losses);
      groups = List.copyOf(groups);
      List<String> names =
          groups.stream().flatMap(g -> g.students().stream()).map(StudentRecipe::name).toList();
      List<String> groupNames = groups.stream().map(Group::name).toList();
      if (groupNames.stream().distinct().count() != groupNames.size()) {
        throw new IllegalArgumentException(
            "groups %s must have unique names".formatted(groupNames));
      }
      if (groups.isEmpty() || names.stream().distinct().count() != names.size()) {
        throw new IllegalArgumentException(
            "students %s must be at least one, with unique names".formatted(names));
      }
    }

    @Override
    public List<String> needs() {
      return List.of(dataset, teacher);
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.distill(this);
    }
  }

  /**
   * Text alignment in the way of dino.txt: frozen vision tower with trained blocks on top, text
   * encoder from scratch, contrastive loss.
   *
   * @param vision the stage (Train, or Distill with {@code student}) whose teacher is the frozen
   *     tower
   * @param student name of the student where {@code vision} is a Distill stage, else empty
   * @param visionBlocks transformer blocks trained on top of the frozen tower
   */
  record AlignText(
      String name,
      String dataset,
      String vision,
      String student,
      long steps,
      int batchSize,
      int imageSize,
      int visionBlocks,
      TextTowerRecipe text,
      OptimizerRecipe optim,
      CheckpointPolicy checkpointing,
      HealthRecipe health)
      implements StageRecipe {

    /** The text encoder; {@code embedDim} is the width of the joint space, an even number. */
    public record TextTowerRecipe(
        int width, int layers, int heads, int contextLength, int embedDim) {
      public TextTowerRecipe {
        Check.within("text.heads", heads, 1, 256);
        Check.atLeast("text.width", width, 1);
        Check.multiple("text.width", width, heads);
        Check.within("text.layers", layers, 1, 64);
        Check.within("text.context_length", contextLength, 4, 77);
        Check.atLeast("text.embed_dim", embedDim, 2);
        Check.multiple("text.embed_dim", embedDim, 2);
      }
    }

    public AlignText {
      Check.name("name", name);
      Check.atLeast("steps", steps, 1);
      Check.within("batch_size", batchSize, 2, 65536);
      Check.within("vision_blocks", visionBlocks, 0, 64);
    }

    @Override
    public List<String> needs() {
      return List.of(dataset, vision);
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.alignText(this);
    }
  }

  /**
   * Measures the named stages' checkpoints on the source images, against random weights and raw
   * pixels.
   *
   * @param subjects stages whose teachers are measured; a Distill stage measures each student
   * @param text the AlignText stage for retrieval, else empty
   * @param folds cross-validation folds, which keep variants of a picture together
   * @param knn neighbours; the first is the headline
   * @param linearEpochs of the linear probe; 0 leaves it out
   * @param samplesMax pictures measured on; of a larger source a seeded draw
   */
  record Evaluate(
      String name,
      List<String> subjects,
      String text,
      int imageSize,
      int folds,
      List<Integer> knn,
      int linearEpochs,
      int samplesMax)
      implements StageRecipe {
    public Evaluate {
      Check.name("name", name);
      subjects = List.copyOf(subjects);
      knn = List.copyOf(knn);
      Check.within("folds", folds, 2, 20);
      if (knn.isEmpty()) {
        throw new IllegalArgumentException("knn is empty, must name at least one k");
      }
      for (int i = 0; i < knn.size(); i++) {
        Check.atLeast("knn[" + i + "]", knn.get(i), 1);
      }
      if (knn.stream().distinct().count() != knn.size()) {
        throw new IllegalArgumentException("knn is %s, must name each k once".formatted(knn));
      }
      Check.within("image_size", imageSize, 8, 4096);
      Check.within("linear_epochs", linearEpochs, 0, 10_000);
      Check.atLeast("samples_max", samplesMax, 10);
    }

    @Override
    public List<String> needs() {
      List<String> needs = new ArrayList<>(subjects);
      if (!text.isEmpty()) {
        needs.add(text);
      }
      return needs;
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.evaluate(this);
    }
  }

  /**
   * Takes an imported model as a later stage's teacher: nothing is computed.
   *
   * @param from name the model was imported under
   * @param weights digest of its weights, or the beginning of it, checked where it is given
   * @param student its architecture
   * @param dinoHead,ibotHead what a stage that starts from it trains from random weights, since
   *     published models come without heads
   * @param imageSize side of the pictures it was trained on
   */
  record Import(
      String name,
      String from,
      String weights,
      BackboneRecipe student,
      HeadRecipe dinoHead,
      HeadRecipe ibotHead,
      int imageSize,
      List<Double> rgbMean,
      List<Double> rgbStd)
      implements StageRecipe {
    private static final String RUN_PREFIX = "import-";

    /** The stage of the run that an import is. */
    public static final String STAGE = "imported";

    public Import {
      Check.name("name", name);
      Check.name("from", from);
      rgbMean = List.copyOf(rgbMean);
      rgbStd = List.copyOf(rgbStd);
      if (!weights.matches("[0-9a-f]{8,64}|")) {
        throw new IllegalArgumentException(
            "weights is \"%s\", must be 8 to 64 digits of a digest".formatted(weights));
      }
      Check.atLeast("image_size", imageSize, student.stride());
      if (rgbMean.size() != 3 || rgbStd.size() != 3) {
        throw new IllegalArgumentException(
            "rgb_mean and rgb_std have %d and %d entries, must have 3 each"
                .formatted(rgbMean.size(), rgbStd.size()));
      }
    }

    /** The run that imported a model of this name. */
    public static RunId run(String from) {
      return new RunId(RUN_PREFIX + from);
    }

    /** Where the model's checkpoint lies. */
    @JsonIgnore
    public TrackId track() {
      return TrackId.of(run(from), STAGE);
    }

    @Override
    public List<String> needs() {
      return List.of();
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.importModel(this);
    }
  }

  /** One answer for each kind of stage. */
  interface Cases<R> {
    R curate(Curate stage);

    R train(Train stage);

    R distill(Distill stage);

    R alignText(AlignText stage);

    R evaluate(Evaluate stage);

    R importModel(Import stage);
  }
}
