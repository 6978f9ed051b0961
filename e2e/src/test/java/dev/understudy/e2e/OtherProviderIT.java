package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A provider that shares nothing with the simulated one but the contract that it keeps. */
@EndToEnd
@Needs(Needs.FUNCTIONS_HERE) // they are pointed at a server of this machine
@Isolated("the functions are pointed at another provider")
@Order(Order.DEFAULT + 1)
class OtherProviderIT {
  private static final String ADDRESS = "COMET_API_BASE_URL";

  @ParameterizedTest
  @EnumSource
  void order_shouldSucceed_whenTheProviderIsAnotherProgram(
      ContractProvider.Shape shape, Scenario scenario) throws IOException {
    try (ContractProvider provider = new ContractProvider(shape, SimulatedProvider.KEY)) {
      // given
      scenario.stack.reconfigure(ADDRESS, provider.uri().toString());
      Folder folder =
          new Folder(
              scenario.stack,
              "other-provider-" + scenario.stack.newSeed(),
              scenario.stack.newSeed());

      // when
      folder.orderSample();
      JsonNode take = folder.awaitStatus("SUCCEEDED");

      // then
      assertThat(provider.orders()).hasSize(1);
      assertThat(provider.orders().getFirst().path("seed").asLong()).isEqualTo(folder.seed);
      assertThat(take.path("charged").asText()).isEqualTo("yes");
      assertThat(scenario.stack.object(take.path("output").asText()).orElseThrow().asByteArray())
          .isEqualTo(Media.reference());
    }
  }

  @AfterEach
  void pointBack(Scenario scenario) {
    scenario.stack.reconfigure(ADDRESS, Stack.variable("PROVIDER_URL"));
  }
}
