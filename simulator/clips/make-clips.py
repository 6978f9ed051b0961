#!/usr/bin/env python3
"""Draws the clips that the simulated provider repeats to the length of a reference.

Needs Pillow and imageio-ffmpeg (`pip install pillow imageio-ffmpeg`, in a venv outside the project); the simulator itself needs neither:
the clips are committed. One clip per ratio: two seconds, 24 frames a second, H.264 without B-frames and with one key frame at the start, so
that it can be repeated and cut after any frame. The last frame leads back to the first.

    python3 simulator/clips/make-clips.py
"""
import math
import pathlib
import subprocess

import imageio_ffmpeg
from PIL import Image, ImageDraw, ImageFont

RATIOS = [(1280, 720), (720, 1280), (960, 960), (1104, 832), (832, 1104), (1584, 672)]
FRAMES = 48
TARGET = pathlib.Path(__file__).resolve().parent.parent / "src" / "main" / "resources" / "clips"


def frame(width, height, n):
    """A puppet on a stage that nods, blinks and speaks; everything is periodic in FRAMES."""
    turn = 2 * math.pi * n / FRAMES
    image = Image.new("RGB", (width, height), (34, 38, 58))
    draw = ImageDraw.Draw(image)
    unit = min(width, height) / 100
    cx, cy = width / 2 + 4 * unit * math.sin(turn), height / 2 + 2 * unit * math.cos(2 * turn)

    def ellipse(x, y, rx, ry, colour):
        draw.ellipse([cx + (x - rx) * unit, cy + (y - ry) * unit, cx + (x + rx) * unit, cy + (y + ry) * unit], fill=colour)

    draw.rectangle([0, height - 12 * unit, width, height], fill=(70, 52, 60))
    ellipse(0, 42, 30, 24, (60, 110, 140))  # shoulders
    ellipse(0, 0, 24, 28, (240, 200, 160))  # head
    ellipse(0, -22, 23, 10, (80, 50, 40))  # hair
    blink = 0.4 if n in (20, 21, 22) else 3.2
    for side in (-9, 9):
        ellipse(side, -4, 4.2, blink, (255, 255, 255))
        if blink > 1:
            ellipse(side + 1.2 * math.sin(turn), -4, 1.8, 1.8, (30, 30, 30))
    ellipse(0, 14, 8, 1.2 + 3.4 * abs(math.sin(3 * turn)), (150, 40, 50))  # mouth
    font = ImageFont.load_default(size=max(14, int(4 * unit)))
    draw.text((3 * unit, 3 * unit), "SIMULATED PERFORMANCE", fill=(200, 205, 225), font=font)
    return image


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    for width, height in RATIOS:
        path = TARGET / f"{width}x{height}.mp4"
        command = [
            imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error",
            "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", "24", "-i", "-",
            "-c:v", "libx264", "-preset", "veryslow", "-crf", "30", "-bf", "0", "-g", str(FRAMES), "-keyint_min", str(FRAMES), "-sc_threshold", "0",
            "-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
            "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart", str(path),
        ]
        encoder = subprocess.Popen(command, stdin=subprocess.PIPE)
        for n in range(FRAMES):
            encoder.stdin.write(frame(width, height, n).tobytes())
        encoder.stdin.close()
        if encoder.wait() != 0:
            raise SystemExit(f"the encoder failed on {path.name}")
        print(path.name, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
