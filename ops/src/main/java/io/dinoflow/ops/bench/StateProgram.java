package io.dinoflow.ops.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.train.Snapshot;
import io.dinoflow.model.train.StateCopy;
import io.dinoflow.model.train.StepListener.Verdict;
import io.dinoflow.model.train.TrainJob;
import io.dinoflow.model.train.Trainer;
import io.dinoflow.model.train.Trainers;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.embedded.NativeCode;
import io.dinoflow.storage.object.FileObjectStore;
import io.dinoflow.storage.object.ObjectStore;
import io.dinoflow.storage.object.S3ObjectStore;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The product's own trainer with a state of a few hundred megabytes, which copies, writes, reads
 * and trains whenever it is told to: what {@link StateBench} measures, in a process of its own with
 * a worker's options.
 *
 * <p>Reads {@code size}, {@code copy}, {@code memory}, {@code hash}, {@code write}, {@code read},
 * {@code upload}, {@code download}, {@code steps N}, {@code beside N} and {@code quit} from
 * standard input and answers each but the last with one JSON object on a line of standard output.
 * Uploads go to the store that the variables of S3 name.
 */
public final class StateProgram {
  /** Where the written state lies for others to read. */
  static final String STATE = "state";

  private static final String STAGE = "pretrain";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final Trainer trainer;
  private final ObjectStore objects;
  private final ByteBuffer from;
  private final ByteBuffer to;
  private long checkpoints;
  private @Nullable StoreTurns store;

  private StateProgram(Path folder, Trainer trainer, long bytes) {
    this.folder = folder;
    this.trainer = trainer;
    this.objects = new FileObjectStore(folder.resolve("objects"));
    this.from = touched(bytes);
    this.to = touched(bytes);
  }

  /** Memory that is really there. */
  private static ByteBuffer touched(long bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(Math.toIntExact(bytes));
    for (int i = 0; i < buffer.capacity(); i += 4096) {
      buffer.put(i, (byte) i);
    }
    return buffer;
  }

  /** Arguments: a folder for files, the depth of the ViT, its threads. */
  public static void main(String[] arguments) throws IOException {
    // Standard output is the line to the bench; nobody else writes to it.
    PrintStream answers =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    NativeCode.prepare(System.getenv());
    Path folder = Path.of(arguments[0]);
    Dataset dataset = DataPictures.in(folder.resolve("pictures"));
    PipelineRecipe recipe = recipe(Integer.parseInt(arguments[1]), arguments[2]);
    TrainJob job =
        new TrainJob(
            recipe, STAGE, "", dataset, Map.of(), 0, Optional.empty(), Optional.empty(), folder);
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Trainer trainer = Trainers.ssl(job)) {
      long bytes =
          files(trainer.snapshot(folder.resolve(STATE))).stream().mapToLong(BlobFile::bytes).sum();
      answer(answers, Map.of("ready", "dinoflow"));
      StateProgram program = new StateProgram(folder, trainer, bytes);
      try {
        for (String line = commands.readLine();
            line != null && !line.equals("quit");
            line = commands.readLine()) {
          answer(answers, program.answer(line.split(" ")));
        }
      } finally {
        program.closeStore();
      }
    }
  }

  /** The step of the bench: ViT-S/16 of that depth, with heads that weigh little. */
  private static PipelineRecipe recipe(int depth, String threads) {
    return RecipeFormat.parse(
        """
        name: bench
        compute: {threads: %s}
        stages:
          - kind: curate
          - kind: train
            name: %s
            start:
              kind: fresh
              student: {arch: vit, embed_dim: 384, depth: %d, num_heads: 6}
              dino_head: {n_prototypes: 256, hidden_dim: 256, bottleneck_dim: 64}
              ibot_head: {n_prototypes: 256, hidden_dim: 256, bottleneck_dim: 64}
            steps: 1000000
            batch_size: %d
            crops: {sizes: [{global: %d, local: %d}], local_crops_number: %d}
        """
            .formatted(
                threads,
                STAGE,
                depth,
                DataProgram.BATCH,
                DataProgram.GLOBAL,
                DataProgram.LOCAL,
                DataProgram.LOCALS));
  }

  private static void answer(PrintStream answers, Map<String, ?> facts) throws IOException {
    answers.println(JSON.writeValueAsString(facts));
    answers.flush();
  }

  private Map<String, Double> answer(String[] words) throws IOException {
    if (words[0].equals("size")) {
      return Map.of("bytes", (double) from.capacity());
    }
    if (words[0].equals("upload")) {
      return Map.of("seconds", store().upload());
    }
    if (words[0].equals("download")) {
      return Map.of("seconds", store().download());
    }
    long started = System.nanoTime();
    switch (words[0]) {
      case "copy" -> trainer.copy().close();
      case "memory" -> {
        to.clear().put(from.clear());
        from.clear().put(to.clear());
      }
      case "hash" -> hash();
      case "write" -> write();
      case "read" -> trainer.restore(Map.of("", folder.resolve(STATE)));
      case "steps" -> train(Long.parseLong(words[1]));
      case "beside" -> beside(Long.parseLong(words[1]));
      default -> throw new IllegalArgumentException("no such command: " + words[0]);
    }
    return Map.of("seconds", (System.nanoTime() - started) / 1e9);
  }

  private StoreTurns store() {
    StoreTurns opened = store;
    if (opened == null) {
      opened =
          new StoreTurns(
              S3ObjectStore.connect(
                  URI.create(variable(OpsConfig.S3_ENDPOINT)),
                  variable(OpsConfig.S3_BUCKET),
                  variable(OpsConfig.S3_ACCESS_KEY),
                  variable(OpsConfig.S3_SECRET_KEY)),
              folder.resolve(STATE),
              folder.resolve("back"));
      store = opened;
    }
    return opened;
  }

  private static String variable(String name) {
    return Optional.ofNullable(System.getenv(name))
        .orElseThrow(() -> new IllegalStateException(name + " is not set: it names the store"));
  }

  private void closeStore() throws IOException {
    StoreTurns opened = store;
    if (opened != null) {
      opened.close();
    }
  }

  private void hash() {
    MessageDigest digest = Sha256.newDigest();
    digest.update(from.clear());
    if (digest.digest().length != 32) {
      throw new IllegalStateException("a digest of SHA-256 has 32 bytes");
    }
  }

  /** As a checkpoint is written, and then forced to the disk, which a checkpoint leaves to S3. */
  private void write() throws IOException {
    for (BlobFile file : files(trainer.snapshot(folder.resolve(STATE)))) {
      try (FileChannel channel = FileChannel.open(file.file(), StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
  }

  private void train(long steps) {
    trainer.run(trainer.step() + steps, metrics -> Verdict.GO_ON);
  }

  /** One checkpoint beside these steps, as a worker commits it, but to a folder. */
  private void beside(long steps) {
    train(1);
    StateCopy copy = trainer.copy();
    CompletableFuture<Void> written = CompletableFuture.runAsync(() -> commit(copy));
    train(steps - 1);
    written.join();
  }

  private void commit(StateCopy copy) {
    Path own = folder.resolve("checkpoint-" + checkpoints++);
    try (copy) {
      for (BlobFile file : files(copy.write(own))) {
        verify(file);
        String key = "cas/" + file.sha256().hex() + "." + checkpoints;
        if (objects.putIfAbsent(key, file.file()) != ObjectStore.Put.CREATED) {
          throw new IllegalStateException(key + " was there already");
        }
        objects.delete(key);
      }
      Scratch.delete(own);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use " + own, e);
    }
  }

  /** What is uploaded is compared with its digest once more. */
  private static void verify(BlobFile file) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    try (FileChannel channel = FileChannel.open(file.file(), StandardOpenOption.READ)) {
      ByteBuffer chunk = ByteBuffer.allocate(1 << 18);
      while (channel.read(chunk.clear()) >= 0) {
        digest.update(chunk.flip());
      }
    }
    if (!Sha256.ofDigest(digest.digest()).equals(file.sha256())) {
      throw new IllegalStateException(file.file() + " changed after it was hashed");
    }
  }

  private static List<BlobFile> files(Map<String, Snapshot> snapshots) {
    List<BlobFile> files = new ArrayList<>();
    snapshots.values().forEach(snapshot -> files.addAll(snapshot.files()));
    return files;
  }
}
