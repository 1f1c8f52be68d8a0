package io.dinoflow.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
  private static final String WANTED = NativeLibrary.of(name -> "").version();

  @TempDir private Path site;

  @Test
  void isTheOneAmongTheJarsWhereNoFolderIsNamed() {
    NativeLibrary library = NativeLibrary.of(name -> null);

    assertThat(library.folder()).isEmpty();
    assertThat(library.cuda()).isFalse();
    assertThat(library.version()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(library.words())
        .isEqualTo("libtorch %s for the processor, among the jars".formatted(WANTED));
  }

  @Test
  void knowsAWheelsVersionAndThatItHasCuda() throws IOException {
    Path lib = wheel(WANTED + "+cu126");
    Files.createFile(lib.resolve(System.mapLibraryName("torch_cuda")));

    NativeLibrary library = in(lib);

    assertThat(library.version()).isEqualTo(WANTED + "+cu126");
    assertThat(library.cuda()).isTrue();
    assertThat(library.words())
        .isEqualTo("libtorch %s+cu126 for CUDA, %s".formatted(WANTED, lib.toAbsolutePath()));
  }

  @Test
  void aWheelForTheProcessorHasNoCuda() throws IOException {
    assertThat(in(wheel(WANTED + "+cpu")).cuda()).isFalse();
  }

  @Test
  void anArchiveSaysItsVersionInAFileOfItsOwn() throws IOException {
    Path lib = lib();
    Files.writeString(site.resolve("torch/build-version"), WANTED + "+cu128\n");

    assertThat(in(lib).version()).isEqualTo(WANTED + "+cu128");
  }

  @Test
  void anotherVersionIsRefusedBeforeItCrashes() throws IOException {
    Path lib = wheel("2.6.0+cu124");

    assertThatIllegalStateException()
        .isThrownBy(() -> in(lib))
        .withMessage(
            "PYTORCH_LIBRARY_PATH is %s, but the libtorch there is 2.6.0+cu124: name the lib folder"
                    .formatted(lib)
                + " of torch %s, or unset it for the one among the jars".formatted(WANTED));
  }

  @Test
  void aVersionThatOnlyBeginsAlikeIsAnother() throws IOException {
    Path lib = wheel(WANTED + "1");

    assertThatIllegalStateException().isThrownBy(() -> in(lib));
  }

  /** DJL would go on with the library among the jars, and nobody would see it. */
  @Test
  void aFolderWithoutLibtorchIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> in(site))
        .withMessageStartingWith(
            "PYTORCH_LIBRARY_PATH is %s, but that folder holds no ".formatted(site));
  }

  private NativeLibrary in(Path lib) {
    return NativeLibrary.of(Map.of(NativeLibrary.FOLDER, lib.toString())::get);
  }

  private Path wheel(String version) throws IOException {
    Path lib = lib();
    Files.writeString(
        site.resolve("torch/version.py"),
        "from typing import Optional\n\n__version__ = '%s'\n".formatted(version));
    return lib;
  }

  private Path lib() throws IOException {
    Path lib = Files.createDirectories(site.resolve("torch/lib"));
    Files.createFile(lib.resolve(System.mapLibraryName("torch")));
    return lib;
  }
}
