package dev.understudy.adapters.s3;

import dev.understudy.adapters.ServiceFailure;
import dev.understudy.core.errors.Misconfigured;
import dev.understudy.core.ports.InputSigner;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.sts.StsClient;

/**
 * Signs as a role of its own that may only read inputs. The role is assumed for an hour, the most
 * that S3 and role chaining allow alike, and anew after five minutes; so an address is good for 55
 * minutes at least, and its end is known. Needs {@code sts:AssumeRole} on the role.
 */
public final class S3InputSigner implements InputSigner {

  private static final Duration SESSION = Duration.ofHours(1);
  private static final Duration RENEW_AFTER = Duration.ofMinutes(5);
  private static final String SESSION_NAME = "understudy-inputs";

  private final StsClient sts;
  private final Function<AwsCredentialsProvider, S3Presigner> presigners;
  private final String roleArn;
  private final String bucket;
  private final InstantSource clock;
  private @Nullable Session session;

  /** The assumed role, and until when it is used and works. */
  private record Session(S3Presigner presigner, Instant renewAt, Instant expiresAt) {}

  /**
   * @param sts its client
   * @param presigners makes a presigner that signs with the given credentials
   * @param roleArn the role that may read the inputs
   * @param bucket the bucket's name
   * @param clock the time
   */
  public S3InputSigner(
      StsClient sts,
      Function<AwsCredentialsProvider, S3Presigner> presigners,
      String roleArn,
      String bucket,
      InstantSource clock) {
    this.sts = sts;
    this.presigners = presigners;
    this.roleArn = roleArn;
    this.bucket = bucket;
    this.clock = clock;
  }

  @Override
  public synchronized Signed sign(String key) {
    var now = clock.instant();
    var current = session;
    if (current == null || !now.isBefore(current.renewAt())) {
      current = assume(now);
      session = current;
    }
    var expiresAt = current.expiresAt();
    var presigned =
        current
            .presigner()
            .presignGetObject(request ->
                request
                    .signatureDuration(
                        Duration.ofSeconds(Duration.between(now, expiresAt).toSeconds()))
                    .getObjectRequest(get -> get.bucket(bucket).key(key)));
    var address = presigned.url().toString();
    if (address.length() > LONGEST) {
      throw new Misconfigured(
          "The signed address of '%s' has %d characters, but the provider takes %d at most: give the bucket or the role a shorter name."
              .formatted(key, address.length(), LONGEST));
    }
    return new Signed(URI.create(address), earlier(presigned.expiration(), expiresAt));
  }

  private Session assume(Instant now) {
    try {
      var assumed =
          sts.assumeRole(request ->
                  request
                      .roleArn(roleArn)
                      .roleSessionName(SESSION_NAME)
                      .durationSeconds((int) SESSION.toSeconds()))
              .credentials();
      var credentials =
          AwsSessionCredentials.create(
              assumed.accessKeyId(), assumed.secretAccessKey(), assumed.sessionToken());
      return new Session(
          presigners.apply(StaticCredentialsProvider.create(credentials)),
          now.plus(RENEW_AFTER),
          assumed.expiration());
    } catch (SdkException e) {
      throw ServiceFailure.of(e, "STS", "assume the role that signs inputs, %s".formatted(roleArn));
    }
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }
}
