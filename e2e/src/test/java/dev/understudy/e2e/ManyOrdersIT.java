package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** More orders than the provider may be given at once. */
@EndToEnd
@Isolated("counts the tasks at the provider")
@Order(Order.DEFAULT + 2)
class ManyOrdersIT {
  /** MaxInFlight of the stack that these tests need. */
  private static final int PLACES = 3;

  @Test
  void orders_shouldAllEndAndNeverTakeMoreThanTheirPlaces_whenTenAtATimeAreUploaded(
      Scenario scenario) {
    // given
    scenario.stack.provider.reset();
    List<Folder> folders =
        IntStream.range(0, 20).mapToObj(i -> scenario.folder("many-" + i)).toList();

    // when
    try (ExecutorService people = Executors.newFixedThreadPool(10)) {
      folders.forEach(folder -> people.submit(() -> folder.orderSample()));
    }

    // then
    Folder.patiently("all of them are delivered")
        .atMost(Duration.ofMinutes(4))
        .pollInterval(Duration.ofSeconds(2))
        .until(() ->
            folders.stream()
                .allMatch(folder ->
                    folder
                        .newestTake()
                        .filter(take -> take.path("status").asText().equals("SUCCEEDED"))
                        .isPresent()));
    assertThat(scenario.stack.provider.ledger().mostAtOnce()).isBetween(1, PLACES);
    assertThat(scenario.stack.provider.ledger().charges()).isEqualTo(20);
  }
}
