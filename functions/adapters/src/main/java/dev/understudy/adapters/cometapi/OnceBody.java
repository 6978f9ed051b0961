package dev.understudy.adapters.cometapi;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request body that is handed to one connection only, whatever the HTTP client believes may be
 * repeated, and that knows whether any of it was handed over.
 */
final class OnceBody implements HttpRequest.BodyPublisher {
  private final HttpRequest.BodyPublisher bytes;
  private final AtomicBoolean taken = new AtomicBoolean();
  private volatile boolean handedOver;

  OnceBody(byte[] bytes) {
    this.bytes = HttpRequest.BodyPublishers.ofByteArray(bytes);
  }

  /** Whether a byte may have been sent; false is certain. */
  boolean handedOver() {
    return handedOver;
  }

  @Override
  public long contentLength() {
    return bytes.contentLength();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> connection) {
    if (taken.compareAndSet(false, true)) {
      bytes.subscribe(new Watched(connection));
    } else {
      connection.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {}
          });
      connection.onError(new IOException("a paid request is sent once"));
    }
  }

  private final class Watched implements Flow.Subscriber<ByteBuffer> {
    private final Flow.Subscriber<? super ByteBuffer> connection;

    Watched(Flow.Subscriber<? super ByteBuffer> connection) {
      this.connection = connection;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      connection.onSubscribe(subscription);
    }

    @Override
    public void onNext(ByteBuffer bytes) {
      handedOver = true;
      connection.onNext(bytes);
    }

    @Override
    public void onError(Throwable failure) {
      connection.onError(failure);
    }

    @Override
    public void onComplete() {
      connection.onComplete();
    }
  }
}
