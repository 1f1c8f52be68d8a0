package io.dinoflow.ops.embedded;

import io.dinoflow.model.kernel.NativeLibrary;
import io.dinoflow.ops.ConfigProblemsException;
import java.util.List;
import java.util.Map;

/**
 * Where a process that computes finds the tensor library: in the cache that workers use, or where
 * the environment says, and never on the network.
 */
public final class NativeCode {
  private NativeCode() {}

  /** To be called before the first tensor; what the environment says already stays. */
  public static void prepare(Map<String, String> environment) {
    set(environment, "DJL_CACHE_DIR", new Programs(environment).cache().resolve("djl").toString());
    set(environment, "ai.djl.offline", "true");
    set(environment, "OPT_OUT_TRACKING", "true");
  }

  /**
   * To be called before anything is started that computes.
   *
   * @throws ConfigProblemsException the environment names a libtorch that is not there, or another
   *     version of it
   */
  public static void check(Map<String, String> environment) {
    try {
      NativeLibrary.of(environment::get);
    } catch (IllegalStateException e) {
      throw new ConfigProblemsException(List.of(String.valueOf(e.getMessage())));
    }
  }

  private static void set(Map<String, String> environment, String name, String value) {
    if (!environment.containsKey(name) && System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }
}
