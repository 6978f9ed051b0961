package dev.understudy.simulator.provider;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A valid request.
 *
 * @param character an image or a video
 * @param characterKind which of the two
 * @param reference the video of someone acting
 * @param ratio of the output; Runway's default if none was sent
 * @param seed 0 to 4294967295; null: none was sent
 * @param model as sent
 */
public record PerformanceRequest(
    URI character,
    MediaKind characterKind,
    URI reference,
    Ratio ratio,
    @Nullable Long seed,
    String model) {}
