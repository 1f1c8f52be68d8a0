package io.dinoflow.ops.run;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The terminal that controls this process, by way of {@code /dev/tty} and {@code stty}: no library,
 * no native code. Where either is missing there is no such screen.
 */
public final class TerminalScreen implements Screen {
  private static final Path TTY = Path.of("/dev/tty");
  private static final long SIZE_AGE_MAX_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int STTY_SECONDS_MAX = 2;
  private static final int[] USUAL_SIZE = {24, 80};

  private final Map<String, String> environment;
  private final OutputStream out;
  private final InputStream in;
  private final Optional<String> before;
  private int[] size;
  private long sizeAskedNanos;

  private TerminalScreen(
      Map<String, String> environment, OutputStream out, InputStream in, Optional<String> before) {
    this.environment = Map.copyOf(environment);
    this.out = out;
    this.in = in;
    this.before = before;
    this.size = ask();
    this.sizeAskedNanos = System.nanoTime();
  }

  /** Takes the terminal, without echo and line buffering where that can be had. */
  public static Optional<TerminalScreen> open(Map<String, String> environment) {
    if (!Files.isWritable(TTY) || environment.getOrDefault("TERM", "dumb").equals("dumb")) {
      return Optional.empty();
    }
    try {
      OutputStream out = new FileOutputStream(TTY.toFile());
      InputStream in = new FileInputStream(TTY.toFile());
      Optional<String> before =
          stty("-g").filter(saved -> stty("-icanon", "-echo", "min", "0", "time", "0").isPresent());
      return Optional.of(new TerminalScreen(environment, out, in, before));
    } catch (IOException noControllingTerminal) {
      // the device node is there, but this process has no terminal behind it
      return Optional.empty();
    }
  }

  @Override
  public int columns() {
    return number("COLUMNS").orElseGet(() -> size()[1]);
  }

  @Override
  public int rows() {
    return number("LINES").orElseGet(() -> size()[0]);
  }

  @Override
  public void write(String text) {
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the terminal takes no more text", e);
    }
  }

  @Override
  public boolean takesKeys() {
    return before.isPresent();
  }

  @Override
  public Optional<Character> key() {
    try {
      int key = takesKeys() && in.available() > 0 ? in.read() : -1;
      return key < 0 ? Optional.empty() : Optional.of((char) key);
    } catch (IOException e) {
      throw new UncheckedIOException("the terminal gives no keys", e);
    }
  }

  @Override
  public boolean isColourful() {
    return environment.getOrDefault("NO_COLOR", "").isEmpty();
  }

  @Override
  public void close() {
    before.ifPresent(TerminalScreen::stty);
    try {
      in.close();
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the terminal cannot be let go", e);
    }
  }

  /** People change the size of windows, and asking costs a process. */
  private int[] size() {
    long now = System.nanoTime();
    if (now - sizeAskedNanos > SIZE_AGE_MAX_NANOS) {
      size = ask();
      sizeAskedNanos = now;
    }
    return size;
  }

  private static int[] ask() {
    return stty("size")
        .filter(answer -> answer.matches("[1-9]\\d{0,4} [1-9]\\d{0,4}"))
        .map(answer -> answer.split(" "))
        .map(parts -> new int[] {Integer.parseInt(parts[0]), Integer.parseInt(parts[1])})
        .orElse(USUAL_SIZE);
  }

  private Optional<Integer> number(String variable) {
    return Optional.ofNullable(environment.get(variable))
        .filter(value -> value.matches("[1-9]\\d{0,4}"))
        .map(Integer::valueOf);
  }

  /** What it prints; empty where it is missing or fails. */
  private static Optional<String> stty(String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "stty";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    try {
      Process stty =
          new ProcessBuilder(command)
              .redirectInput(TTY.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String answer =
          new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      boolean ended = stty.waitFor(STTY_SECONDS_MAX, TimeUnit.SECONDS);
      return ended && stty.exitValue() == 0 ? Optional.of(answer) : Optional.empty();
    } catch (IOException noProgram) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
