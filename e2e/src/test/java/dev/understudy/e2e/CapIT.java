package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.YearMonth;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The money of the month. */
@EndToEnd
@Isolated("nobody can order while the cap is reached")
@Order(Order.DEFAULT + 3)
class CapIT {
  /** As if the largest cap that can be set, $1,000,000, had been spent elsewhere. */
  private static final long CAP_CENTS = 100_000_000;

  @Test
  void order_shouldBeRefusedAndLeaveNothing_whenTheMonthlyCapIsReached(Scenario scenario) {
    // given
    String month = YearMonth.now(ZoneOffset.UTC).toString();
    Folder folder = scenario.folder("cap");
    scenario.stack.add("SPEND#default", month, "committed", CAP_CENTS);
    JsonNode error;
    try {
      // when
      folder.orderSample();
      error = folder.awaitDocument("error.json");
    } finally {
      scenario.stack.add("SPEND#default", month, "committed", -CAP_CENTS);
    }

    // then
    assertThat(error.path("error").asText()).contains("monthly cap").contains("$0.40");
    assertThat(folder.tasks()).isEmpty();
    String id = folder.orderItem().orElseThrow().path("taskId").asText();
    assertThat(
            scenario
                .stack
                .s3
                .listObjectsV2(l -> l.bucket(scenario.stack.bucket).prefix("inputs/" + id + "/"))
                .contents())
        .as("what was pinned is removed")
        .isEmpty();

    // and once there is money again, the same form is accepted
    folder.awaitNextSecond();
    folder.orderSample();
    folder.until("it is accepted", folder::newestTake);
    folder.awaitStatus("SUCCEEDED");
    assertThat(folder.document("error.json")).isEmpty();
  }
}
