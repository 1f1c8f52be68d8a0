package io.dinoflow.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Memory of a process as Linux counts it (proc(5)): {@code VmHWM} and {@code VmRSS}.
 *
 * @param peakBytes most that ever was resident
 * @param residentBytes what is now
 */
record ProcessMemory(long peakBytes, long residentBytes) {

  static ProcessMemory ofThisProcess() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
    return new ProcessMemory(kilobytes(lines, "VmHWM:") << 10, kilobytes(lines, "VmRSS:") << 10);
  }

  /** That of a process which answers the line {@code memory} with {@link #asMap}. */
  static ProcessMemory of(LineProcess child) throws IOException {
    JsonNode facts = child.ask("memory");
    return new ProcessMemory(
        facts.required("peakBytes").asLong(), facts.required("residentBytes").asLong());
  }

  private static long kilobytes(List<String> lines, String name) throws IOException {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow(() -> new IOException("/proc/self/status has no " + name));
  }

  Map<String, Long> asMap() {
    return Map.of("peakBytes", peakBytes, "residentBytes", residentBytes);
  }
}
