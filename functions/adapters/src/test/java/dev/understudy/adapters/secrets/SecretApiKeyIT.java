package dev.understudy.adapters.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.adapters.RunningAws;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

class SecretApiKeyIT {

  private final SecretsManagerClient secrets = RunningAws.secrets();
  private String arn = "";

  @BeforeEach
  void createSecret() {
    arn =
        secrets
            .createSecret(
                create -> create.name(RunningAws.fresh("secret")).secretString(" sk-first\n"))
            .arn();
  }

  @AfterEach
  void deleteSecret() {
    secrets.deleteSecret(delete -> delete.secretId(arn).forceDeleteWithoutRecovery(true));
  }

  @Test
  void current_shouldReadTheSecretAnew_whenItWasForgotten() {
    var key = new SecretApiKey(secrets, arn, InstantSource.system());
    assertThat(key.current()).isEqualTo("sk-first");

    secrets.putSecretValue(put -> put.secretId(arn).secretString("{\"apiKey\": \"sk-second\"}"));

    assertThat(key.current()).isEqualTo("sk-first");
    key.forget();
    assertThat(key.current()).isEqualTo("sk-second");
  }

  @Test
  void current_shouldBeBlank_whenThereIsNoSecret() {
    assertThat(new SecretApiKey(secrets, arn + "x", InstantSource.system()).current()).isBlank();
  }
}
