package dev.understudy.core.provider;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Every answer to the paid POST that proves that no task was created and nothing was charged, each
 * with the document that says so. What is not listed here is not proof: it leaves the submission
 * unknown.
 */
public enum DefiniteRefusal {
  BAD_REQUEST(
      Concerns.THE_REQUEST,
      400,
      null,
      "CometAPI docs, error codes: 400 is a validation failure; Runway docs, API errors: 400, input is not valid"),
  BODY_TOO_LARGE(
      Concerns.THE_REQUEST,
      413,
      null,
      "CometAPI docs, error codes: 413; RFC 9110 section 15.5.14: the server refuses to process the content"),
  UNPROCESSABLE(
      Concerns.THE_REQUEST,
      422,
      null,
      "RFC 9110 section 15.5.21: the server was unable to process the instructions"),
  INVALID_REQUEST(
      Concerns.THE_REQUEST,
      500,
      "invalid_request",
      "CometAPI docs, error codes: 500 with code invalid_request is about the request's shape"),
  RATE_LIMITED(
      Concerns.THE_MOMENT,
      429,
      null,
      "CometAPI docs, error codes and rate limits: 429 is answered before a task exists; Runway docs, API errors: 429"),
  NO_CHANNEL(
      Concerns.THE_MOMENT,
      503,
      "model_not_found",
      "QuantumNous/new-api, middleware/distributor.go: no channel serves the model at the moment, nothing was sent on"),
  UNAUTHORIZED(
      Concerns.THE_ACCOUNT,
      401,
      null,
      "CometAPI docs, error codes: 401, key missing or invalid; Runway docs, API errors: 401"),
  PAYMENT_REQUIRED(
      Concerns.THE_ACCOUNT, 402, null, "CometAPI docs, error codes: 402, access is blocked"),
  FORBIDDEN(
      Concerns.THE_ACCOUNT,
      403,
      null,
      "CometAPI docs, error codes: 403, firewall or model not allowed; QuantumNous/new-api: 403 insufficient_user_quota"),
  MOVED(
      Concerns.THE_ACCOUNT,
      301,
      null,
      "CometAPI docs, error codes: 301 or HTML is a wrong base URL or path; redirects are not followed"),
  NOT_FOUND(
      Concerns.THE_ACCOUNT,
      404,
      null,
      "RFC 9110 section 15.5.5: there is nothing at this path; Runway docs, API errors: 404"),
  /** At any other error status, since the gateway passes Runway's answer on under its own. */
  VALIDATION(
      Concerns.THE_REQUEST,
      null,
      null,
      "runwayml/openapi: {error, issues[]} is the answer of Runway's request validation");

  /** What has to change before a POST can succeed. */
  public enum Concerns {
    /** This request: another may pass. */
    THE_REQUEST,
    /** The moment: the same request may pass later. */
    THE_MOMENT,
    /** The key, the balance or the address: every other request will meet the same. */
    THE_ACCOUNT
  }

  private final Concerns concerns;
  private final @Nullable Integer status;
  private final @Nullable String code;
  private final String source;

  DefiniteRefusal(
      Concerns concerns, @Nullable Integer status, @Nullable String code, String source) {
    this.concerns = concerns;
    this.status = status;
    this.code = code;
    this.source = source;
  }

  /** What has to change before a POST can succeed. */
  public Concerns concerns() {
    return concerns;
  }

  /** Where it is written that this answer means no task was created. */
  public String source() {
    return source;
  }

  /** The refusal that an answer to the POST is, if it is a definite one. */
  static Optional<DefiniteRefusal> of(int answeredStatus, ProviderError error) {
    return Arrays.stream(values())
        .filter(refusal -> refusal.matches(answeredStatus, error))
        .findFirst();
  }

  private boolean matches(int answeredStatus, ProviderError error) {
    if (status == null) {
      return answeredStatus >= 400 && error.validation();
    }
    return status == answeredStatus && (code == null || error.hasCode(code));
  }
}
