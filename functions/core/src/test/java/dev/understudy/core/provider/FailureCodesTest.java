package dev.understudy.core.provider;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureCodesTest {
  @ParameterizedTest
  @CsvSource({
    "SAFETY.INPUT.TEXT, MODERATION",
    "SAFETY.OUTPUT.VIDEO, MODERATION",
    "SAFETY, MODERATION",
    "INPUT_PREPROCESSING.SAFETY.TEXT, MODERATION",
    "ASSET.INVALID, ASSET",
    "ASSET.SOMETHING.NEW, ASSET",
    "INTERNAL.BAD_OUTPUT.CODE01, QUALITY",
    "INTERNAL.BAD_OUTPUT, QUALITY",
    "INTERNAL, PROVIDER",
    "INTERNAL.OTHER, PROVIDER",
    "INPUT_PREPROCESSING.INTERNAL, PROVIDER",
    "THIRD_PARTY.UNAVAILABLE, PROVIDER",
    ", PROVIDER",
    "PROVIDER.CANCELLED, CANCELLED",
    "PROVIDER.REJECTED, REFUSED",
    "INTERNALS.OF_SOMETHING, UNKNOWN",
    "BRAND.NEW, UNKNOWN"
  })
  void kind_shouldGoByTheFirstSegments(@Nullable String code, FailureCodes.Kind expected) {
    assertThat(FailureCodes.kind(code)).isEqualTo(expected);
  }

  @Test
  void sentence_shouldNotShowModerationsText() {
    assertThat(FailureCodes.sentence("SAFETY.INPUT.TEXT", "raw words"))
        .isEqualTo(FailureCodes.Kind.MODERATION.sentence());
    assertThat(FailureCodes.sentence(null, "did not pass content moderation: raw words"))
        .isEqualTo(FailureCodes.Kind.MODERATION.sentence());
  }

  @Test
  void inText_shouldSurviveAnyLength() {
    assertThat(FailureCodes.inText("SAFETY" + ".A".repeat(1_000_000))).startsWith("SAFETY.A");
    assertThat(FailureCodes.inText("x".repeat(1_000_000))).isNull();
    assertThat(FailureCodes.inText("failureCode: " + "A.".repeat(1_000_000))).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "'failed with ASSET.INVALID.', ASSET.INVALID",
    "'{\"failure\":\"x\",\"failureCode\":\"BRAND.NEW\"}', BRAND.NEW",
    "'failure_code: INTERNAL', INTERNAL",
    "'an INTERNAL error', ",
    "'see WWW.EXAMPLE.COM', ",
    "'unSAFETY.INPUT', "
  })
  void inText_shouldFindOnlyCodes(String text, @Nullable String expected) {
    assertThat(FailureCodes.inText(text)).isEqualTo(expected);
  }
}
