package dev.understudy.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/**
 * The API as the owner of the stack uses it beside the bucket. What callers do is tested with
 * Runway's own clients, in {@code e2e/sdk}.
 *
 * @param token a bearer token of the tenant that orders by S3 belong to
 */
record Api(String token) {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** With the right to decide. */
  static Api ofTheAdministrator() {
    return new Api(Stack.variable("ADMIN_TOKEN"));
  }

  /** Without it. */
  static Api ofTheOwner() {
    return new Api(Stack.variable("API_TOKEN"));
  }

  /** Posts a document, which must be answered with 200. */
  JsonNode post(String path, String json) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(Stack.variable("API_URL") + path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build();
    try {
      HttpResponse<byte[]> answer = HTTP.send(request, BodyHandlers.ofByteArray());
      JsonNode body = Stack.json(answer.body());
      assertThat(answer.statusCode()).as("%s: %s", path, body).isEqualTo(200);
      return body;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
