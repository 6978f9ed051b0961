package dev.understudy.core.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalJsonTest {

  private static String of(String json) throws Exception {
    return CanonicalJson.of(Json.MAPPER.readTree(json));
  }

  @Test
  void of_shouldNotCareForTheOrderOfFields_atAnyDepth() throws Exception {
    assertThat(of("{\"b\":{\"d\":1,\"c\":[{\"y\":1,\"x\":2}]},\"a\":true}"))
        .isEqualTo(of("{\"a\":true, \"b\":{\"c\":[{\"x\":2,\"y\":1}],\"d\":1}}"));
  }

  @ParameterizedTest
  @CsvSource({"3,3.0", "3,30e-1", "0,-0.0", "100,1e2", "0.1,0.10"})
  void of_shouldTakeNumbersByTheirValue(String one, String other) throws Exception {
    assertThat(of("[" + one + "]")).isEqualTo(of("[" + other + "]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[3];[\"3\"]",
        "[3];[\"number 3\"]",
        "[true];[\"true\"]",
        "[null];[\"null\"]",
        "[];{}",
        "[1,2];[2,1]",
        "{\"a\":1};{\"b\":1}",
        "{};{\"a\":null}",
        "[4294967295];[4294967296]"
      })
  void of_shouldTellApartWhatIsNotTheSame(String one, String other) throws Exception {
    assertThat(of(one)).isNotEqualTo(of(other));
  }

  @Test
  void of_shouldTakeNumbersBeyondAllMeasure() throws Exception {
    assertThat(of("[1e999, -1e999, 1e-999, 12345678901234567890123]")).isNotBlank();
  }
}
