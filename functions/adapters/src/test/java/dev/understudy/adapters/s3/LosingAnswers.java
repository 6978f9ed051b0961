package dev.understudy.adapters.s3;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.S3Client;

/** A client that completes uploads and then loses the answer. */
final class LosingAnswers {

  private final S3Client s3;
  private int completions;

  LosingAnswers(S3Client s3) {
    this.s3 = s3;
  }

  int completions() {
    return completions;
  }

  S3Client client() {
    return (S3Client)
        Proxy.newProxyInstance(
            S3Client.class.getClassLoader(),
            new Class<?>[] {S3Client.class},
            (proxy, method, arguments) -> {
              try {
                var answer = method.invoke(s3, arguments);
                if (method.getName().equals("completeMultipartUpload")) {
                  completions++;
                  throw SdkClientException.create("the connection was reset");
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
