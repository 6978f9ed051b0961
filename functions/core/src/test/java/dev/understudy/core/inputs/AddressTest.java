package dev.understudy.core.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {

  private static final String ID = "0b54c4f9-93f0-4b3a-8b4f-2f1f6a2f8f11";

  private static Address of(String uri, String tenant) {
    return Address.of(uri, tenant, "our-bucket");
  }

  @ParameterizedTest
  @CsvSource({
    "studio,uploads/studio/" + ID + "/a.png",
    "studio,outputs/api/studio/" + ID + "/a__b.mp4",
    "studio,incoming/api/studio/shots/ä b.png",
    "default,uploads/default/" + ID + "/a.png",
    "default,outputs/api/default/x/a.mp4",
    "default,incoming/scene 4/a.mov",
    "default,outputs/scene 4/a.mp4",
  })
  void of_shouldBeAKey_whereTheTenantMayRead(String tenant, String key) {
    assertThat(of("s3://our-bucket/" + key, tenant)).isEqualTo(new Address.Key(key));
    assertThat(of("S3://our-bucket/" + key, tenant)).isEqualTo(new Address.Key(key));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://our-bucket/uploads/other/a.png",
        "s3://our-bucket/uploads/studio",
        "s3://our-bucket/uploads/studio/",
        "s3://our-bucket/uploads/studio2/a.png",
        "s3://our-bucket/outputs/api/other/a.mp4",
        "s3://our-bucket/incoming/scene/a.png",
        "s3://our-bucket/outputs/scene/a.mp4",
        "s3://our-bucket/inputs/" + ID + "/character-0.png",
        "s3://our-bucket/uploads/studio/../other/a.png",
        "s3://our-bucket/uploads/studio/./a.png",
        "s3://our-bucket/uploads/studio//a.png",
        "s3://our-bucket//uploads/studio/a.png",
        "s3://our-bucket/uploads/studio/%2e%2e/other/a.png",
        "s3://our-bucket/uploads/studio/..%2Fother/a.png",
        "s3://our-bucket/uploads/studio/%252e%252e/a.png",
        "s3://our-bucket/uploads/studio/..\\other/a.png",
        "s3://our-bucket/uploads/studio/a\u0000.png",
        "s3://our-bucket/",
        "s3://our-bucket",
        "s3://OUR-bucket/uploads/studio/a.png",
        "s3://another-bucket/uploads/studio/a.png",
        "s3:uploads/studio/a.png",
        "runway://" + ID,
        "runway://" + ID + "/",
        "runway://" + ID + "/..",
        "runway://" + ID + "/a/b",
        "runway://" + ID + "/%2e%2e",
        "runway://../other/" + ID + "/a.png",
        "runway:// " + ID + "/a.png",
      })
  void of_shouldBeNothing_whateverLiesThere(String uri) {
    assertThat(of(uri, "studio")).isEqualTo(new Address.Nothing());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "incoming/api/studio/a.png",
        "outputs/api/studio/x/a.mp4",
        "uploads/studio/x/a.png",
        "inputs/x/character-0.png",
        "task.json",
      })
  void of_shouldBeNothing_forTheDefaultTenantToo_whereOthersAre(String key) {
    assertThat(of("s3://our-bucket/" + key, "default")).isEqualTo(new Address.Nothing());
  }

  @Test
  void of_shouldBeNothing_whenTheKeyIsLongerThanOneCanBe() {
    assertThat(of("s3://our-bucket/uploads/studio/" + "ä".repeat(600), "studio"))
        .isEqualTo(new Address.Nothing());
  }

  @Test
  void of_shouldLookForAnUploadBelowTheCallersTenant() {
    assertThat(of("runway://" + ID + "/hero.png", "studio"))
        .isEqualTo(new Address.Key("uploads/studio/" + ID + "/hero.png"));
  }

  @Test
  void of_shouldDecodeData_whateverTypeItNames() {
    assertThat(of("data:image/png;base64,AAEC", "studio"))
        .isInstanceOfSatisfying(
            Address.Data.class, data -> assertThat(data.content()).containsExactly(0, 1, 2));
    assertThat(of("DATA:;BASE64,", "studio")).isInstanceOf(Address.Data.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "data:image/png,hello;must be written as",
        "'data:image/png;base64';must be written as",
        "'data:image/png;base64,AAE';not base64",
        "'data:image/png;base64,AA E';not base64",
        "'data:image/png;base64,AA-_';not base64",
        "'data:image/png;base64,=AAA';not base64",
        "http://example.com/a.png;must be an https address",
        "ftp://example.com/a.png;must be an https address",
        "file:///etc/passwd;must be an https address",
        "hero.png;must be an https address",
        "https://192.0.2.1/a.png;not an IP address",
        "https://a;must have 13",
      })
  void of_shouldSayWhatIsWrong_withoutTheAddress(String uri, String part) {
    assertThat(of(uri, "studio"))
        .isInstanceOfSatisfying(
            Address.Malformed.class,
            wrong -> assertThat(wrong.why()).contains(part).doesNotContain(uri));
  }

  @Test
  void of_shouldRefuseDataOverRunwaysLimit() {
    assertThat(of("data:;base64," + "A".repeat(Address.LONGEST_DATA), "studio"))
        .isInstanceOfSatisfying(
            Address.Malformed.class, wrong -> assertThat(wrong.why()).contains("/v1/uploads"));
  }
}
