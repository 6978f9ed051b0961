package dev.understudy.api;

import java.util.Map;

/** GET /health: the function runs. It asks nobody, so that anybody may ask it. */
final class Health implements Action {

  @Override
  public Answer answer(Call call, Caller caller, String id) {
    return Answer.ok(Map.of("status", "ok"));
  }
}
