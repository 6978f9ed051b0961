package dev.understudy.core.order;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.core.inputs.HttpsAddress;
import dev.understudy.core.request.Issue;
import dev.understudy.core.request.RequestDraft;
import dev.understudy.core.request.RequestReader;
import dev.understudy.core.request.RequestReading;
import dev.understudy.core.request.Tags;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An order form, {@code task.json}: which inputs, and anything else that the order sets.
 *
 * @param character the character as the form names it; null for the folder's only one
 * @param reference the reference as the form names it; null for the folder's only one
 * @param request the performance asked for, with the defaults filled in
 * @param tags the caller's words for the task
 * @param output the name of the video without its ending, or null
 * @param dryRun whether only to say what would happen
 * @param canonical the form's content without {@code dryRun}, with sorted keys and no white space
 */
record OrderForm(
    @Nullable InputName character,
    @Nullable InputName reference,
    RequestDraft request,
    List<String> tags,
    @Nullable String output,
    boolean dryRun,
    String canonical) {

  /** The longest form that is read, in bytes. */
  static final int LONGEST = 64 * 1024;

  /** The fields that are ours; everything else is the request's. */
  private static final Set<String> FIELDS =
      Set.of("character", "reference", "tags", "output", "dryRun");

  /** Some editors begin a UTF-8 file with it. */
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** The names of our own files in an order's results, {@code status.json} and so on. */
  private static final Set<String> LETTERS = Set.of("status", "error", "dryrun");

  private static final int LONGEST_OUTPUT = 200;

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(20).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  /** An input as a form names it. */
  sealed interface InputName {

    /**
     * A file in the bucket.
     *
     * @param key its key
     * @param ownFolder whether it may still be on its way
     */
    record Key(String key, boolean ownFolder) implements InputName {

      String fileName() {
        return key.substring(key.lastIndexOf('/') + 1);
      }
    }

    /**
     * An https address, which the provider fetches itself.
     *
     * @param uri the address
     * @param video whether it is a video; only asked of a character
     */
    record Address(String uri, boolean video) implements InputName {
      @Override
      public String toString() {
        return "Address[withheld]";
      }
    }
  }

  /** What reading a form comes to. */
  sealed interface Read {
    /** A form that can be followed, as far as can be said without its files. */
    record Form(OrderForm form) implements Read {}

    /** What is wrong with it, all of it. */
    record Wrong(List<Issue> issues, boolean dryRun) implements Read {}
  }

  /**
   * Reads a form.
   *
   * @param content its bytes, cut after {@link #LONGEST} + 1
   * @param folder the folder it lies in
   */
  static Read read(byte[] content, String folder) {
    if (content.length > LONGEST) {
      return wrong("task.json is larger than 64 KB: an order needs a few hundred bytes at most.");
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      return wrong("task.json is not UTF-8: save it as UTF-8 text.");
    }
    if (text.startsWith(BYTE_ORDER_MARK)) {
      text = text.substring(BYTE_ORDER_MARK.length());
    }
    if (text.isBlank()) {
      return wrong("task.json is empty: write {} for an order with the defaults.");
    }
    JsonNode node;
    try {
      node = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      return wrong(
          "task.json is not valid JSON%s: %s."
              .formatted(
                  at == null
                      ? ""
                      : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr()),
                  e.getOriginalMessage().lines().findFirst().orElse("it cannot be read")));
    }
    if (!(node instanceof ObjectNode form)) {
      return wrong("task.json must be a JSON object, such as {} or {\"ratio\": \"1280:720\"}.");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(form.toString())) {
      return wrong(
          "task.json has half a character in it, such as \\ud83d alone: write the whole character.");
    }
    return new Reader(form, folder).read();
  }

  private static Read wrong(String sentence) {
    return new Read.Wrong(List.of(Issue.at("task.json", sentence)), false);
  }

  private static final class Reader {
    private final ObjectNode form;
    private final String folder;
    private final List<Issue> issues = new ArrayList<>();

    Reader(ObjectNode form, String folder) {
      this.form = form;
      this.folder = folder;
    }

    Read read() {
      boolean dryRun = flag("dryRun");
      var character = input("character");
      var reference = input("reference");
      var tags = tags();
      var output = output();
      return switch (RequestReader.read(form, FIELDS)) {
        case RequestReading.Bad bad -> {
          issues.addAll(bad.issues());
          yield new Read.Wrong(List.copyOf(issues), dryRun);
        }
        case RequestReading.Good good ->
            issues.isEmpty()
                ? new Read.Form(
                    new OrderForm(
                        character, reference, good.draft(), tags, output, dryRun, canonical()))
                : new Read.Wrong(List.copyOf(issues), dryRun);
      };
    }

    private String canonical() {
      try {
        return JSON.writeValueAsString(
            JSON.treeToValue(form.deepCopy().without("dryRun"), Object.class));
      } catch (IOException e) {
        throw new IllegalStateException("a form that was read can be written", e);
      }
    }

    private boolean flag(String name) {
      var value = form.get(name);
      if (value == null || value.isBoolean()) {
        return value != null && value.booleanValue();
      }
      return issue(
          name,
          "%s must be true or false without quotes, found %s."
              .formatted(name, RequestReader.shown(value)),
          false);
    }

    private @Nullable InputName input(String name) {
      var value = form.get(name);
      if (value == null) {
        return null;
      }
      if (value.isTextual()) {
        return named(name, value.textValue(), null);
      }
      var uri = value.get("uri");
      var type = value.get("type");
      if (!value.isObject() || uri == null || !uri.isTextual()) {
        return issue(
            name,
            "%s must be the name of a file, or {\"type\": \"video\", \"uri\": \"https://…\"}."
                .formatted(name),
            null);
      }
      for (var field : (Iterable<String>) value::fieldNames) {
        if (!field.equals("uri") && !field.equals("type")) {
          issue(
              name + "." + field,
              "%s has no field '%s': it takes type and uri.".formatted(name, field),
              null);
        }
      }
      if (type == null) {
        return named(name, uri.textValue(), null);
      }
      boolean video = type.isTextual() && type.textValue().equals("video");
      boolean image =
          type.isTextual() && type.textValue().equals("image") && name.equals("character");
      if (!video && !image) {
        return issue(
            name + ".type",
            name.equals("character")
                ? "character.type must be \"image\" or \"video\"."
                : "reference.type must be \"video\".",
            null);
      }
      return named(name, uri.textValue(), video);
    }

    private @Nullable InputName named(String name, String text, @Nullable Boolean video) {
      if (text.isBlank()) {
        return issue(
            name, "%s is empty: name a file, or leave the field out.".formatted(name), null);
      }
      if (text.contains("://")) {
        return address(name, text, video);
      }
      if (text.startsWith(Folders.INCOMING)) {
        var own = Folders.incoming(folder);
        return key(name, text, text.startsWith(own));
      }
      return key(name, Folders.incoming(folder) + text, true);
    }

    private @Nullable InputName key(String name, String key, boolean ownFolder) {
      if (key.endsWith("/") || Folders.badSegment(key) != null) {
        return issue(
            name,
            "%s must name a file in this folder or below incoming/, without '.' or '..'."
                .formatted(name),
            null);
      }
      if (key.getBytes(StandardCharsets.UTF_8).length > 1024) {
        return issue(
            name,
            "%s is longer than the 1,024 bytes that a key in S3 can have.".formatted(name),
            null);
      }
      return new InputName.Key(key, ownFolder);
    }

    private @Nullable InputName address(String name, String uri, @Nullable Boolean video) {
      var problem = HttpsAddress.problem(uri, "must be a file in the bucket or an https address.");
      if (problem != null) {
        return issue(name, "%s %s".formatted(name, problem), null);
      }
      if (name.equals("reference")) {
        return new InputName.Address(uri, true);
      }
      if (video == null) {
        var byName = HttpsAddress.videoByName(uri);
        if (byName == null) {
          return issue(
              name,
              "character is an https address whose ending does not say whether it is an image or a"
                  + " video: write {\"type\": \"image\", \"uri\": \"https://…\"}.",
              null);
        }
        return new InputName.Address(uri, byName);
      }
      return new InputName.Address(uri, video);
    }

    private List<String> tags() {
      return switch (Tags.read(form.get("tags"))) {
        case Tags.Reading.Good good -> good.tags();
        case Tags.Reading.Bad bad ->
            issue(
                bad.index() == null ? "tags" : "tags[%d]".formatted(bad.index()),
                bad.sentence(),
                List.of());
      };
    }

    private @Nullable String output() {
      var value = form.get("output");
      if (value == null) {
        return null;
      }
      var name = value.isTextual() ? value.textValue().strip() : "";
      if (name.toLowerCase(Locale.ROOT).endsWith(".mp4")) {
        name = name.substring(0, name.length() - 4);
      }
      if (name.isBlank()
          || name.length() > LONGEST_OUTPUT
          || name.contains("/")
          || Folders.badSegment(name) != null) {
        return issue(
            "output",
            "output must be the name of the video, one name of 1 to %d characters without '/', found %s."
                .formatted(LONGEST_OUTPUT, RequestReader.shown(value)),
            null);
      }
      if (LETTERS.contains(name)) {
        return issue(
            "output",
            "output cannot be '%s', because %s.json is a file of the order itself: use another name."
                .formatted(name, name),
            null);
      }
      return name;
    }

    private <T extends @Nullable Object> T issue(String path, String sentence, T otherwise) {
      issues.add(new Issue(List.of(path.split("\\.")), sentence));
      return otherwise;
    }
  }
}
