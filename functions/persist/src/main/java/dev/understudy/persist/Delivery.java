package dev.understudy.persist;

import dev.understudy.core.media.MediaFacts;
import dev.understudy.core.media.Mp4Stream;
import dev.understudy.core.media.OutputWarnings;
import dev.understudy.core.media.PixelSize;
import dev.understudy.core.ports.Bucket;
import dev.understudy.core.provider.Download;
import dev.understudy.core.provider.Downloads;
import dev.understudy.core.task.Output;
import dev.understudy.core.task.Task;
import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Streams a video from the provider to its key in the bucket, a buffer at a time. Everything that
 * can refuse it is judged on the stream, before the upload is completed: so an object under the
 * output key is always a whole, checked video. It is completed only where nothing lies yet; what
 * lies there with this task's id is adopted.
 */
public final class Delivery {

  private static final int BUFFER = 256 * 1024;
  private static final long LARGEST = 2L << 30;
  private static final String CONTENT_TYPE = "video/mp4";

  private final Bucket bucket;
  private final Downloads downloads;
  private final FactSheet factSheet;

  /** Wires the delivery to the bucket and the way out. */
  public Delivery(Bucket bucket, Downloads downloads) {
    this.bucket = bucket;
    this.downloads = downloads;
    this.factSheet = new FactSheet(bucket);
  }

  /** How a delivery ended. */
  public sealed interface Result {

    /**
     * The video lies in the bucket.
     *
     * @param output where, and what it is
     * @param unexpected what is not as it was ordered: it is paid for, so it is delivered all the
     *     same
     */
    record Delivered(Output output, List<String> unexpected) implements Result {}

    /** Nothing was delivered this time. */
    record Refused(String sentence) implements Result {}
  }

  /** Where the video of a task goes. */
  public sealed interface Destination {

    /** It lies in the bucket already: a delivery was cut off after it. */
    record Reached(Result.Delivered delivered) implements Destination {}

    /** This key is free, as far as was seen; nothing is ever overwritten. */
    record Free(String key) implements Destination {}
  }

  /** Looks where the video of this task lies, or where it goes. */
  public Destination destination(Task task) {
    var there = bucket.head(task.deliverTo());
    var other = otherKey(task);
    return there
        .filter(object -> ours(task, object))
        .or(() -> bucket.head(other).filter(object -> ours(task, object)))
        .<Destination>map(object -> new Destination.Reached(adopt(task, object)))
        .orElseGet(() -> new Destination.Free(there.isPresent() ? other : task.deliverTo()));
  }

  private static boolean ours(Task task, Bucket.Stored object) {
    return task.id().equals(object.metadata().get(Bucket.TASK_ID));
  }

  private Result.Delivered adopt(Task task, Bucket.Stored object) {
    var source = bucket.source(object);
    var check = new Mp4Stream();
    var sha = sha256();
    for (long at = 0; at < source.size(); ) {
      var bytes = source.read(at, (int) Math.min(4L * BUFFER, source.size() - at));
      check.accept(bytes, 0, bytes.length);
      sha.update(bytes);
      at += bytes.length;
    }
    MediaFacts facts =
        switch (check.finish(object.bytes())) {
          case Mp4Stream.Complete complete -> complete.facts();
          case Mp4Stream.Refused refused -> null;
        };
    return deliveredAs(
        task, object.key(), object.bytes(), HexFormat.of().formatHex(sha.digest()), facts);
  }

  /**
   * Copies the video from the provider; nothing is visible in the bucket unless it is whole.
   *
   * @param key where it goes, by {@link #destination}
   */
  public Result deliver(Task task, String key, URI from) {
    return switch (downloads.open(from)) {
      case Download.NotThere not ->
          new Result.Refused(
              "The provider's address of the video answered %d: it is expired or not there."
                  .formatted(not.status()));
      case Download.Failed failed ->
          new Result.Refused("The video could not be fetched: %s.".formatted(failed.reason()));
      case Download.Opened opened -> {
        try (opened) {
          yield copy(task, key, opened);
        } catch (IOException e) {
          yield new Result.Refused(
              "The video broke off while it was fetched: %s."
                  .formatted(e.getClass().getSimpleName()));
        }
      }
    };
  }

  private Result copy(Task task, String key, Download.Opened opened) throws IOException {
    var length = opened.contentLength();
    if (length != null && length > LARGEST) {
      return new Result.Refused(
          "The video has %d bytes, more than the 2 GiB that are taken.".formatted(length));
    }
    var check = new Mp4Stream();
    var sha = sha256();
    long received = 0;
    try (var upload = bucket.upload(key, CONTENT_TYPE, Map.of(Bucket.TASK_ID, task.id()))) {
      var buffer = new byte[BUFFER];
      for (int n = opened.body().read(buffer); n >= 0; n = opened.body().read(buffer)) {
        received += n;
        if (received > LARGEST) {
          return new Result.Refused("The video has more than the 2 GiB that are taken.");
        }
        check.accept(buffer, 0, n);
        sha.update(buffer, 0, n);
        upload.write(buffer, 0, n);
      }
      return switch (check.finish(length == null ? -1 : length)) {
        case Mp4Stream.Refused refused -> new Result.Refused(refused.reason());
        case Mp4Stream.Complete complete -> {
          if (!upload.complete()) {
            yield switch (destination(task)) {
              case Destination.Reached reached -> reached.delivered();
              case Destination.Free free ->
                  new Result.Refused(
                      "Something else was stored at the video's key while it was copied.");
            };
          }
          yield deliveredAs(
              task, key, received, HexFormat.of().formatHex(sha.digest()), complete.facts());
        }
      };
    }
  }

  private Result.Delivered deliveredAs(
      Task task, String key, long bytes, String sha256, @Nullable MediaFacts facts) {
    // Only now is no upload of this video needed any more: whoever began one and was killed, before
    // this one or beside it, has left it open.
    bucket.abortUploads(task.deliverTo());
    if (!key.equals(task.deliverTo())) {
      bucket.abortUploads(key);
    }
    List<String> unexpected =
        facts == null
            ? List.of("The video could not be read again after it was delivered.")
            : OutputWarnings.of(asked(task), task.reference().facts(), facts);
    var output = new Output(key, bytes, sha256, facts);
    factSheet.write(task, output, unexpected);
    return new Result.Delivered(output, unexpected);
  }

  private static PixelSize asked(Task task) {
    return new PixelSize(task.request().ratio().width(), task.request().ratio().height());
  }

  /** Where the video goes when something that is not ours lies at its key. */
  private static String otherKey(Task task) {
    var key = task.deliverTo();
    return key.substring(0, key.length() - ".mp4".length())
        + "__"
        + task.id().substring(0, 8)
        + ".mp4";
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
