package dev.understudy.core.order;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys of the order form: {@code incoming/<folder>/task.json} and what belongs to it. */
public final class Folders {

  /** Where orders are uploaded. */
  public static final String INCOMING = "incoming/";

  /** The name of the form. */
  public static final String FORM = "task.json";

  private static final String OUTPUTS = "outputs/";

  private Folders() {}

  /** Whether a key is an order form: {@code incoming/<folder>/task.json} with any folder. */
  public static boolean isForm(String key) {
    return key.startsWith(INCOMING)
        && key.endsWith("/" + FORM)
        && key.length() > INCOMING.length() + FORM.length() + 1;
  }

  /** The folder of a form, without slashes at its ends. */
  public static String of(String formKey) {
    if (!isForm(formKey)) {
      throw new IllegalArgumentException("not the key of an order form");
    }
    return formKey.substring(INCOMING.length(), formKey.length() - FORM.length() - 1);
  }

  /** Where a folder's inputs lie, with a slash at the end. */
  public static String incoming(String folder) {
    return INCOMING + folder + "/";
  }

  /** Where a folder's results lie, with a slash at the end. */
  public static String outputs(String folder) {
    return OUTPUTS + folder + "/";
  }

  /**
   * The first part of a path that no folder or file may be called, or null: empty parts, {@code .},
   * {@code ..} and control characters make keys that tools read in different ways.
   */
  static @Nullable String badSegment(String path) {
    for (var segment : path.split("/", -1)) {
      if (segment.isEmpty()
          || segment.equals(".")
          || segment.equals("..")
          || segment.chars().anyMatch(Character::isISOControl)) {
        return segment;
      }
    }
    return null;
  }

  /**
   * The forms that may be waiting for a file: one in its own folder and one in each folder above.
   *
   * @param key the key of any object
   */
  public static List<String> formsAbove(String key) {
    var forms = new ArrayList<String>();
    if (key.startsWith(INCOMING)) {
      for (int slash = key.lastIndexOf('/');
          slash > INCOMING.length();
          slash = key.lastIndexOf('/', slash - 1)) {
        forms.add(key.substring(0, slash + 1) + FORM);
      }
    }
    return forms;
  }
}
