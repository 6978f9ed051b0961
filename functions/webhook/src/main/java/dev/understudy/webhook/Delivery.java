package dev.understudy.webhook;

import dev.understudy.core.errors.UnderstudyException;
import dev.understudy.core.ports.Receiver;
import dev.understudy.core.ports.Receiver.Answer.Answered;
import dev.understudy.core.ports.Receiver.Answer.Unanswered;
import dev.understudy.core.ports.SigningKeys;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to hand an event over. What was not taken stays in its queue, which gives it again
 * after growing pauses, and keeps it among the dead letters in the end (docs/adr/021).
 */
final class Delivery {

  /** One attempt; the function's timeout is longer. */
  static final Duration BOUND = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(Delivery.class);
  private static final int GONE = 410;

  private final Receiver receiver;
  private final SigningKeys keys;
  private final String bucket;
  private final InstantSource clock;

  Delivery(Receiver receiver, SigningKeys keys, String bucket, InstantSource clock) {
    this.receiver = receiver;
    this.keys = keys;
    this.bucket = bucket;
    this.clock = clock;
  }

  /**
   * Posts an event once.
   *
   * @param event as EventBridge hands it on
   * @param attempt which attempt of this queue it is, for the log
   * @return whether its message is done with: taken, or not wanted any more
   */
  boolean attempt(String event, int attempt) {
    try {
      var notice = Notice.of(event, bucket);
      var headers = Signature.headers(notice, clock.instant(), keys.current());
      return judged(notice, receiver.post(notice.json(), headers, BOUND), attempt);
    } catch (UnderstudyException e) {
      log.error("A webhook was not sent, and is tried again. {}", e.sentence());
      return false;
    }
  }

  private static boolean judged(Notice notice, Receiver.Answer answer, int attempt) {
    return switch (answer) {
      case Answered(int status) when status >= 200 && status < 300 -> {
        log.info("Webhook {} was taken (HTTP {}, attempt {}).", notice.id(), status, attempt);
        yield true;
      }
      case Answered(int status) when status == GONE -> {
        log.warn(
            "Webhook {} is not wanted any more (HTTP 410) and is dropped; deploy with another WebhookUrl, or none.",
            notice.id());
        yield true;
      }
      case Answered(int status) -> again(notice, "HTTP " + status, attempt);
      case Unanswered(var why) -> again(notice, why, attempt);
    };
  }

  private static boolean again(Notice notice, String why, int attempt) {
    log.warn(
        "Webhook {} was not taken ({}, attempt {}) and is tried again.", notice.id(), why, attempt);
    return false;
  }
}
