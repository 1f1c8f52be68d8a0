package io.dinoflow.model.gate;

import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.NearestName;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Conditions, all of which a challenger must meet.
 *
 * <pre>
 * knn10.top1 &gt;= champion            not worse than the champion
 * knn10.top1 &gt;= champion - 0.01     not worse by more than a point of a hundred
 * knn10.top1 &gt; champion             better than the champion
 * knn10.top1 &gt;= 0.8                 at least that share
 * knn10.top1 &gt;= champion and linear.top1 &gt;= 0.7
 * </pre>
 *
 * <p>Against the champion the paired bootstrap's 95 % band of (challenger - champion) decides:
 * {@code >=} fails where the band lies wholly below the margin, {@code >} holds where it lies
 * wholly above. So noise alone refuses nobody under {@code >=}, and promotes nobody under {@code
 * >}.
 */
public record Gate(List<Condition> conditions) {
  /** The form that problems show. */
  public static final String FORM =
      "write METRIC >= champion, METRIC >= champion - 0.01, METRIC > champion or METRIC >= 0.8, joined by and";

  private static final String NUMBER = "\\d+(?:\\.\\d+)?|\\.\\d+";
  private static final Pattern CONDITION =
      Pattern.compile(
          "(?<metric>[^\\s<>=]+)\\s*(?<op>>=|>)\\s*(?:champion(?:\\s*(?<sign>[+-])\\s*(?<margin>%s))?|(?<number>%s))"
              .formatted(NUMBER, NUMBER));

  public Gate {
    conditions = List.copyOf(conditions);
  }

  /**
   * @param metric a share of right answers, such as {@code knn10.top1}
   * @param bound the number, or the margin on top of the champion's
   */
  public record Condition(String metric, Comparison comparison, Against against, double bound) {
    @Override
    public String toString() {
      String right =
          switch (against) {
            case NUMBER -> Verdict.number(bound);
            case CHAMPION ->
                bound == 0
                    ? "champion"
                    : "champion %s %s"
                        .formatted(bound < 0 ? "-" : "+", Verdict.number(Math.abs(bound)));
          };
      return "%s %s %s".formatted(metric, comparison == Comparison.AT_LEAST ? ">=" : ">", right);
    }
  }

  /** Which way it is compared. */
  public enum Comparison {
    AT_LEAST,
    MORE
  }

  /** With what it is compared. */
  public enum Against {
    NUMBER,
    CHAMPION
  }

  /** Metrics that the stage measures. */
  public static List<String> metrics(StageRecipe.Evaluate stage) {
    List<String> metrics = new ArrayList<>();
    stage
        .knn()
        .forEach(k -> metrics.addAll(List.of("knn" + k + ".top1", "knn" + k + ".per_class")));
    if (stage.linearEpochs() > 0) {
      metrics.addAll(List.of("linear.top1", "linear.per_class"));
    }
    return metrics;
  }

  /** Whether answers picture by picture are kept for it, which comparing with a champion needs. */
  static boolean isPaired(String metric) {
    return metric.endsWith(".top1");
  }

  /**
   * @param metrics what is measured
   * @throws GateProblemsException every problem at once
   */
  public static Gate parse(String text, List<String> metrics) {
    List<String> problems = new ArrayList<>();
    List<Condition> conditions = new ArrayList<>();
    Set<String> seen = new LinkedHashSet<>();
    for (String part : text.strip().split("\\s+and\\s+", -1)) {
      condition(part.strip(), metrics, problems).ifPresent(conditions::add);
      if (!seen.add(part.strip())) {
        problems.add("\"%s\" stands there twice".formatted(part.strip()));
      }
    }
    if (!problems.isEmpty()) {
      throw new GateProblemsException(problems);
    }
    return new Gate(conditions);
  }

  private static Optional<Condition> condition(
      String part, List<String> metrics, List<String> problems) {
    Matcher read = CONDITION.matcher(part);
    if (!read.matches()) {
      problems.add("\"%s\" cannot be read: %s".formatted(part, FORM));
      return Optional.empty();
    }
    String metric = read.group("metric");
    if (!metrics.contains(metric)) {
      problems.add(
          "\"%s\" is measured by no evaluation of the recipe%s; measured are %s"
              .formatted(
                  metric,
                  NearestName.of(metric, metrics)
                      .map(near -> ", did you mean \"" + near + "\"?")
                      .orElse(""),
                  metrics));
      return Optional.empty();
    }
    Comparison comparison = read.group("op").equals(">=") ? Comparison.AT_LEAST : Comparison.MORE;
    Optional<String> number = Optional.ofNullable(read.group("number"));
    double bound =
        Double.parseDouble(number.or(() -> Optional.ofNullable(read.group("margin"))).orElse("0"));
    if (bound > 1) {
      problems.add(
          "\"%s\": %s is more than any share of right answers; write 80 %% as 0.8"
              .formatted(part, Verdict.number(bound)));
      return Optional.empty();
    }
    if (number.isPresent()) {
      return Optional.of(new Condition(metric, comparison, Against.NUMBER, bound));
    }
    if (!isPaired(metric)) {
      problems.add(
          "\"%s\": champions are compared picture by picture, which %s has not; compare %s"
              .formatted(part, metric, metrics.stream().filter(Gate::isPaired).toList()));
      return Optional.empty();
    }
    double margin = "-".equals(read.group("sign")) ? -bound : bound;
    return Optional.of(new Condition(metric, comparison, Against.CHAMPION, margin));
  }

  /** Whether it can only be decided beside a champion's answers. */
  public boolean needsChampion() {
    return conditions.stream().anyMatch(c -> c.against() == Against.CHAMPION);
  }

  /**
   * @param champion empty where there is none: then only numbers count, and it is said so
   * @throws IllegalArgumentException the two were not measured on the same pictures, or a metric
   *     was not measured
   */
  public Verdict judge(Scorecard challenger, Optional<Scorecard> champion) {
    List<Verdict> verdicts = conditions.stream().map(c -> judge(c, challenger, champion)).toList();
    return Verdict.all(verdicts);
  }

  private static Verdict judge(
      Condition condition, Scorecard challenger, Optional<Scorecard> champion) {
    double value = challenger.value(condition.metric());
    if (condition.against() == Against.NUMBER) {
      boolean holds =
          condition.comparison() == Comparison.AT_LEAST
              ? value >= condition.bound()
              : value > condition.bound();
      return new Verdict(
          holds,
          "%s: %s is %s".formatted(condition, condition.metric(), Verdict.number(value)),
          Verdict.numbers(condition.metric(), value));
    }
    if (champion.isEmpty()) {
      return new Verdict(
          true,
          "%s: there is no champion yet, so nothing to compare %s with"
              .formatted(condition, Verdict.number(value)),
          Verdict.numbers(condition.metric(), value));
    }
    return paired(condition, challenger, champion.get());
  }

  private static Verdict paired(Condition condition, Scorecard challenger, Scorecard champion) {
    String metric = condition.metric();
    PairedBootstrap.Band band = PairedBootstrap.of(challenger, champion, metric);
    boolean holds =
        condition.comparison() == Comparison.AT_LEAST
            ? band.high() >= condition.bound()
            : band.low() > condition.bound();
    return new Verdict(
        holds,
        String.format(
            Locale.ROOT,
            "%s: %s against %s over %d pictures, difference %+.4f, 95 %% band %+.4f to %+.4f",
            condition,
            Verdict.number(challenger.share(metric)),
            Verdict.number(champion.share(metric)),
            band.pictures(),
            band.difference(),
            band.low(),
            band.high()),
        Verdict.numbers(metric, challenger.share(metric), champion.share(metric), band));
  }

  @Override
  public String toString() {
    return String.join(" and ", conditions.stream().map(Condition::toString).toList());
  }
}
