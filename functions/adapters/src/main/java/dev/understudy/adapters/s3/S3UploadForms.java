package dev.understudy.adapters.s3;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.understudy.core.json.Json;
import dev.understudy.core.ports.UploadForms;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/**
 * S3's own form uploads: a POST policy under Signature Version 4 (AWS, "Browser-Based Uploads Using
 * POST"). The SDK for Java signs no policies, so the signature is made here. Signs as the function
 * itself, which needs {@code s3:PutObject} on the keys; a form ends with the function's own
 * credentials where those end first. docs/adr/015 says why each field is there.
 */
public final class S3UploadForms implements UploadForms {

  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final String MAC = "HmacSHA256";
  private static final String SERVICE = "s3";
  private static final String TERMINATOR = "aws4_request";
  private static final String METADATA = "metadata";

  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("uuuuMMdd").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final AwsCredentialsProvider credentials;
  private final String region;
  private final String bucket;
  private final URI address;
  private final InstantSource clock;

  /**
   * @param credentials whose the uploads are
   * @param region the bucket's region
   * @param bucket the bucket's name
   * @param address where forms for the bucket are posted; it must not redirect
   * @param clock the time
   */
  public S3UploadForms(
      AwsCredentialsProvider credentials,
      String region,
      String bucket,
      URI address,
      InstantSource clock) {
    this.credentials = credentials;
    this.region = region;
    this.bucket = bucket;
    this.address = address;
    this.clock = clock;
  }

  @Override
  public Form form(Upload upload) {
    var signer = credentials.resolveCredentials();
    var now = clock.instant();
    var fields = new LinkedHashMap<String, String>();
    fields.put("key", upload.key());
    fields.put("Content-Type", upload.contentType());
    fields.put("x-amz-algorithm", ALGORITHM);
    fields.put("x-amz-credential", signer.accessKeyId() + "/" + scope(now));
    fields.put("x-amz-date", SECOND.format(now));
    if (signer instanceof AwsSessionCredentials temporary) {
      fields.put("x-amz-security-token", temporary.sessionToken());
    }
    var policy = policy(upload, now, fields);
    // S3 wants a field for every condition, even for one that any text meets
    fields.put(METADATA, "none");
    fields.put("policy", policy);
    fields.put("x-amz-signature", signature(policy, signer, now));
    return new Form(address, fields);
  }

  /** What the form may carry; every field must be named, and nothing else may come. */
  private String policy(Upload upload, Instant now, Map<String, String> fields) {
    List<Object> conditions = new ArrayList<>();
    conditions.add(Map.of("bucket", bucket));
    fields.forEach((name, value) -> conditions.add(Map.of(name, value)));
    conditions.add(List.of("content-length-range", upload.leastBytes(), upload.mostBytes()));
    conditions.add(List.of("starts-with", "$" + METADATA, ""));
    var policy = new LinkedHashMap<String, Object>();
    policy.put("expiration", Json.time(now.plus(upload.life())));
    policy.put("conditions", conditions);
    try {
      return Base64.getEncoder().encodeToString(Json.MAPPER.writeValueAsBytes(policy));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a policy of ours can always be written", e);
    }
  }

  private String scope(Instant now) {
    return "%s/%s/%s/%s".formatted(DAY.format(now), region, SERVICE, TERMINATOR);
  }

  private String signature(String policy, AwsCredentials signer, Instant now) {
    return signature(policy, signer.secretAccessKey(), DAY.format(now), region);
  }

  /**
   * Signs a policy (AWS, "Authenticating Requests in Browser-Based Uploads Using POST"): what is
   * signed is the policy in base64 as the form carries it.
   *
   * @param day {@code yyyyMMdd}
   */
  static String signature(String policy, String secretKey, String day, String region) {
    var key = bytes("AWS4" + secretKey);
    for (var part : List.of(day, region, SERVICE, TERMINATOR)) {
      key = mac(key, part);
    }
    return HexFormat.of().formatHex(mac(key, policy));
  }

  private static byte[] mac(byte[] key, String text) {
    try {
      var mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(key, MAC));
      return mac.doFinal(bytes(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + MAC, e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
