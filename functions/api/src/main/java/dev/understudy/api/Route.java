package dev.understudy.api;

/**
 * One row of the table of routes.
 *
 * @param method the HTTP method
 * @param pattern the path below {@code /v1}; {@code {id}} stands for a task's id
 * @param access who may call it
 * @param action what it does
 */
record Route(String method, String pattern, Access access, Action action) {

  /** Who may call a route. */
  enum Access {
    /** Everybody, without a token; also beside {@code /v1}. */
    ANYONE,
    /** Every token. */
    TENANT,
    /** A token that may decide for the stack. */
    ADMIN
  }

  static Route open(String method, String pattern, Action action) {
    return new Route(method, pattern, Access.ANYONE, action);
  }

  static Route tenant(String method, String pattern, Action action) {
    return new Route(method, pattern, Access.TENANT, action);
  }

  static Route admin(String method, String pattern, Action action) {
    return new Route(method, pattern, Access.ADMIN, action);
  }

  /** Whether a body that comes with it is read, and has to be JSON. */
  boolean takesBody() {
    return method.equals("POST");
  }
}
