package dev.understudy.simulator.media;

import dev.understudy.simulator.provider.Inputs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jcodec.common.io.FileChannelWrapper;
import org.jcodec.common.io.NIOUtils;
import org.jcodec.common.logging.LogLevel;
import org.jcodec.common.logging.Logger;
import org.jcodec.containers.mp4.boxes.MovieBox;
import org.jcodec.containers.mp4.boxes.TrakBox;
import org.jcodec.containers.mp4.demuxer.MP4Demuxer;

/**
 * A fetched input, in a file. Its length is read once; only MP4 and QuickTime files can be read.
 */
final class Reference implements Inputs.Footage {
  static {
    // The parser prints what it does not like; that a file cannot be read is no news here.
    Logger.setLevel(LogLevel.ERROR);
  }

  private final Path file;
  private final Optional<Duration> length;

  Reference(Path file) {
    this.file = file;
    this.length = read(file);
  }

  Path file() {
    return file;
  }

  @Override
  public Optional<Duration> length() {
    return length;
  }

  @Override
  public void discard() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Duration> read(Path file) {
    try (FileChannelWrapper channel = NIOUtils.readableChannel(file.toFile())) {
      MovieBox movie = MP4Demuxer.createRawMP4Demuxer(channel).getMovie();
      if (movie.getTimescale() <= 0) {
        return Optional.empty();
      }
      return Optional.of(seconds(movie.getDuration(), movie.getTimescale()))
          .filter(Duration::isPositive)
          .or(() -> longest(List.of(movie.getTracks())));
    } catch (IOException | RuntimeException e) {
      // Whatever the parser stumbles over: these bytes are not a file that it can read.
      return Optional.empty();
    }
  }

  private static Optional<Duration> longest(List<TrakBox> tracks) {
    return tracks.stream()
        .filter(track -> track.getTimescale() > 0)
        .map(track -> seconds(track.getMediaDuration(), track.getTimescale()))
        .max(Duration::compareTo)
        .filter(Duration::isPositive);
  }

  private static Duration seconds(long duration, long timescale) {
    return Duration.ofMillis(Math.round(duration * 1000.0 / timescale));
  }
}
