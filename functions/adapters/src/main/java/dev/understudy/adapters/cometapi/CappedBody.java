package dev.understudy.adapters.cometapi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Collects an answer's body as UTF-8 text; what goes beyond the limit is dropped unread. */
final class CappedBody implements HttpResponse.BodySubscriber<CappedBody.Text> {

  /** The text, and whether there was more. */
  record Text(String text, boolean cut) {}

  private final int limit;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CompletableFuture<Text> text = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  CappedBody(int limit) {
    this.limit = limit;
  }

  @Override
  public CompletionStage<Text> getBody() {
    return text.minimalCompletionStage();
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      byte[] some = new byte[Math.min(buffer.remaining(), limit - bytes.size())];
      buffer.get(some);
      bytes.writeBytes(some);
      if (buffer.hasRemaining()) {
        if (subscription != null) {
          subscription.cancel();
        }
        complete(true);
        return;
      }
    }
  }

  @Override
  public void onError(Throwable failure) {
    text.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    complete(false);
  }

  private void complete(boolean cut) {
    text.complete(new Text(bytes.toString(UTF_8), cut));
  }
}
