package io.dinoflow.ops.web;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads on which the page asks others: few, and gone when nobody asks. */
final class Questions {
  private static final int AT_ONCE_MAX = 2;

  private Questions() {}

  /**
   * @param waitingMax questions behind those under way; one more is rejected
   */
  static ThreadPoolExecutor threads(String name, int waitingMax) {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            AT_ONCE_MAX,
            AT_ONCE_MAX,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(waitingMax),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }
}
