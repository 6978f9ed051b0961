package dev.understudy.core.media;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** The files of the folder {@code media} among the test resources. */
final class TestMedia {

  private TestMedia() {}

  static byte[] bytes(String name) {
    try (InputStream in = TestMedia.class.getResourceAsStream("/media/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static MediaProbe.Result probe(String name) {
    return MediaProbe.read(ByteSource.of(bytes(name)), name);
  }

  static MediaFacts facts(String name) {
    return facts(probe(name));
  }

  static MediaFacts facts(MediaProbe.Result result) {
    return switch (result) {
      case MediaProbe.Found(MediaFacts facts) -> facts;
      case MediaProbe.Refused(MediaProblem problem) -> throw new AssertionError(problem.sentence());
    };
  }

  static MediaProblem problem(MediaProbe.Result result) {
    return switch (result) {
      case MediaProbe.Found(MediaFacts facts) -> throw new AssertionError(facts);
      case MediaProbe.Refused(MediaProblem problem) -> problem;
    };
  }
}
