package dev.understudy.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.errors.Misconfigured;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class WiringTest {

  private static final Map<String, String> EVERYTHING =
      Map.of(
          "AWS_REGION", "eu-west-1",
          "STACK_NAME", "understudy",
          "WEBHOOK_URL", "https://hooks.example.com",
          "WEBHOOK_SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:w",
          "TABLE", "table",
          "BUCKET", "bucket",
          "STATE_MACHINE_ARN", "arn:aws:states:eu-west-1:123456789012:stateMachine:m",
          "SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s",
          "SIGNER_ROLE_ARN", "arn:aws:iam::123456789012:role/signer",
          "PRICE_USD", "0.50");

  @Test
  void everyPart_shouldBeBuilt_whenTheEnvironmentIsComplete() {
    var wiring = wiring(EVERYTHING);

    assertThat(wiring.settings().priceCents()).isEqualTo(50);
    assertThat(wiring.clock()).isNotNull();
    assertThat(wiring.random()).isNotNull();
    assertThat(wiring.signer()).isNotNull();
    assertThat(wiring.apiKey()).isNotNull();
    assertThat(wiring.provider()).isNotNull();
    assertThat(wiring.downloads()).isNotNull();
    assertThat(wiring.outputLinks()).isNotNull();
    assertThat(wiring.uploadForms()).isNotNull();
    assertThat(wiring.announcer()).isNotNull();
    assertThat(wiring.orderDesk()).isNotNull();
    assertThat(wiring.taskIndex()).isNotNull();
    assertThat(wiring.tokens()).isNotNull();
    assertThat(wiring.receiver()).isNotNull();
    assertThat(wiring.signingKeys()).isNotNull();
  }

  @Test
  void clients_shouldBeSharedByAllThatUseThem() {
    var wiring = wiring(EVERYTHING);

    assertThat(wiring.store()).isSameAs(wiring.store());
    assertThat(wiring.events()).isSameAs(wiring.events());
    assertThat(wiring.executions()).isSameAs(wiring.executions());
  }

  /** An address that no client can be made with tells when one is made. */
  @Test
  void lateClients_shouldBePartOfASnapshot() {
    var environment = new HashMap<>(EVERYTHING);
    environment.put("AWS_ENDPOINT_URL", "no address");

    assertThatCode(() -> wiring(environment).bucket()).doesNotThrowAnyException();

    environment.put("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
    assertThatThrownBy(() -> wiring(environment).bucket())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> wiring(environment).events())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> wiring(environment).executions())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ingest_shouldNeedNoBucketVariable_becauseItsEventNamesTheBucket() {
    var environment = new HashMap<>(EVERYTHING);
    environment.keySet().removeAll(Set.of("BUCKET", "SECRET_ARN", "SIGNER_ROLE_ARN"));
    var wiring = wiring(environment);

    assertThatCode(() -> wiring.orderDesk("shots")).doesNotThrowAnyException();
  }

  @Test
  void aPart_shouldNameItsVariable_whenItIsAbsentOrBlank() {
    var wiring = wiring(Map.of("AWS_REGION", "eu-west-1", "STACK_NAME", "s", "TABLE", " "));

    assertMissing("STACK_NAME", wiring(Map.of("TABLE", "table"))::store);
    assertMissing("TABLE", wiring::store);
    assertMissing("TABLE", wiring::taskIndex);
    assertMissing("TABLE", wiring::tokens);
    assertMissing("BUCKET", wiring::bucket);
    assertMissing("SIGNER_ROLE_ARN", wiring::signer);
    assertMissing("SECRET_ARN", wiring::apiKey);
    assertMissing("STATE_MACHINE_ARN", wiring::executions);
    assertMissing("STATE_MACHINE_ARN", wiring::events);
    assertMissing("WEBHOOK_URL", wiring::receiver);
    assertMissing("WEBHOOK_SECRET_ARN", wiring::signingKeys);
  }

  private static void assertMissing(String variable, ThrowingCallable part) {
    assertThatThrownBy(part)
        .isInstanceOf(Misconfigured.class)
        .hasMessage(
            "The variable %s of this function is not set: deploy the template again.", variable);
  }

  private static Wiring wiring(Map<String, String> environment) {
    return new Wiring(environment::get, InstantSource.system(), new Random(1));
  }
}
