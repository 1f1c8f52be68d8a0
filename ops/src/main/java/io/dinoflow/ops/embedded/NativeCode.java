package io.dinoflow.ops.embedded;

import java.util.Map;

/**
 * Where a command that computes in its own process finds the tensor library: in the cache that
 * workers use, and never on the network.
 */
public final class NativeCode {
  private NativeCode() {}

  /** To be called before the first tensor; what the environment says already stays. */
  public static void prepare(Map<String, String> environment) {
    set(environment, "DJL_CACHE_DIR", new Programs(environment).cache().resolve("djl").toString());
    set(environment, "ai.djl.offline", "true");
    set(environment, "OPT_OUT_TRACKING", "true");
  }

  private static void set(Map<String, String> environment, String name, String value) {
    if (!environment.containsKey(name) && System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }
}
