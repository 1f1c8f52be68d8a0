package io.dinoflow.ops.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A run on a terminal, redrawn in place: one line a stage, the keys below.
 *
 * <p>The cursor is hidden while it draws and comes back with {@link #close}, which may be called
 * from another thread (the one that ends the program) and more than once; what was drawn last stays
 * on the screen.
 */
public final class LiveView implements RunView {
  private static final String HIDE_CURSOR = "\u001b[?25l";
  private static final String SHOW_CURSOR = "\u001b[?25h";
  private static final String ERASE_LINE = "\r\u001b[2K";
  private static final String ERASE_BELOW = "\u001b[J";
  private static final long NOTE_NANOS = Duration.ofSeconds(3).toNanos();
  private static final String PLAIN = "\u001b[0m";

  /** Colours help; the words say it. */
  private static final String[][] STATES = {
    {"done", "\u001b[32m"},
    {"running", "\u001b[1m"},
    {"paused", "\u001b[33m"},
    {"failed", "\u001b[31m"},
    {"cancelled", "\u001b[33m"},
    {"waiting", "\u001b[2m"}
  };

  private final Screen screen;
  private final LiveFrame frame;
  private final Consumer<Wish> wishes;
  private final LongSupplier nanos;
  private @Nullable RunSnapshot last;
  private String note = "";
  private long notedNanos;
  private boolean asksToCancel;
  private int drawn;
  private boolean closed;

  /** What a person at the keyboard wants of the run. */
  public enum Wish {
    PAUSE,
    RESUME,
    CANCEL,
    /** Look no longer; the run goes on. */
    LEAVE
  }

  /**
   * @param screen closed with this view
   * @param wishes hears of keys, in the thread that draws; must not wait for long
   */
  public LiveView(Screen screen, StageNotes notes, Consumer<Wish> wishes) {
    this(screen, notes, wishes, System::nanoTime);
  }

  LiveView(Screen screen, StageNotes notes, Consumer<Wish> wishes, LongSupplier nanos) {
    this.screen = screen;
    this.frame = new LiveFrame(notes);
    this.wishes = wishes;
    this.nanos = nanos;
    screen.write(HIDE_CURSOR);
  }

  @Override
  public synchronized void show(RunSnapshot snapshot) {
    last = snapshot;
    if (nanos.getAsLong() - notedNanos > NOTE_NANOS) {
      note = "";
    }
    draw();
  }

  @Override
  public synchronized void note(String text) {
    note = text;
    notedNanos = nanos.getAsLong();
    draw();
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    note = "";
    draw(List.of());
    closed = true;
    screen.write(SHOW_CURSOR);
    screen.close();
  }

  private void draw() {
    if (closed) {
      return;
    }
    obeyKeys();
    draw(footer());
  }

  private void draw(List<String> below) {
    int columns = screen.columns();
    List<String> lines = new ArrayList<>();
    if (last != null) {
      lines.addAll(frame.lines(last, nanos.getAsLong(), columns));
    }
    if (!note.isEmpty()) {
      lines.add(" " + note);
    }
    lines.addAll(below);
    StringBuilder text = new StringBuilder();
    if (drawn > 0) {
      text.append("\u001b[").append(drawn).append('A');
    }
    List<String> seen = visible(lines, screen.rows() - 1);
    for (String line : seen) {
      String cut = line.length() <= columns ? line : line.substring(0, columns);
      // erased before it is written: a full line leaves the cursor on its last character
      text.append(ERASE_LINE).append(coloured(cut)).append("\r\n");
    }
    text.append(ERASE_BELOW);
    drawn = seen.size();
    screen.write(text.toString());
  }

  /** More lines than the screen has cannot be redrawn in place. */
  private static List<String> visible(List<String> lines, int rows) {
    if (lines.size() <= rows) {
      return lines;
    }
    int shown = Math.max(0, rows - 1);
    List<String> seen = new ArrayList<>(lines.subList(0, shown));
    seen.add(" … %d more lines".formatted(lines.size() - shown));
    return seen;
  }

  private List<String> footer() {
    if (!screen.takesKeys()) {
      return List.of("", " Ctrl-C leaves it running");
    }
    return List.of(
        "",
        asksToCancel
            ? " press c again to cancel the run, any other key to let it go on"
            : " p %s   c cancel   q leave it running".formatted(isPaused() ? "resume" : "pause"));
  }

  private boolean isPaused() {
    return last != null && last.pipeline().state().equals("paused");
  }

  private void obeyKeys() {
    Optional<Character> key = screen.key();
    while (key.isPresent()) {
      boolean confirms = asksToCancel && key.get() == 'c';
      asksToCancel = !asksToCancel && key.get() == 'c';
      if (confirms) {
        wishes.accept(Wish.CANCEL);
      } else if (key.get() == 'p') {
        wishes.accept(isPaused() ? Wish.RESUME : Wish.PAUSE);
      } else if (key.get() == 'q') {
        wishes.accept(Wish.LEAVE);
      }
      key = screen.key();
    }
  }

  private String coloured(String line) {
    if (!screen.isColourful()) {
      return line;
    }
    for (String[] state : STATES) {
      if (line.startsWith(" " + state[0] + " ")) {
        return " " + state[1] + state[0] + PLAIN + line.substring(1 + state[0].length());
      }
    }
    return line;
  }
}
