#!/usr/bin/env python3
"""Draws the sample order: character.png (a cartoon person) and reference.mp4 (someone acting).

Everything is drawn and sounded here, from nothing: no photograph, no recording, no font. Run it with
Pillow and imageio-ffmpeg installed (python3 -m venv v && v/bin/pip install pillow imageio-ffmpeg):

    v/bin/python local/sample/make_sample.py
"""

import math
import pathlib
import struct
import subprocess
import tempfile
import wave

import imageio_ffmpeg
from PIL import Image, ImageDraw

HERE = pathlib.Path(__file__).resolve().parent
WIDTH, HEIGHT = 1280, 720
FPS, SECONDS, RATE = 24, 4, 44_100
SHARPER = 2  # drawn twice as large and scaled down: smooth edges

# One syllable per row: when it begins (s), how long it lasts (s), the voice's pitch (Hz), and the two
# strongest resonances of its vowel (Hz).
SYLLABLES = [
    (0.35, 0.30, 165, 700, 1220),
    (0.75, 0.22, 185, 390, 1990),
    (1.10, 0.40, 150, 570, 840),
    (1.85, 0.25, 200, 270, 2290),
    (2.20, 0.28, 175, 700, 1220),
    (2.60, 0.50, 140, 440, 1020),
]

CHARACTER = {"skin": "#f2c29b", "shade": "#dca57c", "hair": "#3d2b24", "shirt": "#2f6f8f", "back": "#e9eef2"}
ACTOR = {"skin": "#d9a27c", "shade": "#bd8560", "hair": "#8c3f2b", "shirt": "#b5533c", "back": "#f4e3c1"}


def person(look, mouth=0.0, tilt=0.0, brows=0.0, lids=0.0, sway=0.0, arm=0.0):
    """A head and shoulders; mouth, brows and lids 0..1, tilt in degrees, sway in pixels, arm 0..1."""
    k = SHARPER
    picture = Image.new("RGB", (WIDTH * k, HEIGHT * k), look["back"])
    draw = ImageDraw.Draw(picture)
    cx, cy = WIDTH / 2 + sway, 300

    def ellipse(x, y, rx, ry, fill):
        draw.ellipse([(x - rx) * k, (y - ry) * k, (x + rx) * k, (y + ry) * k], fill=fill)

    def turned(x, y):
        a = math.radians(tilt)
        dx, dy = x - cx, y - (cy + 170)
        return cx + dx * math.cos(a) - dy * math.sin(a), cy + 170 + dx * math.sin(a) + dy * math.cos(a)

    def shape(points, fill):
        draw.polygon([tuple(v * k for v in p) for p in points], fill=fill)

    def oval(x, y, rx, ry, fill):
        points = [(x + rx * math.cos(t * math.pi / 36), y + ry * math.sin(t * math.pi / 36)) for t in range(72)]
        shape([turned(*p) for p in points], fill)

    # shoulders, arm and neck stay; the head turns on the neck
    draw.rounded_rectangle(
        [(WIDTH / 2 - 270 + sway / 2) * k, 560 * k, (WIDTH / 2 + 270 + sway / 2) * k, 900 * k], 130 * k, fill=look["shirt"]
    )
    hand = (WIDTH / 2 + 360 + sway, 640 - 250 * arm)
    draw.line([(WIDTH / 2 + 230) * k, 660 * k, hand[0] * k, hand[1] * k], fill=look["shirt"], width=70 * k)
    ellipse(WIDTH / 2 + 230, 660, 35, 35, look["shirt"])
    ellipse(*hand, 42, 42, look["skin"])
    shape([(cx - 60, cy + 130), (cx + 60, cy + 130), (cx + 70, 600), (cx - 70, 600)], look["shade"])

    oval(cx, cy - 40, 185, 205, look["hair"])
    oval(cx - 165, cy + 15, 30, 45, look["shade"])
    oval(cx + 165, cy + 15, 30, 45, look["shade"])
    oval(cx, cy + 15, 160, 200, look["skin"])
    shape(
        [turned(x, y) for x, y in [(cx - 165, cy - 60), (cx - 120, cy - 175), (cx, cy - 215), (cx + 125, cy - 170), (cx + 165, cy - 60),
                                   (cx + 100, cy - 110), (cx, cy - 95), (cx - 90, cy - 120)]],
        look["hair"],
    )
    for side in (-1, 1):
        x = cx + side * 68
        oval(x, cy - 10, 34, 28, "#ffffff")
        oval(x + 3, cy - 8, 15, 15, "#3a2a20")
        oval(x + 8, cy - 14, 5, 5, "#ffffff")
        if lids > 0:
            shape([turned(*p) for p in [(x - 37, cy - 42), (x + 37, cy - 42), (x + 37, cy - 40 + 60 * lids), (x - 37, cy - 40 + 60 * lids)]], look["skin"])
        lift = 22 * brows
        shape([turned(*p) for p in [(x + side * 44, cy - 48 - lift), (x - side * 40, cy - 60 - lift), (x - side * 40, cy - 46 - lift), (x + side * 44, cy - 40 - lift)]], look["hair"])
        oval(cx + side * 105, cy + 75, 30, 18, look["shade"])
    oval(cx, cy + 50, 17, 24, look["shade"])
    if mouth <= 0.15:  # closed: a smile, the lower half of an oval
        oval(cx, cy + 112, 62, 24, "#7d2f2f")
        oval(cx, cy + 103, 68, 24, look["skin"])
    else:
        oval(cx, cy + 122, 62 - 14 * mouth, 7 + 42 * mouth, "#7d2f2f")
        oval(cx, cy + 122 - 28 * mouth, 38, 10 * mouth, "#ffffff")
        oval(cx, cy + 122 + 26 * mouth, 32, 16 * mouth, "#d4706c")
    return picture.resize((WIDTH, HEIGHT), Image.LANCZOS)


def loudness(t):
    """0..1, and the syllable that sounds at t."""
    for begin, lasts, *voice in SYLLABLES:
        if begin <= t < begin + lasts:
            return math.sin(math.pi * (t - begin) / lasts) ** 0.6, voice
    return 0.0, None


def write_voice(path):
    """A buzz shaped by two resonances per syllable: not a word, but a voice."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        phase = 0.0
        for n in range(RATE * SECONDS):
            t = n / RATE
            volume, voice = loudness(t)
            sample = 0.0
            if voice:
                pitch, first, second = voice
                pitch *= 1 + 0.02 * math.sin(2 * math.pi * 5 * t)
                phase += 2 * math.pi * pitch / RATE
                for harmonic in range(1, 18):
                    f = harmonic * pitch
                    weight = math.exp(-(((f - first) / 180) ** 2)) + 0.5 * math.exp(-(((f - second) / 220) ** 2)) + 0.05 / harmonic
                    sample += weight * math.sin(harmonic * phase)
            out.writeframesraw(struct.pack("<h", int(9_000 * volume * max(-2.5, min(2.5, sample)))))


def acting(frame):
    t = frame / FPS
    mouth, _ = loudness(t)
    blink = max(0.0, 1 - abs(t - 1.65) / 0.09) + max(0.0, 1 - abs(t - 3.3) / 0.09)
    return person(
        ACTOR,
        mouth=mouth,
        tilt=7 * math.sin(2 * math.pi * t / 4),
        brows=0.5 + 0.5 * math.sin(2 * math.pi * t / 2),
        lids=min(1.0, blink),
        sway=22 * math.sin(2 * math.pi * t / 4),
        arm=max(0.0, math.sin(2 * math.pi * (t - 1) / 4)) ** 2,
    )


def main():
    person(CHARACTER, mouth=0.0, brows=0.3).quantize(96).save(HERE / "character.png", optimize=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for frame in range(FPS * SECONDS):
            acting(frame).save(folder / f"{frame:03d}.png", compress_level=1)
        write_voice(folder / "voice.wav")
        subprocess.run(
            [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y",
             "-framerate", str(FPS), "-i", str(folder / "%03d.png"), "-i", str(folder / "voice.wav"),
             "-c:v", "libx264", "-preset", "veryslow", "-crf", "26", "-pix_fmt", "yuv420p",
             "-c:a", "aac", "-b:a", "64k", "-t", str(SECONDS), "-movflags", "+faststart",
             "-fflags", "+bitexact", "-map_metadata", "-1", str(HERE / "reference.mp4")],
            check=True,
        )


if __name__ == "__main__":
    main()
