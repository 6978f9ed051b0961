package dev.understudy.core.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.Function;

/** The one JSON mapper for what is ours: the table's items, step inputs, letters and events. */
public final class Json {

  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  /**
   * Times are ISO-8601 with exactly three decimals, so that their order as text is their order.
   * {@code Instant} and {@code Duration} are all that is ever stored or sent; Jackson's own module
   * for them and thirty more would be loaded at each cold start.
   */
  public static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(times())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private static final ObjectMapper PRETTY =
      MAPPER
          .copy()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .setDefaultPropertyInclusion(JsonInclude.Include.ALWAYS);

  private Json() {}

  /** A time as the table stores it: comparable as text. */
  public static String time(Instant at) {
    return MILLIS.format(at);
  }

  /** A document for people's eyes, UTF-8, indented. */
  public static byte[] document(Object value) {
    try {
      return PRETTY.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a document of ours can always be written", e);
    }
  }

  private static SimpleModule times() {
    return new SimpleModule()
        .addSerializer(Instant.class, new Written<>(Json::time))
        .addDeserializer(Instant.class, new Read<>(Instant.class, Instant::parse))
        .addSerializer(Duration.class, new Written<>(Duration::toString))
        .addDeserializer(Duration.class, new Read<>(Duration.class, Duration::parse));
  }

  private static final class Written<T> extends JsonSerializer<T> {

    private final Function<T, String> text;

    Written(Function<T, String> text) {
      this.text = text;
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(text.apply(value));
    }
  }

  private static final class Read<T> extends JsonDeserializer<T> {

    private final Class<T> type;
    private final Function<String, T> parsed;

    Read(Class<T> type, Function<String, T> parsed) {
      this.type = type;
      this.parsed = parsed;
    }

    @Override
    public T deserialize(JsonParser in, DeserializationContext context) throws IOException {
      var text = in.getValueAsString();
      if (text == null) {
        throw MismatchedInputException.from(in, type, "a text is expected");
      }
      try {
        return parsed.apply(text);
      } catch (DateTimeException e) {
        throw context.weirdStringException(text, type, "it is not written as ISO-8601 says");
      }
    }
  }
}
