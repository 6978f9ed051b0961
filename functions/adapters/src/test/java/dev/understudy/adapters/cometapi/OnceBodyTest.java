package dev.understudy.adapters.cometapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

class OnceBodyTest {
  @Test
  void subscribe_shouldHandTheBytesOver_onlyOnce() {
    OnceBody body = new OnceBody(new byte[] {1, 2, 3});
    assertThat(body.handedOver()).isFalse();

    assertThat(collect(body).toCompletableFuture().join()).containsExactly(1, 2, 3);

    assertThat(body.handedOver()).isTrue();
    assertThatThrownBy(() -> collect(body).toCompletableFuture().join())
        .hasCauseInstanceOf(IOException.class)
        .hasMessageContaining("sent once");
  }

  private static CompletionStage<byte[]> collect(OnceBody body) {
    var bytes = BodySubscribers.ofByteArray();
    body.subscribe(
        new Flow.Subscriber<ByteBuffer>() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            bytes.onSubscribe(subscription);
          }

          @Override
          public void onNext(ByteBuffer item) {
            bytes.onNext(List.of(item));
          }

          @Override
          public void onError(Throwable failure) {
            bytes.onError(failure);
          }

          @Override
          public void onComplete() {
            bytes.onComplete();
          }
        });
    return bytes.getBody();
  }
}
