package dev.understudy.simulator.provider;

/** Where and how a finished task names its output; all of these were seen in the wild. */
enum OutputForm {
  /** {@code output: ["https://…"]}, as Runway documents it. */
  LIST,
  /** {@code output: "https://…"}. */
  STRING,
  /** {@code output: [{"url": "https://…"}]}. */
  OBJECTS,
  /** {@code result_url}, as newer gateways have it. */
  RESULT_URL,
  /** {@code video_url}, as the gateway's other video routes have it. */
  VIDEO_URL,
  /** {@code fail_reason} of a successful task, as older gateways had it. */
  FAIL_REASON;

  static OutputForm named(String name) {
    return Named.find(OutputForm.class, name);
  }
}
