package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureFileTest {
  private static final int FEATURES = 3;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() {
    TorchKernels.prepareThread(1);
  }

  private Path written(TensorScope scope, int rows) throws IOException {
    Path path = folder.resolve("rows.f32");
    float[] values = new float[rows * FEATURES];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    try (FeatureFile file = FeatureFile.open(path, FEATURES)) {
      file.write(0, scope.manager().create(values, new Shape(rows, FEATURES)));
    }
    return path;
  }

  @Test
  void rowsReadBackInWhateverPieces() throws IOException {
    try (TensorScope scope = TensorScope.under(TorchKernels.manager());
        FeatureFile file = FeatureFile.open(written(scope, 7), FEATURES)) {
      assertThat(file.rows()).isEqualTo(7);
      float[] whole = file.read(scope, 7).toFloatArray();
      assertThat(whole).startsWith(0, 1, 2).endsWith(18, 19, 20);
      assertThat(file.read(scope, 7, 2).toFloatArray()).isEqualTo(whole);
    }
  }

  @Test
  void halfARowCountsAsNone() throws IOException {
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      Path path = written(scope, 4);
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
        channel.truncate(channel.size() - 2);
      }
      try (FeatureFile file = FeatureFile.open(path, FEATURES)) {
        assertThat(file.rows()).isEqualTo(3);
        assertThat(file.read(scope, 3).toFloatArray()).endsWith(6, 7, 8);
        assertThatThrownBy(() -> file.read(scope, 4)).isInstanceOf(EOFException.class);
      }
    }
  }
}
