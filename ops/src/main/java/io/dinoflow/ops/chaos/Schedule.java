package io.dinoflow.ops.chaos;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * What is done, in which order: a function of the seed alone.
 *
 * <p>Faults are dealt from a shuffled deck that holds each as often as {@link Fault} says, so that
 * a long run meets all of them and a short one some. What costs a minute is in every fourth deck.
 * When a strike falls depends on the machine; which it is does not.
 */
public final class Schedule {
  private static final int AFTER_MILLIS_MAX = 1_500;
  private static final int HOLD_MILLIS_MIN = 500;
  private static final int HOLD_MILLIS_MAX = 5_000;
  private static final int TWICE_ONE_IN = 5;
  private static final int RARE_EVERY_DECKS = 4;

  private final Random random;
  private final Deque<Fault> deck = new ArrayDeque<>();
  private int decks;
  private int dealt;

  public Schedule(long seed) {
    this.random = new Random(seed);
  }

  /** The next decision; there is always one. */
  public Strike next() {
    if (deck.isEmpty()) {
      shuffle();
    }
    return new Strike(
        ++dealt,
        deck.pop(),
        random.nextInt(AFTER_MILLIS_MAX),
        HOLD_MILLIS_MIN + random.nextInt(HOLD_MILLIS_MAX - HOLD_MILLIS_MIN),
        random.nextInt(Integer.MAX_VALUE),
        random.nextInt(TWICE_ONE_IN) == 0);
  }

  private void shuffle() {
    boolean rare = decks++ % RARE_EVERY_DECKS == 0;
    List<Fault> cards = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      if (rare || !fault.isRare()) {
        cards.addAll(Collections.nCopies(fault.cards(), fault));
      }
    }
    Collections.shuffle(cards, random);
    deck.addAll(cards);
  }
}
