package dev.understudy.simulator.provider;

/** The bodies in which errors were seen. */
enum ErrorStyle {
  /** The gateway's own, {@code {"error": {"message", "type", "code"}}}. */
  OPENAI,
  /** The gateway's task routes, {@code {"code", "message", "data": null}}. */
  TASK,
  /** Runway's, passed through: {@code {"error", "issues"?}}. */
  RUNWAY,
  /** The gateway's older routes, {@code {"code": <number>, "msg", "data", "exec_time"}}. */
  COMPAT,
  /** A web page. */
  HTML,
  /** No body. */
  EMPTY,
  /** 200 whose body has the code as its status; only for {@code task_not_exist}. */
  STATUS;

  static ErrorStyle named(String name) {
    return Named.find(ErrorStyle.class, name);
  }
}
