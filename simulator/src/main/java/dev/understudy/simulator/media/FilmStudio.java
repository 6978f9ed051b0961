package dev.understudy.simulator.media;

import dev.understudy.simulator.provider.Content;
import dev.understudy.simulator.provider.Ratio;
import dev.understudy.simulator.provider.Studio;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jcodec.codecs.mpeg4.mp4.EsdsBox;
import org.jcodec.common.DemuxerTrack;
import org.jcodec.common.io.ByteBufferSeekableByteChannel;
import org.jcodec.common.io.FileChannelWrapper;
import org.jcodec.common.io.NIOUtils;
import org.jcodec.common.io.SeekableByteChannel;
import org.jcodec.common.model.Packet;
import org.jcodec.common.model.Rational;
import org.jcodec.common.model.Unit;
import org.jcodec.containers.mp4.Brand;
import org.jcodec.containers.mp4.MP4TrackType;
import org.jcodec.containers.mp4.boxes.AudioSampleEntry;
import org.jcodec.containers.mp4.boxes.Box;
import org.jcodec.containers.mp4.boxes.MovieBox;
import org.jcodec.containers.mp4.boxes.MovieHeaderBox;
import org.jcodec.containers.mp4.boxes.NodeBox;
import org.jcodec.containers.mp4.boxes.SampleEntry;
import org.jcodec.containers.mp4.demuxer.AbstractMP4DemuxerTrack;
import org.jcodec.containers.mp4.demuxer.MP4Demuxer;
import org.jcodec.containers.mp4.muxer.MP4Muxer;
import org.jcodec.containers.mp4.muxer.MP4MuxerTrack;
import org.jspecify.annotations.Nullable;

/**
 * Makes playable videos without an encoder: a pre-encoded clip of the ratio is repeated to the
 * reference's length, and the reference's AAC sound is copied. A free box at the end of the file
 * names the task, so that no two outputs are the same.
 */
public final class FilmStudio implements Studio {
  private static final int FRAMES_PER_SECOND = 24;

  /** Of the output of a reference that cannot be read. */
  private static final Duration USUAL_LENGTH = Duration.ofSeconds(5);

  private static final Rational CHUNK_SECONDS = new Rational(1, 2);

  /** A track of a file: what its samples are, and the samples. */
  private record Samples(SampleEntry entry, int timescale, List<Packet> packets) {
    double secondsAt(long time) {
      return (double) time / timescale;
    }
  }

  private final Path folder;

  /**
   * A studio that keeps its films in a folder.
   *
   * @param folder exists and is the simulator's own
   */
  public FilmStudio(Path folder) {
    this.folder = folder;
  }

  @Override
  public Content render(Order order) throws IOException {
    Path film =
        folder.resolve(
            "film-%s-%dx%d-%s-%s.mp4"
                .formatted(
                    order.taskId(),
                    order.ratio().width(),
                    order.ratio().height(),
                    order.picture(),
                    order.sound()));
    if (!Files.exists(film)) {
      Path draft = Files.createTempFile(folder, "draft-", ".mp4");
      try (FileChannelWrapper out = NIOUtils.writableChannel(draft.toFile())) {
        write(order, out);
      }
      Files.move(draft, film, StandardCopyOption.ATOMIC_MOVE);
    }
    return file(film);
  }

  @Override
  public void clear() {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".mp4")).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(Order order, SeekableByteChannel out) throws IOException {
    Duration length = order.reference().length().orElse(USUAL_LENGTH);
    MP4Muxer muxer = MP4Muxer.createMP4Muxer(out, Brand.MP4);
    Samples sound = order.sound() ? sound(order).orElse(null) : null;
    Samples picture = order.picture() ? picture(order.ratio(), length) : null;
    MP4MuxerTrack soundTrack = null;
    MP4MuxerTrack pictureTrack = null;
    if (picture != null) {
      pictureTrack = track(muxer, MP4TrackType.VIDEO, picture);
    }
    if (sound != null) {
      soundTrack = track(muxer, MP4TrackType.SOUND, sound);
    }
    if (picture == null && sound == null) {
      // The muxer refuses a file without tracks, which is exactly what is asked for here.
      MovieBox movie = MovieBox.createMovieBox();
      movie.addFirst(
          MovieHeaderBox.createMovieHeaderBox(1000, length.toMillis(), 1, 1, 0, 0, new int[9], 1));
      muxer.storeHeader(movie);
    } else {
      interleave(picture, pictureTrack, sound, soundTrack, length);
      muxer.finish();
    }
    out.setPosition(out.size());
    out.write(label("simulated performance of task " + order.taskId()));
  }

  private static ByteBuffer label(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + bytes.length)
        .putInt(8 + bytes.length)
        .put("free".getBytes(StandardCharsets.US_ASCII))
        .put(bytes)
        .flip();
  }

  private static MP4MuxerTrack track(MP4Muxer muxer, MP4TrackType type, Samples samples) {
    MP4MuxerTrack track = muxer.addTrack(new MP4MuxerTrack(muxer.getNextTrackId(), type));
    track.addSampleEntry(samples.entry());
    track.setTgtChunkDuration(CHUNK_SECONDS, Unit.SEC);
    return track;
  }

  /** Adds all samples in the order of their times, so that the file plays while it loads. */
  private static void interleave(
      @Nullable Samples picture,
      @Nullable MP4MuxerTrack pictureTrack,
      @Nullable Samples sound,
      @Nullable MP4MuxerTrack soundTrack,
      Duration length)
      throws IOException {
    double end = length.toMillis() / 1000.0;
    int next = 0;
    long soundTime = 0;
    if (picture != null && pictureTrack != null) {
      long time = 0;
      for (Packet frame : picture.packets()) {
        while (sound != null
            && soundTrack != null
            && next < sound.packets().size()
            && sound.secondsAt(soundTime) <= picture.secondsAt(time)
            && sound.secondsAt(soundTime) < end) {
          soundTime = add(soundTrack, sound.packets().get(next++), soundTime);
        }
        time = add(pictureTrack, frame, time);
      }
    }
    while (sound != null
        && soundTrack != null
        && next < sound.packets().size()
        && sound.secondsAt(soundTime) < end) {
      soundTime = add(soundTrack, sound.packets().get(next++), soundTime);
    }
  }

  private static long add(MP4MuxerTrack track, Packet packet, long time) throws IOException {
    track.addFrameInternal(
        Packet.createPacket(
            packet.getData().duplicate(),
            time,
            packet.getTimescale(),
            packet.getDuration(),
            packet.getFrameNo(),
            packet.getFrameType(),
            null),
        1);
    return time + packet.getDuration();
  }

  private Samples picture(Ratio ratio, Duration length) {
    Samples clip = clip(ratio);
    int frames = Math.max(1, Math.round(length.toMillis() * FRAMES_PER_SECOND / 1000f));
    List<Packet> repeated = new ArrayList<>(frames);
    for (int frame = 0; frame < frames; frame++) {
      repeated.add(clip.packets().get(frame % clip.packets().size()));
    }
    return new Samples(clip.entry(), clip.timescale(), repeated);
  }

  private static Samples clip(Ratio ratio) {
    String name = "/clips/%dx%d.mp4".formatted(ratio.width(), ratio.height());
    try (InputStream in = FilmStudio.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("The clip " + name + " is missing from the jar.");
      }
      DemuxerTrack track =
          MP4Demuxer.createRawMP4Demuxer(
                  ByteBufferSeekableByteChannel.readFromByteBuffer(
                      ByteBuffer.wrap(in.readAllBytes())))
              .getVideoTrack();
      return samples((AbstractMP4DemuxerTrack) track);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The reference's AAC sound; none if it has none, or another kind, or cannot be read. */
  private static Optional<Samples> sound(Order order) {
    if (!(order.reference() instanceof Reference reference)
        || reference.length().isEmpty()
        || !Files.exists(reference.file())) {
      return Optional.empty();
    }
    try (FileChannelWrapper in = NIOUtils.readableChannel(reference.file().toFile())) {
      for (DemuxerTrack track : MP4Demuxer.createRawMP4Demuxer(in).getAudioTracks()) {
        if (track instanceof AbstractMP4DemuxerTrack audio && "mp4a".equals(audio.getFourcc())) {
          Samples samples = samples(audio);
          return plainEntry(samples.entry())
              .map(entry -> new Samples(entry, samples.timescale(), samples.packets()));
        }
      }
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      // Whatever the parser stumbles over: the film is silent then, as the documentation says.
      return Optional.empty();
    }
  }

  /**
   * QuickTime files describe AAC in an older way than MP4 files may: written anew as MP4 has it.
   */
  private static Optional<SampleEntry> plainEntry(SampleEntry entry) {
    Box[] descriptions = NodeBox.findDeep(entry, Box.class, EsdsBox.fourcc());
    if (!(entry instanceof AudioSampleEntry audio) || descriptions.length == 0) {
      return Optional.empty();
    }
    AudioSampleEntry plain =
        AudioSampleEntry.compressedAudioSampleEntry(
            "mp4a", 1, 16, audio.getChannelCount(), Math.round(audio.getSampleRate()), 0, 0, 0);
    plain.add(descriptions[0]);
    return Optional.of(plain);
  }

  private static Samples samples(AbstractMP4DemuxerTrack track) throws IOException {
    List<Packet> packets = new ArrayList<>();
    for (Packet packet = track.nextFrame(); packet != null; packet = track.nextFrame()) {
      packets.add(packet);
    }
    return new Samples(track.getSampleEntries()[0], Math.toIntExact(track.getTimescale()), packets);
  }

  private static Content file(Path path) throws IOException {
    long length = Files.size(path);
    return new Content() {
      @Override
      public long length() {
        return length;
      }

      @Override
      public InputStream open() throws IOException {
        try {
          return Files.newInputStream(path);
        } catch (NoSuchFileException e) {
          throw new IOException("The simulator was reset in between.", e);
        }
      }
    };
  }
}
