package dev.understudy.core.provider;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** What came of opening an output's URL. */
public sealed interface Download {

  /**
   * The bytes are coming. Reading throws an {@link IOException} (without the URL in its message) on
   * a reset, and when no byte has come for the stall timeout.
   *
   * @param contentLength bytes to come, null if the host does not say
   */
  record Opened(InputStream body, @Nullable Long contentLength, @Nullable String contentType)
      implements Download, AutoCloseable {
    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  /**
   * The URL is not good any more (expired, or its file is gone): only a fresh URL from the provider
   * helps.
   */
  record NotThere(int status) implements Download {}

  /** Not now: worth another try with the same or a fresh URL. Names the host at most. */
  record Failed(String reason) implements Download {}
}
