package dev.understudy.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.settings.TimeLimits;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;

class AwsClientsTest {

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-, -, https://shots.s3.eu-west-1.amazonaws.com/a",
        "'', ' ', https://shots.s3.eu-west-1.amazonaws.com/a",
        "http://127.0.0.1:4566, -, http://127.0.0.1:4566/shots/a",
        "http://127.0.0.1:4566, '', http://127.0.0.1:4566/shots/a",
        "http://127.0.0.1:4566, http://127.0.0.1:4567, http://127.0.0.1:4567/shots/a",
        "'', http://127.0.0.1:4567, http://127.0.0.1:4567/shots/a",
        "https://aws.example.com, -, https://shots.aws.example.com/a"
      })
  void s3_shouldBeCalledWhereTheEnvironmentSays(
      @Nullable String all, @Nullable String own, String expected) {
    var environment = new HashMap<>(Map.of("AWS_REGION", "eu-west-1"));
    if (all != null) {
      environment.put("AWS_ENDPOINT_URL", all);
    }
    if (own != null) {
      environment.put("AWS_ENDPOINT_URL_S3", own);
    }
    var aws = new RecordedAws(environment).answer(204, "");

    aws.s3().deleteObject(delete -> delete.bucket("shots").key("a"));

    assertThat(aws.sent()).containsExactly("DELETE " + expected);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "eu-west-1, -, -, https://shots.s3.eu-west-1.amazonaws.com",
        "us-east-1, '', ' ', https://shots.s3.us-east-1.amazonaws.com",
        "cn-north-1, -, -, https://shots.s3.cn-north-1.amazonaws.com.cn",
        "eu-west-1, http://127.0.0.1:4566, -, http://127.0.0.1:4566/shots",
        "eu-west-1, http://127.0.0.1:4566/, '', http://127.0.0.1:4566/shots",
        "eu-west-1, http://127.0.0.1:4566, http://127.0.0.1:4567, http://127.0.0.1:4567/shots"
      })
  void bucketAddress_shouldBeItsOwnHostInItsRegion_orAPathElsewhere(
      String region, @Nullable String all, @Nullable String own, String expected) {
    var environment = new HashMap<>(Map.of("AWS_REGION", region));
    if (all != null) {
      environment.put("AWS_ENDPOINT_URL", all);
    }
    if (own != null) {
      environment.put("AWS_ENDPOINT_URL_S3", own);
    }

    assertThat(new AwsClients(environment::get).bucketAddress("shots")).hasToString(expected);
  }

  @Test
  void everyClient_shouldBeCalledAtTheRegionsEndpoint_whenItsVariableIsBlank() {
    var environment = Map.of("AWS_REGION", "eu-west-1", "AWS_ENDPOINT_URL", "");
    var aws = new RecordedAws(environment);
    aws.answer(200, "{}").answer(200, "{}").answer(200, "{}").answer(200, "{}");
    aws.answer(200, "<GetCallerIdentityResponse/>");

    aws.dynamoDb().describeTable(table -> table.tableName("t"));
    aws.secrets().getSecretValue(get -> get.secretId("s"));
    aws.eventBridge().listEventBuses(list -> list.limit(1));
    aws.stepFunctions().listStateMachines();
    aws.sts().getCallerIdentity();

    assertThat(aws.sent())
        .extracting(request -> request.lines().findFirst().orElse(""))
        .containsExactly(
            "POST https://dynamodb.eu-west-1.amazonaws.com/",
            "POST https://secretsmanager.eu-west-1.amazonaws.com/",
            "POST https://events.eu-west-1.amazonaws.com/",
            "POST https://states.eu-west-1.amazonaws.com/",
            "POST https://sts.eu-west-1.amazonaws.com");
  }

  @Test
  void everyClient_shouldNotLookForABlankVariableItself() {
    var blank = new RecordedAws(Map.of("AWS_REGION", "eu-west-1", "AWS_ENDPOINT_URL", ""));
    var absent = new RecordedAws();

    assertThat(blank.s3().serviceClientConfiguration().endpointOverride())
        .contains(URI.create("https://s3.eu-west-1.amazonaws.com"));
    assertThat(blank.stepFunctions().serviceClientConfiguration().endpointOverride())
        .contains(URI.create("https://states.eu-west-1.amazonaws.com"));
    assertThat(absent.s3().serviceClientConfiguration().endpointOverride()).isEmpty();
  }

  @Test
  void connection_shouldBeBounded() {
    var connection = AwsClients.connection(URI.create("https://dynamodb.eu-west-1.amazonaws.com"));

    assertThat(connection.getConnectTimeout()).isEqualTo(2_000);
    assertThat(connection.getReadTimeout()).isEqualTo(30_000);
  }

  @Test
  void credentials_shouldBeLookedUpWhereLambdaPutsThem() {
    assertThat(AwsClients.ofLambda(Map.of("AWS_ACCESS_KEY_ID", "key")::get))
        .isInstanceOf(EnvironmentVariableCredentialsProvider.class);
    assertThat(AwsClients.ofLambda(Map.of("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://x")::get))
        .isInstanceOf(ContainerCredentialsProvider.class);
  }

  @Test
  void region_shouldBeAskedFor_whenNoneIsSet() {
    assertThatThrownBy(() -> new RecordedAws(Map.of("AWS_REGION", " ")))
        .isInstanceOf(Misconfigured.class)
        .hasMessage("No region is known: set AWS_REGION.");
  }

  @Test
  void tableBounds_shouldNestInTheTimeThatSubmitKeepsToRecord() {
    assertThat(AwsClients.TABLE.attempt()).isLessThan(AwsClients.TABLE.call());
    assertThat(AwsClients.TABLE.call()).isLessThan(TimeLimits.TIME_TO_RECORD);
  }
}
