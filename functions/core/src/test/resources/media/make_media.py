#!/usr/bin/env python3
"""Makes the media of the tests, all of it drawn and sounded here: no photograph, no recording.

    python3 -m venv v && v/bin/pip install pillow imageio-ffmpeg
    v/bin/python functions/core/src/test/resources/media/make_media.py
"""

import pathlib
import subprocess

import imageio_ffmpeg
from PIL import Image, ImageDraw

HERE = pathlib.Path(__file__).resolve().parent
ORIENTATION = 274

PICTURE = ["-f", "lavfi", "-i", "testsrc=size=160x90:rate={rate}:duration={seconds}"]
SOUND = ["-f", "lavfi", "-i", "sine=frequency=300:sample_rate=44100:duration={seconds}"]
H264 = ["-c:v", "libx264", "-preset", "veryslow", "-crf", "40", "-pix_fmt", "yuv420p"]
AAC = ["-c:a", "aac", "-b:a", "24k"]
FRONT = ["-movflags", "+faststart"]


def ffmpeg(name, *arguments):
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments, "-fflags", "+bitexact", str(HERE / name)],
        check=True,
    )


def video(name, *arguments, rate="24", seconds="1", sound=True):
    sources = PICTURE + (SOUND if sound else [])
    ffmpeg(name, *[a.format(rate=rate, seconds=seconds) for a in sources], *arguments)


def still():
    picture = Image.new("RGB", (96, 64), "#30506f")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(8, 56), (48, 8), (88, 56)], fill="#f0c060")
    draw.ellipse((60, 6, 80, 26), fill="#c04040")
    return picture


def stills():
    def exif(orientation):
        notes = Image.Exif()
        notes[ORIENTATION] = orientation
        return notes

    picture = still()
    picture.save(HERE / "still.png")
    picture.save(HERE / "turned.png", exif=exif(3))
    picture.save(HERE / "still.jpg", quality=60)
    picture.save(HERE / "turned.jpg", quality=60, exif=exif(6))
    picture.save(HERE / "progressive.jpg", quality=60, progressive=True)
    picture.save(HERE / "still.webp", quality=50)
    picture.save(HERE / "lossless.webp", lossless=True)
    picture.save(HERE / "turned.webp", quality=50, exif=exif(8))
    picture.save(HERE / "still.gif")
    picture.save(HERE / "still.bmp")
    picture.save(HERE / "still.tiff", compression="tiff_lzw")
    picture.save(HERE / "still.avif", quality=40)


def videos():
    video("front.mp4", *H264, *AAC, *FRONT)
    video("end.mp4", *H264, *AAC)
    video("silent.mp4", *H264, *FRONT, sound=False)
    video("clip.mov", *H264, *AAC, "-timecode", "01:00:00:00")
    for rate, name in [("24000/1001", "23.976"), ("25", "25"), ("30000/1001", "29.97"), ("30", "30")]:
        video(f"fps-{name}.mp4", *H264, *FRONT, rate=rate, seconds="2", sound=False)
    video("fps-29.97.mov", *H264, rate="30000/1001", seconds="2", sound=False)
    ffmpeg("rotated.mp4", "-display_rotation", "-90", "-i", str(HERE / "front.mp4"), "-c", "copy", *FRONT)
    ffmpeg("rotated.mov", "-display_rotation", "90", "-i", str(HERE / "clip.mov"), "-c", "copy")
    ffmpeg("fragmented.mp4", "-i", str(HERE / "front.mp4"), "-c", "copy", "-movflags", "+frag_keyframe+empty_moov")
    ffmpeg("sound-only.mp4", *[a.format(seconds="1") for a in SOUND], *AAC)
    video("clip.3gp", *H264, *AAC)
    video("clip.mkv", *H264, *AAC)
    video("clip.webm", "-c:v", "libvpx", "-b:v", "50k", "-c:a", "libvorbis", "-b:a", "32k")
    video("clip.ogv", "-c:v", "libtheora", "-q:v", "1", sound=False)
    video("clip.avi", "-c:v", "mpeg4", "-q:v", "20", sound=False)
    video("clip.flv", *H264, sound=False)
    video("clip.wmv", "-c:v", "wmv2", "-q:v", "20", sound=False)
    video("clip.ts", *H264, sound=False)
    video("clip.mpg", "-c:v", "mpeg1video", "-q:v", "20", "-f", "vob", sound=False)


if __name__ == "__main__":
    stills()
    videos()
