package dev.understudy.simulator.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.simulator.provider.Content;
import dev.understudy.simulator.provider.Ratio;
import dev.understudy.simulator.provider.Studio.Order;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jcodec.common.DemuxerTrack;
import org.jcodec.common.model.Packet;
import org.jcodec.common.model.Size;
import org.jcodec.containers.mp4.demuxer.AbstractMP4DemuxerTrack;
import org.jcodec.containers.mp4.demuxer.MP4Demuxer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class FilmStudioTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void film_shouldHaveTheAskedPixelsAndLength_whenTheReferenceIsReadable(Ratio ratio)
      throws IOException {
    byte[] film = film("acting.mp4", ratio, true, true);

    MP4Demuxer demuxer = Films.demuxer(film);
    AbstractMP4DemuxerTrack picture = (AbstractMP4DemuxerTrack) demuxer.getVideoTrack();
    assertThat(demuxer.getMovie().getStoredSize())
        .isEqualTo(new Size(ratio.width(), ratio.height()));
    assertThat(picture.getFourcc()).isEqualTo("avc1");
    assertThat(picture.getFrameCount()).isEqualTo(Math.round(3.4 * 24));
    assertThat(seconds(demuxer)).isCloseTo(3.4, within(0.1));
    assertThat(packets(picture))
        .allSatisfy(frame -> assertThat(framesPerSecond(frame)).isEqualTo(24));
    assertThat(Films.boxes(film)).contains("ftyp", "moov", "mdat").endsWith("free");
  }

  @ParameterizedTest
  @CsvSource({"acting.mp4", "acting.mov"})
  void film_shouldCarryTheReferencesSoundUnchanged_whenItIsAac(String name) throws IOException {
    byte[] film = film(name, Ratio.SQUARE, true, true);

    List<Packet> sound = packets(sound(film));
    List<Packet> original = packets(sound(Films.resource(name)));
    assertThat(sound.size()).isBetween(original.size() - 2, original.size());
    for (int i = 0; i < sound.size(); i++) {
      assertThat(sound.get(i).getData()).isEqualTo(original.get(i).getData());
      assertThat(sound.get(i).getDuration()).isEqualTo(original.get(i).getDuration());
    }
    assertThat(sound(film).getSampleEntries()[0].toString())
        .contains("esds")
        .doesNotContain("wave");
    assertThat(packets((AbstractMP4DemuxerTrack) Films.demuxer(film).getVideoTrack()))
        .hasSize(Math.round(3.4f * 24));
  }

  @Test
  void frames_shouldRepeatTheClipFromItsKeyFrame_whenTheReferenceIsLonger() throws IOException {
    List<Packet> frames =
        packets(
            (AbstractMP4DemuxerTrack)
                Films.demuxer(film("acting.mp4", Ratio.WIDE, true, true)).getVideoTrack());

    assertThat(frames.get(0).isKeyFrame()).isTrue();
    assertThat(frames.get(48).isKeyFrame()).isTrue();
    assertThat(frames.get(48).getData()).isEqualTo(frames.get(0).getData());
    assertThat(frames.stream().filter(Packet::isKeyFrame)).hasSize(2);
  }

  @Test
  void film_shouldBeSilentAndFiveSeconds_whenTheReferenceCannotBeRead() throws IOException {
    Path nonsense = Files.writeString(folder.resolve("nonsense.bin"), "not a video at all");
    Reference reference = new Reference(nonsense);

    byte[] film = render(new Order("a", reference, Ratio.TALL, true, true));

    assertThat(reference.length()).isEmpty();
    assertThat(seconds(Films.demuxer(film))).isEqualTo(5.0);
    assertThat(Films.demuxer(film).getAudioTracks()).isEmpty();
  }

  @Test
  void film_shouldBeSilent_whenTheReferenceIsOrTheOrderAsksForIt() throws IOException {
    assertThat(Films.demuxer(film("silent.mp4", Ratio.WIDE, true, true)).getAudioTracks())
        .isEmpty();
    assertThat(Films.demuxer(film("acting.mp4", Ratio.WIDE, true, false)).getAudioTracks())
        .isEmpty();
  }

  @Test
  void film_shouldHaveNoPictureButBeWhole_whenTheOrderAsksForIt() throws IOException {
    byte[] soundOnly = film("acting.mp4", Ratio.WIDE, false, true);
    byte[] nothing = film("silent.mp4", Ratio.WIDE, false, true);

    assertThat(Films.demuxer(soundOnly).getVideoTrack()).isNull();
    assertThat(Films.demuxer(soundOnly).getAudioTracks()).hasSize(1);
    assertThat(Films.boxes(nothing)).contains("moov");
    assertThat(Films.demuxer(nothing).getTracks()).isEmpty();
  }

  @Test
  void film_shouldNameItsTaskAndStayTheSame_whenItIsRenderedAgain() throws IOException {
    Reference reference = reference("acting.mp4");
    Order order = new Order("task-1", reference, Ratio.WIDE, true, true);

    byte[] first = render(order);
    byte[] again = render(order);
    byte[] other = render(new Order("task-2", reference, Ratio.WIDE, true, true));

    assertThat(again).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
    assertThat(new String(first, StandardCharsets.ISO_8859_1)).endsWith("of task task-1");
  }

  @Test
  void reference_shouldKnowItsLength_whenItIsAnMp4OrQuickTimeFile() throws IOException {
    assertThat(reference("acting.mp4").length().orElseThrow())
        .isBetween(Duration.ofMillis(3350), Duration.ofMillis(3450));
    assertThat(reference("acting.mov").length().orElseThrow())
        .isBetween(Duration.ofMillis(3350), Duration.ofMillis(3450));
    assertThat(reference("short.mp4").length()).contains(Duration.ofSeconds(2));
  }

  @Test
  void reference_shouldBeUnreadable_whenItsBytesAreCut() throws IOException {
    byte[] whole = Films.resource("acting.mp4");
    for (int length : List.of(0, 7, 40, whole.length / 2)) {
      Path cut = folder.resolve("cut-" + length);
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThat(new Reference(cut).length()).as("%d bytes", length).isEmpty();
    }
  }

  private byte[] film(String reference, Ratio ratio, boolean picture, boolean sound)
      throws IOException {
    return render(
        new Order(
            "task-of-" + reference.replace('.', '-'), reference(reference), ratio, picture, sound));
  }

  private byte[] render(Order order) throws IOException {
    Content film = new FilmStudio(folder).render(order);
    byte[] bytes = Films.bytes(film);
    assertThat(film.length()).isEqualTo(bytes.length);
    return bytes;
  }

  private Reference reference(String name) throws IOException {
    Path copy = Files.createTempFile(folder, "reference-", ".bin");
    Files.write(copy, Films.resource(name));
    return new Reference(copy);
  }

  private static AbstractMP4DemuxerTrack sound(byte[] film) throws IOException {
    List<DemuxerTrack> tracks = Films.demuxer(film).getAudioTracks();
    assertThat(tracks).hasSize(1);
    return (AbstractMP4DemuxerTrack) tracks.getFirst();
  }

  private static List<Packet> packets(AbstractMP4DemuxerTrack track) throws IOException {
    List<Packet> packets = new ArrayList<>();
    for (Packet packet = track.nextFrame(); packet != null; packet = track.nextFrame()) {
      packets.add(packet);
    }
    return packets;
  }

  private static double seconds(MP4Demuxer demuxer) {
    return (double) demuxer.getMovie().getDuration() / demuxer.getMovie().getTimescale();
  }

  private static double framesPerSecond(Packet frame) {
    return (double) frame.getTimescale() / frame.getDuration();
  }
}
