package dev.understudy.core.ports;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** Makes forms with which a client uploads one file straight to the bucket. */
public interface UploadForms {

  /**
   * A form to post as {@code multipart/form-data}, with the file as its last part.
   *
   * @param url where to
   * @param fields the parts before the file; they carry a signature and are never logged
   */
  record Form(URI url, Map<String, String> fields) {

    /** Keeps the order of the fields. */
    public Form {
      fields = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(fields));
    }

    @Override
    public String toString() {
      return "Form[withheld]";
    }
  }

  /**
   * What may be uploaded.
   *
   * @param key the object's key
   * @param contentType the type that the object gets
   * @param leastBytes its least length
   * @param mostBytes its greatest length
   * @param life how long the form may be posted
   */
  record Upload(String key, String contentType, long leastBytes, long mostBytes, Duration life) {}

  /** Makes the form for one upload. */
  Form form(Upload upload);
}
