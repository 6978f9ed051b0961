package dev.understudy.api;

/** What a route does. */
interface Action {

  /**
   * Answers a call.
   *
   * @param call the request
   * @param caller who calls
   * @param id the id in the path; empty where the route has none
   * @throws Refused for an answer that is an error
   */
  Answer answer(Call call, Caller caller, String id);
}
