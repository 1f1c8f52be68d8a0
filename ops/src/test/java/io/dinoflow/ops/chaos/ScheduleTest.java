package io.dinoflow.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void theSameSeedDecidesTheSame() {
    assertThat(strikes(7, 200)).isEqualTo(strikes(7, 200)).isNotEqualTo(strikes(8, 200));
  }

  @Test
  void everyFaultComesInTheFirstDeckAndRareOnesNotInTheNext() {
    int cards = Arrays.stream(Fault.values()).mapToInt(Fault::cards).sum();
    List<Strike> all = strikes(3, 2 * cards - 2);

    assertThat(all.subList(0, cards)).extracting(Strike::fault).contains(Fault.values());
    assertThat(all.subList(cards, all.size())).extracting(Strike::fault).noneMatch(Fault::isRare);
  }

  @Test
  void aboutOneInFiveStrikesTwiceAndHalfOfThemKill() {
    List<Strike> all = strikes(11, 2_000);

    assertThat(all.stream().filter(Strike::twice).count()).isBetween(320L, 480L);
    assertThat(all.stream().filter(s -> s.fault().kills()).count()).isBetween(850L, 1_150L);
    assertThat(all).extracting(Strike::number).startsWith(1, 2, 3).endsWith(2_000);
    assertThat(all).allSatisfy(s -> assertThat(s.holdMillis()).isBetween(500L, 5_500L));
  }

  private static List<Strike> strikes(long seed, int count) {
    Schedule schedule = new Schedule(seed);
    return IntStream.range(0, count).mapToObj(i -> schedule.next()).toList();
  }
}
