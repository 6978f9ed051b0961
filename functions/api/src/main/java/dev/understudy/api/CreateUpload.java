package dev.understudy.api;

import dev.understudy.core.media.MediaFormat;
import dev.understudy.core.media.MediaRules;
import dev.understudy.core.ports.UploadForms;
import dev.understudy.core.ports.UploadForms.Upload;
import dev.understudy.core.task.Ids;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * POST /v1/uploads: a form with which one file is uploaded straight to the bucket, and the address
 * by which its tenant names it in an order. Nobody is told when the upload is done; the file is
 * looked up when it is named (docs/adr/015).
 */
final class CreateUpload implements Action {

  private static final String FILENAME = "filename";
  private static final int LONGEST_FILENAME = 255;
  private static final int LONGEST_NAME = 100;
  private static final int LEAST_BYTES = 512;
  private static final Duration LIFE = Duration.ofHours(24);

  /** Runway's answer to {@code POST /v1/uploads}. */
  record Created(URI uploadUrl, Map<String, String> fields, String runwayUri) {

    @Override
    public String toString() {
      return "Created[withheld]";
    }
  }

  private final UploadForms forms;
  private final RandomGenerator random;

  /**
   * @param forms makes the forms
   * @param random where the upload's id comes from
   */
  CreateUpload(UploadForms forms, RandomGenerator random) {
    this.forms = forms;
    this.random = random;
  }

  @Override
  public Answer answer(Call call, Caller caller, String id) {
    var fields = Fields.of(call);
    var filename = fields.text(FILENAME, LONGEST_FILENAME);
    fields.oneOf("type", "ephemeral");
    var format = MediaFormat.claimedBy(filename);
    if (!filename.isEmpty() && format.isEmpty()) {
      fields.wrong(
          FILENAME,
          "must end in one of the extensions that Act-Two takes: %s"
              .formatted(String.join(", ", MediaFormat.allExtensions())));
    }
    fields.check();
    return Answer.ok(created(caller.tenant(), name(filename), format.orElseThrow()));
  }

  private Created created(String tenant, String name, MediaFormat format) {
    var upload = Ids.uuid(random);
    long most =
        switch (format.kind()) {
          case IMAGE -> MediaRules.MOST_IMAGE_BYTES;
          case VIDEO -> MediaRules.MOST_VIDEO_BYTES;
        };
    var form =
        forms.form(
            new Upload(
                "uploads/%s/%s/%s".formatted(tenant, upload, name),
                format.contentType(),
                LEAST_BYTES,
                most,
                LIFE));
    return new Created(form.url(), form.fields(), "runway://%s/%s".formatted(upload, name));
  }

  /**
   * A file's name as a part of a key and of an address: without folders, of the characters that
   * need no escape anywhere, at most 100 of them with its extension kept.
   */
  static String name(String filename) {
    var last = List.of(filename.split("[/\\\\]", -1)).getLast();
    int dot = last.lastIndexOf('.');
    var extension = last.substring(dot).toLowerCase(Locale.ROOT);
    var stem = last.substring(0, dot).replaceAll("[^A-Za-z0-9._-]+", "_");
    int room = LONGEST_NAME - extension.length();
    return (stem.length() > room ? stem.substring(0, room) : stem) + extension;
  }
}
