package io.dinoflow.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AcceleratorsTest {
  private static final NativeLibrary PROCESSOR =
      new NativeLibrary(Optional.empty(), "2.7.1", false);
  private static final NativeLibrary CUDA =
      new NativeLibrary(Optional.of(Path.of("/wheel/torch/lib")), "2.7.1+cu126", true);
  private static final List<String> TWO = List.of("NVIDIA H200", "NVIDIA H200");

  @TempDir private Path machine;
  private Path devices;
  private Path driver;

  @BeforeEach
  void foldersOfTheSystem() throws IOException {
    devices = Files.createDirectory(machine.resolve("dev"));
    driver = machine.resolve("gpus");
  }

  @Test
  void autoTakesTheFirstGpuThatLibtorchCanUse() {
    assertThat(new Accelerators(CUDA, TWO).device("auto")).hasToString("cuda:0");
    assertThat(new Accelerators(CUDA, List.of()).device("auto")).isEqualTo(ComputeDevice.CPU);
    assertThat(new Accelerators(PROCESSOR, TWO).device("auto")).isEqualTo(ComputeDevice.CPU);
  }

  @Test
  void theProcessorIsAlwaysThere() {
    assertThat(new Accelerators(CUDA, TWO).device("cpu")).isEqualTo(ComputeDevice.CPU);
    assertThat(new Accelerators(PROCESSOR, List.of()).device("cpu")).hasToString("cpu");
  }

  @Test
  void aGpuIsTakenByItsIndex() {
    assertThat(new Accelerators(CUDA, TWO).device("cuda:1")).hasToString("cuda:1");
    // what the driver does not show in files the engine may know
    assertThat(new Accelerators(CUDA, List.of()).device("cuda:1")).hasToString("cuda:1");
  }

  @Test
  void aLibraryWithoutCudaRefusesAGpuInASentence() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Accelerators(PROCESSOR, TWO).device("cuda:0"))
        .withMessage(
            "compute.device is cuda:0, but there is only libtorch 2.7.1 for the processor, among"
                + " the jars: name one with CUDA by PYTORCH_LIBRARY_PATH"
                + " (ops/docs/operations.md, Accelerators), or take auto or cpu");
  }

  @Test
  void aGpuThatIsNotThereIsRefusedWithThoseThatAre() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Accelerators(CUDA, TWO).device("cuda:2"))
        .withMessage(
            "compute.device is cuda:2, but the GPUs here end at cuda:1 (NVIDIA H200, NVIDIA H200):"
                + " take one of them, auto or cpu");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cuda:", "cuda:x", "cuda:99999999999"})
  void anotherWordIsRefused(String word) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Accelerators(CUDA, TWO).device(word))
        .withMessage("compute.device is \"%s\", must be auto, cpu or cuda:N".formatted(word));
  }

  @ParameterizedTest
  @CsvSource({"auto, cuda:NVIDIA H200", "cuda:1, cuda:NVIDIA H200", "cpu, cpu"})
  void recordsTheKindOfDeviceAndNotItsIndex(String wanted, String recorded) {
    assertThat(new Accelerators(CUDA, TWO).recorded(wanted)).isEqualTo(recorded);
  }

  @Test
  void recordsThatTheKindIsNotKnown() {
    assertThat(new Accelerators(CUDA, List.of()).recorded("cuda:0")).isEqualTo("cuda");
    assertThat(new Accelerators(CUDA, List.of("B", "A", "B")).recorded("auto"))
        .isEqualTo("cuda:A or B");
    assertThat(new Accelerators(PROCESSOR, TWO).recorded("auto")).isEqualTo("cpu");
  }

  @Test
  void cardsAreThoseThatTheProcessWasGiven() throws IOException {
    device("nvidia0");
    device("nvidiactl");
    device("nvidia-uvm");
    card("0000:18:00.0", "Model: \t\t NVIDIA H200\nIRQ:   \t\t 201\n");
    card("0000:2a:00.0", "Model: \t\t NVIDIA H200\n");

    assertThat(cards(Optional.empty())).containsExactly("NVIDIA H200");
    assertThat(cards(Optional.of("0"))).containsExactly("NVIDIA H200");
  }

  @Test
  void aCardThatTheDriverDoesNotNameIsACardAllTheSame() throws IOException {
    device("nvidia0");
    device("nvidia1");
    card("0000:18:00.0", "IRQ:   \t\t 201\n");

    assertThat(cards(Optional.empty())).containsExactly("GPU", "GPU");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "-1"})
  void anEnvironmentThatHidesThemHidesThem(String visible) throws IOException {
    device("nvidia0");

    assertThat(cards(Optional.of(visible))).isEmpty();
  }

  @Test
  void aMachineWithoutADriverHasNone() {
    assertThat(Accelerators.cards(machine.resolve("none"), driver, Optional.empty())).isEmpty();
    assertThat(cards(Optional.empty())).isEmpty();
  }

  private List<String> cards(Optional<String> visible) {
    return Accelerators.cards(devices, driver, visible);
  }

  private void device(String name) throws IOException {
    Files.createFile(devices.resolve(name));
  }

  private void card(String bus, String information) throws IOException {
    Files.writeString(
        Files.createDirectories(driver.resolve(bus)).resolve("information"), information);
  }
}
