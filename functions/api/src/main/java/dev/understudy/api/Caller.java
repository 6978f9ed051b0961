package dev.understudy.api;

import dev.understudy.core.task.Task;

/**
 * Who calls.
 *
 * @param tenant the tenant
 * @param admin whether the token may decide for the stack
 * @param token the token's name, not the token
 */
record Caller(String tenant, boolean admin, String token) {

  /** Somebody without a token, on the routes that need none. */
  static final Caller ANYONE = new Caller("", false, "");

  /** Whether this task exists for the caller: it is its tenant's, or the caller is an admin. */
  boolean sees(Task task) {
    return admin || task.tenant().equals(tenant);
  }

  /** Who it is, for a history. */
  String who() {
    return "token %s of %s".formatted(token, tenant);
  }
}
